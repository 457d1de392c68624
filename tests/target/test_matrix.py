"""One set of bits over compilers, optimisation levels, instruction sets and sanitizers."""

import shutil

import pytest

from tinycl.bits import equal
from tinycl.errors import EnvironmentFault
from tinycl.golden.catalogue import catalogue
from tinycl.golden.folder import default_folder, path_of
from tinycl.golden.store import read
from tinycl.target.build import Recipe
from tinycl.target.host import HostTarget

LEVELS = ("-O0", "-O1", "-O2", "-O3")


def different(recipe, cores=3):
    """Return the golden cases on which a build differs."""
    if shutil.which(recipe.compiler) is None:
        pytest.skip(f"{recipe.compiler} is not installed (Debian: apt install {recipe.compiler})")
    target = HostTarget(recipe)
    wrong = []
    for name in catalogue():
        golden = read(path_of(default_folder(), name))
        run = target.run(
            golden.plan, golden.inputs, contract=golden.contract, cores=cores, timeout=120
        )
        got = run.tensors()
        assert got.keys() == golden.tensors.keys()
        if not all(equal(got[k], v) for k, v in golden.tensors.items()):
            wrong.append(name)
    target.close()
    return wrong


@pytest.mark.parametrize("native", [True, False], ids=["native", "generic"])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_every_build_gives_the_same_bits(compiler, level, native):
    assert different(Recipe("host", compiler, level, native)) == []


SANITIZERS = {
    "gcc": ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"),
    # clang's sanitizer runtime is a package of its own; trapping needs none
    "clang": ("-fsanitize=undefined", "-fsanitize-trap=undefined", "-g"),
}


@pytest.mark.parametrize("compiler", SANITIZERS)
def test_sanitizers_find_nothing(compiler):
    assert different(Recipe("host", compiler, "-O1", True, SANITIZERS[compiler])) == []


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("-ffp-contract=fast", "contracts a product and a sum"),
        ("-ffast-math", "zero|contracts a product and a sum"),
    ],
    ids=["contraction", "fast-math"],
)
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_a_build_that_bends_the_arithmetic_is_caught(compiler, flag, told):
    with pytest.raises(EnvironmentFault, match=told):
        different(Recipe("host", compiler, "-O2", True, (flag,)))

"""What the compiler made of it: nothing contracted, nothing reordered, nothing stale."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from numba import njit

from tinycl.fast import registry
from tinycl.fast.native import fma

THREE = tuple(np.float32(v) for v in (1.0 + 2.0**-12, 1.0 + 2.0**-12, -(1.0 + 2.0**-11)))


def assembly(function):
    (text,) = function.inspect_asm().values()
    return text


def test_a_product_and_a_sum_stay_apart():
    @njit
    def two_roundings(a, b, c):
        return a * b + c

    assert two_roundings(*THREE) == 0
    assert "fmadd" not in assembly(two_roundings)


def test_fma_rounds_once():
    @njit
    def one_rounding(a, b, c):
        return fma(a, b, c)

    assert one_rounding(*THREE) == np.float32(2.0**-24)
    text = assembly(one_rounding)
    assert re.search(r"vfmadd|fmadd|fmaf", text)


def test_sums_are_not_reordered():
    @njit
    def total(x):
        s = np.float32(0)
        for v in x:
            s += v
        return s

    rng = np.random.default_rng(1)
    x = rng.standard_normal(4097).astype(np.float32)
    s = np.float32(0)
    for v in x:
        s = np.float32(s + v)
    assert total(x) == s
    assert not re.search(r"v?addps", assembly(total))


def test_the_cache_follows_every_source(tmp_path):
    source = tmp_path / "fast"
    source.mkdir()
    for name in ("native.py", "kernels.py"):
        (source / name).write_text(f"# {name}\n")
    before = registry.sources_hash(source)
    assert registry.sources_hash(source) == before
    (source / "native.py").write_text("# a changed intrinsic\n")
    assert registry.sources_hash(source) != before


PROBE = """
import numpy as np, tinycl
from tinycl.golden.catalogue.case import one_operation
a, b, c = (np.array([v], np.float32) for v in (1 + 2.0**-12, 1 + 2.0**-12, -(1 + 2.0**-11)))
plan, data = one_operation("mac", {"a": a, "b": b, "c": c}, {})
print(tinycl.bits.to_hex(tinycl.run(plan, data, target="numba").outputs["y"]))
"""


def probe(package, cache):
    env = {**os.environ, "PYTHONPATH": str(package), "TINYCL_CACHE": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env=env, cwd=package, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_changed_intrinsic_is_compiled_anew(tmp_path):
    """Numba's own cache would not notice: the kernel's file stays, the intrinsic's file changes."""
    import shutil
    from pathlib import Path

    import tinycl

    package = tmp_path / "tinycl"
    shutil.copytree(Path(tinycl.__file__).parent, package)
    assert probe(tmp_path, tmp_path / "cache") == "33800000"
    assert probe(tmp_path, tmp_path / "cache") == "33800000"
    native = package / "fast" / "native.py"
    text = native.read_text()
    assert "builder.fma(*args)" in text
    native.write_text(
        text.replace("builder.fma(*args)", "builder.fadd(builder.fmul(*args[:2]), args[2])")
    )
    assert probe(tmp_path, tmp_path / "cache") == "00000000"


def test_importing_the_package_imports_no_numba():
    code = "import sys, tinycl; tinycl.run; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("avx2", "neon")]


@pytest.mark.timeout(1200)  # the kernels of a training step are compiled anew
@pytest.mark.parametrize("vectors", ["none", *SLOW])
def test_other_tiles_give_the_same_bits(tmp_path, vectors):
    """Tiles of other CPUs, and a CPU without FMA: slower, and the same bits."""
    code = """
import numpy as np, tinycl
from tinycl.models import digits_training
from tinycl.data import digits
t, d = digits_training(), digits()
p = t.plan(1)
data = t.values(1) | t.stream(d.images, d.labels, 1)
a, b = tinycl.run(p, data, checked=False), tinycl.run(p, data, checked=False, target="numba")
print(all(tinycl.bits.equal(v, b.outputs[k]) for k, v in a.outputs.items()))
"""
    env = {**os.environ, "TINYCL_VECTORS": vectors, "TINYCL_CACHE": str(tmp_path)}
    if vectors == "none":
        env["NUMBA_CPU_NAME"], env["NUMBA_CPU_FEATURES"] = "generic", ""
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.stdout.strip() == "True", done.stderr

"""What is read out of c_ref's text is what its objects say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tinycl.errors import TargetError
from tinycl.ops import TABLE
from tinycl.target.build import source_folder
from tinycl.target.kernels import kernel_names, kernels_of_operations, weak_h

Symbols = dict[str, tuple[set[str], set[str]]]


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Symbols:
    """Of each object of src and runner: what it defines, and what it calls."""
    if not all(map(shutil.which, ("cc", "make", "nm"))):
        pytest.skip("needs a C compiler, make and nm")
    folder = tmp_path_factory.mktemp("build")
    command = ["make", "-s", "-C", str(source_folder()), "host", f"BUILD={folder}"]
    subprocess.run([*command, f"PYTHON={sys.executable}"], check=True)
    found: Symbols = {}
    for path in [*folder.glob("host/src/*.o"), *folder.glob("host/runner/calls_*.o")]:
        nm = ["nm", "-P", "-g", str(path)]
        rows = subprocess.run(nm, capture_output=True, text=True, check=True).stdout.split("\n")
        pairs = [row.split()[:2] for row in rows if row]
        defines = {name for name, kind in pairs if kind != "U"}
        found[path.name] = (defines, {name for name, kind in pairs if kind == "U"})
    return found


def test_every_kernel_is_named(objects: Symbols) -> None:
    defined = {name for defines, _ in objects.values() for name in defines}
    assert kernel_names(source_folder()) == sorted(n for n in defined if n.startswith("tinycl_"))
    for name in kernel_names(source_folder()):
        assert f"#pragma weak {name}\n" in weak_h(source_folder())


def test_every_operation_has_the_kernels_that_its_object_calls(objects: Symbols) -> None:
    found = kernels_of_operations(source_folder())
    assert sorted(found) == sorted(TABLE)
    assert all(found.values())
    of = {name: file for file, (defines, _) in objects.items() for name in defines}
    names = set(kernel_names(source_folder()))
    for file, (defines, calls) in objects.items():
        if file.startswith("calls_"):
            read = set().union(*(found[name.removeprefix("call_")] for name in defines))
            left, reached = list(calls & names), set()
            while left:
                name = left.pop()
                if name not in reached:
                    reached.add(name)
                    left += objects[of[name]][1] & names
            assert calls & names <= read
            direct = {of[name] for name in read}
            assert direct <= {of[name] for name in reached}


def test_some_operations_by_hand() -> None:
    found = kernels_of_operations(source_folder())
    assert found["conv2d_bias_grad"] == {"tinycl_conv2d_bias_grad"}
    assert found["channel_magnitudes"] == {"tinycl_magnitude_sum"}
    assert found["add"] == {"tinycl_add"}
    assert found["exp"] == {"tinycl_exp_each", "tinycl_exp"}
    assert found["random_uniform"] == {"tinycl_uniform", "tinycl_philox_block"}
    assert {"tinycl_walk", "tinycl_next"} < found["linear_sparse_input_grad"]
    assert "tinycl_add" not in found["exp"]


def test_a_folder_that_lacks_an_operation_is_told(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(source_folder(), tmp_path / "c_ref"))
    (folder / "runner" / "calls_linear.c").unlink()
    with pytest.raises(TargetError, match="defines call_linear_forward"):
        kernels_of_operations(folder)

"""SCHEMA.md says what is true, and its example runs."""

import re
import subprocess
import sys
from pathlib import Path

import h5py

from tinycl.contract import DEFAULT
from tinycl.golden.catalogue import catalogue
from tinycl.golden.folder import path_of
from tinycl.golden.make import make
from tinycl.golden.store import write

PAGE = (Path(__file__).parents[2] / "golden" / "SCHEMA.md").read_text()
NAME = "conv2d_forward/stride2_plain"


def test_the_example_runs_without_tinycl(tmp_path: Path) -> None:
    write(path_of(tmp_path / "golden", NAME), make(catalogue()[NAME]))
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert "import tinycl" not in example
    done = subprocess.run(
        [sys.executable, "-I", "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    golden = make(catalogue()[NAME])
    first = golden.tensors["output/y"].view("<u4").flat[0]
    assert NAME in done.stdout
    assert f"{first:08x}" in done.stdout


def test_the_attributes_are_those_of_the_page(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    write(path, make(catalogue()[NAME]))
    section = PAGE.partition("## Attributes")[2].partition("##")[0]
    with h5py.File(path) as stored:
        assert set(stored.attrs) == set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE))
        kinds = {name.partition("/")[0] for name in stored}
    assert kinds <= set(re.findall(r"^\| `(\w+)", PAGE.partition("## Datasets")[2], re.MULTILINE))


def test_contracts_are_those_of_the_page() -> None:
    assert "with\n`selection_order=heap`" in PAGE
    heap = DEFAULT.but(selection_order="heap")
    for name, case in catalogue().items():
        assert case.contract == (heap if "heap" in name.split("/")[1].split("_") else DEFAULT), name

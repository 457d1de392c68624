"""`tinycl diff`: two golden files."""

import json
from pathlib import Path

import h5py
import numpy as np

from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.golden.schema import seal
from tinycl.golden.store import read, write

NAME = "sgd/bare_plain"


def test_equal_files(tinycl, folder: Path) -> None:
    path = folder / f"{NAME}.h5"
    assert tinycl("diff", path, path) == (0, "4 tensors, all equal\n", "")
    said = tinycl("diff", "--json", path, path)
    assert json.loads(said.out) == {"headers": {}, "tensors": {}, "altered": {}, "inferred": {}}


def test_a_tensor_that_differs(tinycl, folder: Path) -> None:
    path, other = folder / f"{NAME}.h5", folder / "other.h5"
    golden = read(path)
    tensors = {k: v.copy() for k, v in golden.tensors.items()}
    tensors["output/w"][2, 1, 0] = np.nan
    write(other, seal(NAME, golden.plan, golden.inputs, tensors, golden.contract, golden.seed))
    said = tinycl("diff", path, other)
    assert said.code == 1
    for part in ("output/w", "i0=2 i1=1 i2=0", "7fc00000", "1 of 4 tensors differ"):
        assert part in said.out
    assert "altered" not in said.out


def test_headers_and_other_tensors(tinycl, folder: Path) -> None:
    other = folder / "clear/all_plain.h5"
    said = tinycl("diff", "--json", folder / f"{NAME}.h5", other)
    found = json.loads(said.out)
    assert said.code == 1
    assert set(found["headers"]) == {"name", "seed", "plan"}
    assert found["tensors"]["input/w"]["kind"] == "missing"
    assert found["tensors"]["input/x"]["kind"] == "unexpected"
    assert "name differs" in tinycl("diff", folder / f"{NAME}.h5", other).out


def test_an_altered_file_is_told(tinycl, folder: Path) -> None:
    path, other = folder / f"{NAME}.h5", folder / "other.h5"
    write(other, make(catalogue()[NAME]))
    with h5py.File(other, "r+") as stored:
        stored["input/g"][0, 0, 0] = 3
    said = tinycl("diff", path, other)
    assert said.code == 1
    assert f"{other}: the golden itself was altered: input/g" in said.out


def test_unreadable_files_are_2(tinycl, folder: Path) -> None:
    said = tinycl("diff", folder / f"{NAME}.h5", folder / "none.h5")
    assert said.code == 2
    assert "no such file" in said.err

"""A golden that was altered is told from one that cannot be read."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from tinycl.bits import DTYPES
from tinycl.golden.schema import CASE, Golden, expected_tensors
from tinycl.golden.store import read


def flip(path: Path, name: str, bit: int = 1) -> None:
    with h5py.File(path, "r+") as stored:
        value = stored[name][()]
        value.view(np.uint32).flat[0] ^= bit
        stored[name][...] = value


@pytest.mark.parametrize("bit", [1, 1 << 22, 1 << 31])
def test_a_flipped_bit_is_named(file: Path, bit: int) -> None:
    flip(file, "output/y", bit)
    golden = read(file)
    assert golden.altered == ("trace/0/main/00.linear_forward/y", "output/y")
    assert golden.runnable


def test_an_altered_input_cannot_be_run(file: Path) -> None:
    flip(file, "input/w")
    golden = read(file)
    assert golden.altered == ("input/w",)
    assert not golden.runnable


@pytest.mark.parametrize("attribute", ["name", "seed", "digest"])
def test_an_altered_head_is_noticed(file: Path, attribute: str) -> None:
    with h5py.File(file, "r+") as stored:
        value = {"name": np.bytes_("other/case_plain"), "seed": np.int64(1)}
        stored.attrs[attribute] = value.get(attribute, np.bytes_("0" * 64))
    assert read(file).altered == (CASE,)
    assert not read(file).runnable


def test_data_and_digest_altered_together_are_noticed(file: Path) -> None:
    with h5py.File(file, "r+") as stored:
        stored["input/x"].attrs["digest"] = np.bytes_("0" * 64)
    assert read(file).altered == ("input/x", CASE)


def test_an_altered_plan_is_noticed(file: Path, small: Golden) -> None:
    content = file.read_bytes()
    assert content.count(b'"role":"input"') == 3
    file.write_bytes(content.replace(b'"role":"input"', b'"role":"state"', 1))
    assert read(file).altered == (CASE,)


def test_expected_tensors_are_those_of_a_run(suite) -> None:
    for name, golden in suite.items():
        found = {
            key: ({v: k for k, v in DTYPES.items()}[value.dtype.type], value.shape)
            for key, value in golden.everything.items()
        }
        assert found == expected_tensors(golden.plan), name

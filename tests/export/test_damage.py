"""Exports that are cut, altered, mixed up, or not what their index says."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.goldens import same
from tinycl.errors import FileError
from tinycl.export import Expected, export, read_tensors
from tinycl.golden.schema import Golden


def spoilt(page: dict, place: int, **entry: object) -> dict:
    """An index with other entries in one tensor."""
    tensors = [dict(t) for t in page["tensors"]]
    tensors[place] |= entry
    return {**page, "tensors": tensors}


@pytest.fixture
def binary(tmp_path: Path, conv: Golden) -> Path:
    path = tmp_path / "a.bin"
    export(conv, path, "bin")
    return path


def refused(path: Path, golden: Golden) -> str:
    with pytest.raises(FileError) as error:
        read_tensors(path, Expected.of_golden(golden))
    return str(error.value)


CHANGES = {
    "not JSON": lambda page: None,
    "has no list 'tensors'": lambda page: [1],
    "byte_order is 'big'": lambda page: {**page, "byte_order": "big"},
    "bytes; its index says 7": lambda page: {**page, "bytes": 7},
    "tensor 1: 'input/x' is there twice": lambda page: {
        **page,
        "tensors": [page["tensors"][0], page["tensors"][0]],
    },
    "tensor 0: has no name": lambda page: spoilt(page, 0, name=3),
    "dtype 'float64' is not one of": lambda page: spoilt(page, 0, dtype="float64"),
    "shape [2, -1] is not": lambda page: spoilt(page, 0, shape=[2, -1]),
    "shape 'x' is not": lambda page: spoilt(page, 0, shape="x"),
    "shape [True, 2] is not": lambda page: spoilt(page, 0, shape=[True, 2]),
    "layout 'nhwc' is not one of": lambda page: spoilt(page, 0, layout="nhwc"),
    "do not fit shape": lambda page: spoilt(page, 0, bytes=8),
    "offset -4": lambda page: spoilt(page, 0, offset=-4),
    "(output/y): ends at byte": lambda page: spoilt(page, -1, offset=page["bytes"] - 4),
    "altered after it was written": lambda page: spoilt(page, 0, crc32="00000000"),
    "the index says None": lambda page: spoilt(page, 0, crc32=None),
}


@pytest.mark.parametrize("told", CHANGES)
def test_a_wrong_index(binary: Path, conv: Golden, told: str) -> None:
    index = binary.with_suffix(".json")
    page = CHANGES[told](json.loads(index.read_text()))
    index.write_text("{" if page is None else json.dumps(page))
    assert told in refused(binary, conv)
    assert str(index) in refused(binary, conv) or str(binary) in refused(binary, conv)


def test_missing_halves(binary: Path, conv: Golden) -> None:
    index = binary.with_suffix(".json")
    assert same(conv, read_tensors(index, Expected.of_golden(conv)).values)
    text = index.read_text()
    index.unlink()
    assert "a.json: cannot be read" in refused(binary, conv)
    index.write_text(text)
    binary.unlink()
    assert "a.bin: cannot be read" in refused(index, conv)


def test_a_flipped_bit_of_a_bin(binary: Path, conv: Golden) -> None:
    data = bytearray(binary.read_bytes())
    data[-1] ^= 1
    binary.write_bytes(data)
    assert "output/y): its words have CRC-32" in refused(binary, conv)
    binary.write_bytes(data[:-1])
    assert "was it cut short?" in refused(binary, conv)


@given(data=st.data())
def test_a_spoilt_npz_is_refused_or_the_same(data, conv, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("x") / "a.npz"
    export(conv, path, "npz", tensors=["output/y", "input/w"])
    good = path.read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    cut = data.draw(st.booleans())
    flipped = good[at] ^ (1 << data.draw(st.integers(0, 7)))
    path.write_bytes(good[:at] + (b"" if cut else bytes([flipped]) + good[at + 1 :]))
    expected = Expected.of_golden(conv).only(["output/y", "input/w"])
    try:
        found = read_tensors(path, expected).values
    except FileError:
        return
    assert not cut
    for name in set(found) & set(expected.values):  # the flip was in a name, or in nobody's bytes
        assert np.array_equal(found[name], expected.values[name])


def test_other_npz(tmp_path: Path, conv: Golden) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(b"")
    assert "not an .npz" in refused(path, conv)
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    assert "one array and no names" in refused(path, conv)
    np.savez(path, **{"output/y": np.array([None])})
    assert "not an .npz, or damaged" in refused(path, conv)
    np.savez(path, layout=np.array("nchw"))
    assert "layout is nchw" in refused(path, conv)


def test_layouts_that_contradict(tmp_path: Path, conv: Golden) -> None:
    for suffix, form in ((".npz", "npz"), (".bin", "bin")):
        path = tmp_path / f"a{suffix}"
        export(conv, path, form, layout="hwc")
        with pytest.raises(FileError, match="says that it is hwc; leave --layout chw out"):
            read_tensors(path, Expected.of_golden(conv), "chw")
        assert same(conv, read_tensors(path, Expected.of_golden(conv), "hwc").values)
        expected = Expected.of_export(path)
        assert set(read_tensors(path, expected).values) == set(conv.everything)
    np.savez(tmp_path / "b.npz", **conv.everything)
    with pytest.raises(FileError, match="chw, and A is hwc; give the golden as A"):
        read_tensors(tmp_path / "b.npz", expected)
    with pytest.raises(FileError, match=r"neither \.h5, \.npz nor \.bin"):
        Expected.of_export(tmp_path / "x.log")


def test_npz_of_numpy_alone(tmp_path: Path, conv: Golden) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, **{"output/y": conv.tensors["output/y"].transpose(0, 2, 3, 1)})
    found = read_tensors(path, Expected.of_golden(conv), "hwc").values
    assert np.array_equal(found["output/y"], conv.tensors["output/y"])

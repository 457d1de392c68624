"""MNIST and Fashion: what was written is what is read; anything else is told."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tests.data import files
from tinycl.data import load
from tinycl.data.idx import read_idx
from tinycl.errors import FileError


@pytest.mark.parametrize("mark", ["-", "."])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["mnist", "fashion"])
def test_reads(tmp_path, name, packed, mark):
    train, train_y, test, test_y = files.mnist(tmp_path, mark=mark, packed=packed)
    data = load(name, tmp_path)
    assert (data.name, len(data.classes), data.sample_shape) == (name, 10, (1, 5, 4))
    for got, wrote in ((data.train_x, train), (data.test_x, test)):
        assert got.dtype == np.float32
        exact = np.float32(wrote[:, None].astype(np.float64) / 255)  # 8 bits: rounded once
        assert np.array_equal(got, exact)
    assert np.array_equal(data.train_y, train_y.astype(np.int32))
    assert np.array_equal(data.test_y, test_y.astype(np.int32))
    assert data.train_y.dtype == np.int32


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=4, max_side=5)))
def test_round_trip(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("idx") / "file"
    path.write_bytes(files.idx(values))
    assert np.array_equal(read_idx(path, values.ndim), values)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["images-idx3", "labels-idx1"])
def test_cut_short_anywhere(tmp_path, packed, kind):
    files.mnist(tmp_path, train=2, size=(2, 3), packed=packed)
    path = tmp_path / f"train-{kind}-ubyte{'.gz' if packed else ''}"
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        with pytest.raises(FileError, match="train-") as told:
            load("mnist", tmp_path)
        assert str(path) in str(told.value)
    path.write_bytes(data + b"\0")
    if not packed:
        with pytest.raises(FileError, match="its head says"):
            load("mnist", tmp_path)


@given(st.binary(max_size=40), st.booleans())
def test_any_bytes(tmp_path_factory, data, packed):
    path = tmp_path_factory.mktemp("idx") / ("file.gz" if packed else "file")
    path.write_bytes(gzip.compress(data) if packed else data)
    try:
        read = read_idx(path, 1)
    except FileError:
        return
    assert files.idx(read) == data


def test_wrong_magic(tmp_path):
    files.mnist(tmp_path)
    images = tmp_path / "train-images-idx3-ubyte"
    images.write_bytes((tmp_path / "train-labels-idx1-ubyte").read_bytes())
    with pytest.raises(FileError, match="begins with the bytes 00 00 08 01, where .* 00 00 08 03"):
        load("mnist", tmp_path)


def test_a_label_out_of_range(tmp_path):
    files.mnist(tmp_path)
    path = tmp_path / "t10k-labels-idx1-ubyte"
    path.write_bytes(files.idx(np.array([1, 10, 2])))
    with pytest.raises(FileError, match="t10k-labels-idx1-ubyte: label 10 of sample 1 is not in"):
        load("mnist", tmp_path)


def test_numbers_and_sizes_that_do_not_fit(tmp_path):
    files.mnist(tmp_path)
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(files.idx(np.zeros((3, 4, 5))))
    with pytest.raises(FileError, match=r"train with have shape \(1, 5, 4\), those to test"):
        load("mnist", tmp_path)
    path.write_bytes(files.idx(np.zeros((2, 5, 4))))
    with pytest.raises(FileError, match="2 samples need as many int32 labels"):
        load("mnist", tmp_path)
    path.write_bytes(files.idx(np.zeros((0, 5, 4))))
    with pytest.raises(FileError, match="none of them 0"):
        load("mnist", tmp_path)


def test_missing(tmp_path):
    with pytest.raises(FileError, match="holds no file train-images-idx3-ubyte or"):
        load("mnist", tmp_path)
    with pytest.raises(FileError, match="no such folder"):
        load("mnist", tmp_path / "nowhere")

"""CIFAR in its binary version."""

import re

import numpy as np
import pytest

from tests.data import files
from tinycl.data import load
from tinycl.errors import FileError


def test_cifar10(tmp_path):
    batches, (test, test_y) = files.cifar10(tmp_path)
    data = load("cifar10", tmp_path, whole=False)
    images = np.concatenate([images for images, _ in batches])
    assert np.array_equal(data.train_x, np.float32(images.astype(np.float64) / 255))
    assert np.array_equal(data.train_y, np.concatenate([labels for _, labels in batches]))
    assert np.array_equal(data.test_x, np.float32(test.astype(np.float64) / 255))
    assert np.array_equal(data.test_y, test_y)
    assert data.classes == tuple(f"class{i}" for i in range(10))
    assert (data.sample_shape, data.train_y.dtype) == ((3, 32, 32), np.int32)


def test_cifar100(tmp_path):
    for kind, count in (("coarse", 20), ("fine", 100)):
        names = "".join(f"{kind}{i}\n" for i in range(count))
        (tmp_path / f"{kind}_label_names.txt").write_text(names)
    data, (coarse, fine), images = files.cifar_records(4, (20, 100))
    (tmp_path / "train.bin").write_bytes(data)
    (tmp_path / "test.bin").write_bytes(files.cifar_records(1, (20, 100))[0])
    read = load("cifar100", tmp_path, whole=False)
    assert np.array_equal(read.train_x, np.float32(images.astype(np.float64) / 255))
    assert np.array_equal(read.train_y, fine)
    assert read.classes[99] == "fine99"
    read = load("cifar100", tmp_path, whole=False, coarse=True)
    assert np.array_equal(read.train_y, coarse)
    assert read.classes[19] == "coarse19"


def test_the_published_size(tmp_path):
    files.cifar10(tmp_path)
    record = files.cifar_records(1, (10,))[0]
    for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
        (tmp_path / f"{name}.bin").write_bytes(record * 10_000)
    last = tmp_path / "data_batch_5.bin"
    last.write_bytes(record * 9_999)
    with pytest.raises(FileError, match=r"data_batch_5.bin: .* 9999.00 records .* 10000 records"):
        load("cifar10", tmp_path)
    last.unlink()
    with pytest.raises(FileError, match="holds no file data_batch_5.bin"):
        load("cifar10", tmp_path)


def test_a_part_has_to_be_allowed(tmp_path):
    files.cifar10(tmp_path, batches=(1, 1, 1, 1, 1))
    with pytest.raises(FileError, match=re.escape("with whole = false")):
        load("cifar10", tmp_path)


@pytest.mark.parametrize("name", ["data_batch_2.bin", "test_batch.bin", "batches.meta.txt"])
def test_cut_short(tmp_path, name):
    files.cifar10(tmp_path, batches=(1, 1), test=1)
    path = tmp_path / name
    data = path.read_bytes().rstrip(b"\n") if name.endswith("txt") else path.read_bytes()
    for size in [*range(0, len(data), 97), 1, 2, len(data) - 1]:
        path.write_bytes(data[:size])
        with pytest.raises(FileError, match=re.escape(str(path))):
            load("cifar10", tmp_path, whole=False)


def test_a_label_out_of_range(tmp_path):
    files.cifar10(tmp_path)
    path = tmp_path / "data_batch_1.bin"
    data = bytearray(path.read_bytes())
    data[3073] = 10
    path.write_bytes(data)
    with pytest.raises(FileError, match=r"data_batch_1.bin: label 10 of sample 1 is not in 0..9"):
        load("cifar10", tmp_path, whole=False)
    with pytest.raises(FileError, match="true or false, got 1"):
        load("cifar10", tmp_path, whole=1)

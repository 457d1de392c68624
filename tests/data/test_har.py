"""UCI HAR: text of fixed width."""

import re

import numpy as np
import pytest

from tests.data import files
from tinycl.bits import equal
from tinycl.data import load
from tinycl.errors import FileError

NAMES = ("activity_labels.txt", "train/X_train.txt", "test/y_test.txt", "test/X_test.txt")


@pytest.mark.parametrize("outside", [False, True])
def test_reads(tmp_path, outside):
    folder = tmp_path / "UCI HAR Dataset" if outside else tmp_path
    folder.mkdir(exist_ok=True)
    train, train_y, test, test_y = files.har(folder)
    data = load("har", tmp_path)
    assert data.classes == ("WALKING", "SITTING", "LAYING")
    assert data.train_x.dtype == np.float32
    assert np.array_equal(data.train_x, train.astype(np.float32))
    assert np.array_equal(data.test_x, test.astype(np.float32))
    assert np.array_equal(data.train_y, train_y - 1)
    assert np.array_equal(data.test_y, test_y - 1)


@pytest.mark.parametrize("name", NAMES)
def test_cut_short_anywhere(tmp_path, name):
    files.har(tmp_path)
    path = tmp_path / name
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        with pytest.raises(FileError):
            load("har", tmp_path)
    path.unlink()
    with pytest.raises(FileError, match=f"holds no file {path.name}"):
        load("har", tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("train/X_train.txt", "1 2 3\n1 2\n1 2 3\n1 2 3\n1 2 3\n", "line 2 has 2 numbers, the"),
        ("train/X_train.txt", "1 2 x\n", "line 1: could not convert string to float: 'x'"),
        ("train/X_train.txt", "1 2 nan\n", "line 1 holds a number that is not a feature"),
        ("train/X_train.txt", "1 2\n" * 5, r"train with have shape \(2,\), those to test"),
        ("train/X_train.txt", "\n" * 5, "line 1 has 0 numbers"),
        ("train/y_train.txt", "1\n2\n3\n4\n1\n", "label 3 of sample 3 is not in 0..2"),
        ("train/y_train.txt", "1\n2\n0\n1\n1\n", "label -1 of sample 2 is not in 0..2"),
        ("train/y_train.txt", "1\n2\n1.5\n1\n1\n", "not a whole number"),
        ("train/y_train.txt", "1e20\n" * 5, "is not in 0..2"),
        ("train/y_train.txt", "1\n2\n", "holds 2 lines of 1 numbers; X_train.txt has 5 samples"),
        ("activity_labels.txt", "1 A\n3 B\n", "line 2 is '3 B', not 2 and a name"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, name, text, told):
    files.har(tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(FileError, match=told) as error:
        load("har", tmp_path)
    assert re.search(re.escape(str(tmp_path)), str(error.value))


def test_not_text(tmp_path):
    files.har(tmp_path)
    (tmp_path / "activity_labels.txt").write_bytes(b"1 \xff\n")
    with pytest.raises(FileError, match="not text in UTF-8"):
        load("har", tmp_path)


def test_subjects_are_sessions(tmp_path):
    files.har(tmp_path)
    without = load("har", tmp_path)
    assert without.train_session is None
    source = tmp_path / "train" / "subject_train.txt"
    source.write_text("1\n1\n3\n5\n30\n")
    data = load("har", tmp_path)
    assert equal(data.train_session, np.array([1, 1, 3, 5, 30], np.int32))
    assert data.digest != without.digest
    for text in ("1\n1\n3\n5\n", "1\n1\n3\n5\n-1\n", "1\n1\n3\n5\n.5\n", "1 2\n" * 5, "1e9\n" * 5):
        source.write_text(text)
        with pytest.raises(FileError, match=r"subject_train.txt: must hold 5 lines"):
            load("har", tmp_path)

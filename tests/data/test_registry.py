"""Data sets by name, and the order of epochs."""

import hashlib
import inspect

import numpy as np
import pytest

from tinycl.bits import digest, equal
from tinycl.data import READERS, Dataset, digits, epoch_order, load
from tinycl.errors import ShapeError, TinyclError


def test_digits():
    data, split = load("digits"), digits()
    assert equal(data.train_x, split.images)
    assert equal(data.test_y, split.test_labels)
    assert equal(load("digits", seed=9).train_y, digits(9).labels)


@pytest.mark.parametrize("name", READERS)
def test_every_name_has_a_reader(name):
    path = None if name == "digits" else "nowhere"
    if path:
        with pytest.raises(TinyclError, match="nowhere: there is no such"):
            load(name, path)
        with pytest.raises(TinyclError, match="needs a path"):
            load(name)
    with pytest.raises(TinyclError, match="takes no option 'x'"):
        load(name, path, x=1)


def test_what_does_not_fit():
    with pytest.raises(TinyclError, match="no data set 'x'; choose from digits, mnist"):
        load("x")
    with pytest.raises(TinyclError, match="takes no path"):
        load("digits", "here")
    with pytest.raises(TinyclError, match="seed must be a whole number"):
        load("digits", seed=1.5)


@pytest.mark.parametrize(
    "change",
    [
        {"train_x": np.zeros((2, 3))},
        {"train_x": np.zeros((2, 3, 1), np.float32)},
        {"train_x": np.zeros((3, 3), np.float32)},
        {"train_y": np.array([0, 1])},
        {"train_y": np.array([0, 2], np.int32)},
        {"train_y": np.array([-1, 0], np.int32)},
        {"test_x": np.zeros((2, 4), np.float32)},
        {"test_x": np.full((2, 3), np.inf, np.float32)},
        {"classes": ()},
        {"train_session": np.array([0, 1])},
        {"train_session": np.array([0], np.int32)},
        {"train_session": np.array([0, -1], np.int32)},
    ],
)
def test_a_data_set_is_checked(change):
    x, y = np.zeros((2, 3), np.float32), np.array([0, 1], np.int32)
    values = {"train_x": x, "train_y": y, "test_x": x, "test_y": y, "classes": ("a", "b")}
    assert [*values, "train_session"] == list(inspect.signature(Dataset).parameters)[1:]
    Dataset("d", **values)
    with pytest.raises(ShapeError, match="^d: "):
        Dataset("d", **values | change)


def test_sessions_count_in_the_digest_where_they_are():
    x, y = np.zeros((2, 3), np.float32), np.array([0, 1], np.int32)
    bare = Dataset("d", x, y, x, y, ("a", "b"))
    assert bare.digest == hashlib.sha256("".join(map(digest, (x, y, x, y))).encode()).hexdigest()
    first = Dataset("d", x, y, x, y, ("a", "b"), np.array([0, 1], np.int32))
    other = Dataset("d", x, y, x, y, ("a", "b"), np.array([1, 1], np.int32))
    assert len({bare.digest, first.digest, other.digest}) == 3


def test_samples_by_index():
    x, y = np.arange(6, dtype=np.float32).reshape(2, 3), np.array([0, 1], np.int32)
    data = Dataset("d", x, y, x + 9, y, ("a", "b"))
    assert equal(data.train(np.array([1, 0])), x[::-1])
    assert equal(data.test(np.array([1])), x[1:] + 9)


def test_orders():
    first, second = epoch_order(97, 0, 4), epoch_order(97, 1, 4)
    assert sorted(first) == sorted(second) == list(range(97))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, epoch_order(97, 0, 5))
    assert np.array_equal(first, epoch_order(97, 0, 4))

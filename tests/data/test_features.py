"""Matrices in .npz and .h5."""

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tinycl.bits import equal
from tinycl.data import load
from tinycl.errors import FileError

RNG = np.random.default_rng(3)
X, Y = RNG.standard_normal((11, 3, 5)), np.arange(11) % 4
FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)


def write(path, **values):
    if path.suffix == ".npz":
        np.savez(path, **values)
        return path
    with h5py.File(path, "w") as file:
        for name, value in values.items():
            file[name] = value
    return path


@pytest.fixture(params=["a.npz", "a.h5", "a.hdf5"])
def path(request, tmp_path):
    return tmp_path / request.param


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.uint16])
@pytest.mark.parametrize("shape", [(6, 3), (6, 3, 2), (6, 1, 3, 2)])
def test_split(path, shape, dtype):
    x = (RNG.standard_normal(shape) * 50).astype(dtype)
    write(path, train_x=x, train_y=np.int64([0, 1, 2, 0, 1, 2]), test_x=x[:2], test_y=[[2], [0]])
    data = load("speech", path)
    wanted = x.astype(np.float32)
    wanted = wanted[:, None] if x.ndim == 3 else wanted
    assert equal(data.train_x, wanted)
    assert equal(data.test_x, wanted[:2])
    assert equal(data.train_y, np.array([0, 1, 2, 0, 1, 2], np.int32))
    assert equal(data.test_y, np.array([2, 0], np.int32))
    assert (data.name, data.classes) == ("a", ("0", "1", "2"))


def test_division(path):
    write(path, x=X, y=Y, more=np.zeros(3))
    data = load("dcase", path, test_share=0.3, seed=2)
    assert (len(data.train_x), len(data.test_x)) == (8, 3)
    x, y = np.concatenate([data.train_x, data.test_x]), np.concatenate([data.train_y, data.test_y])
    order = [int(np.flatnonzero((X[:, None].astype(np.float32) == s).all((1, 2, 3)))[0]) for s in x]
    assert sorted(order) == list(range(11)) != order
    assert np.array_equal(y, Y[order])
    assert data.digest == load("dcase", path, test_share=0.3, seed=2).digest
    assert data.digest != load("dcase", path, test_share=0.3, seed=3).digest


def test_sessions(path):
    sessions = np.arange(11)[:, None] % 3
    write(path, train_x=X, train_y=Y, test_x=X, test_y=Y, train_session=sessions)
    assert equal(load("features", path).train_session, sessions[:, 0].astype(np.int32))
    path.unlink()
    write(path, x=np.arange(11)[:, None], y=Y, session=np.arange(11))
    data = load("features", path, test_share=0.3)
    assert equal(data.train_session, data.train_x[:, 0].astype(np.int32))  # divided alike


def test_names_of_classes(path):
    names = ["yes", "no", "up", "größer"]
    texts = np.array([n.encode() for n in names]) if path.suffix != ".npz" else np.array(names)
    write(path, x=X, y=Y, classes=texts)
    assert load("features", path).classes == tuple(names)


@given(
    x=arrays(np.float32, (5, 2), elements=FINITE),
    y=arrays(np.uint8, 5, elements=st.integers(0, 255)),
)
@pytest.mark.parametrize("name", ["a.npz", "a.h5"])
def test_round_trip(tmp_path_factory, name, x, y):
    path = tmp_path_factory.mktemp("features") / name
    write(path, train_x=x, train_y=y, test_x=x[::-1], test_y=y[::-1])
    data = load("features", path)
    assert equal(data.train_x, x)  # -0 and subnormals too
    assert equal(data.test_y, y[::-1].astype(np.int32))
    assert len(data.classes) == int(y.max()) + 1


def test_cut_short_anywhere(path):
    write(path, train_x=X[:2], train_y=Y[:2], test_x=X[:1], test_y=Y[:1])
    data = path.read_bytes()
    for size in range(0, len(data), max(1, len(data) // 400)):
        path.write_bytes(data[:size])
        with pytest.raises(FileError, match="damaged or cut short"):
            load("features", path)


def test_damaged_anywhere(path):
    """A flipped byte is told, or lies where no value is."""
    write(path, x=X, y=Y)
    data = path.read_bytes()
    right = load("features", path).digest
    for place in range(0, len(data), max(1, len(data) // 300)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        try:
            read = load("features", path).digest
        except FileError:
            continue
        assert path.suffix != ".npz" or read == right


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"x": X}, r"holds \['x'\]; it needs train_x, train_y, test_x, test_y, or x, y"),
        ({"x": X, "y": Y[:-1]}, "11 samples with 10 labels"),
        ({"x": X, "y": Y.astype(float)}, r"y is float64 \(11,\); labels must be whole numbers"),
        ({"x": X, "y": np.eye(11, dtype=int)}, "one class a sample"),
        ({"x": X, "y": -Y}, "y: label -1 of sample 1 is not in 0..0"),
        ({"x": X, "y": Y << 40}, "is too large; number the classes from 0"),
        (
            {"x": X, "y": Y, "classes": np.array([b"a", b"b"])},
            "y: label 2 of sample 2 is not in 0..1",
        ),
        ({"x": X, "y": Y, "classes": np.arange(4)}, "it must be texts"),
        ({"x": X[..., 0] * 1j, "y": Y}, "x is complex128"),
        ({"x": X[0, 0], "y": Y[:5]}, r"x is float64 \(5,\); samples must be numbers of shape"),
        ({"x": np.where(X[4, 1, 1] == X, np.nan, X), "y": Y}, "holds NaN or infinity"),
        ({"x": X * 1e60, "y": Y}, "holds NaN or infinity"),
        ({"x": X[:, :0], "y": Y}, "none of them 0"),
        ({"x": X[:1], "y": Y[:1]}, "cannot be divided"),
        ({"x": X, "y": Y, "session": Y[:4]}, r"session is int64 \(4,\); sessions must be whole"),
        ({"x": X, "y": Y, "session": Y / 2}, "session is float64"),
        ({"x": X, "y": Y, "session": Y - 1}, "session: holds -1..2; number sessions from 0"),
        ({"x": X, "y": Y, "session": Y << 30}, "number sessions from 0"),
        ({"x": X, "y": Y[:0]}, "labels must be whole numbers"),
        (
            {"train_x": X, "train_y": Y, "test_x": X[:, :2], "test_y": Y},
            r"train with have shape \(1, 3, 5\), those to test with \(1, 2, 5\)",
        ),
    ],
)
def test_what_is_wrong_is_told(path, values, told):
    write(path, **values)
    with pytest.raises(FileError, match=told):
        load("features", path)


def test_other_files(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        load("features", tmp_path / "a.npz")
    (tmp_path / "a.csv").write_text("1")
    with pytest.raises(FileError, match="ends in '.csv'"):
        load("features", tmp_path / "a.csv")
    np.savez(tmp_path / "a.npz", x=np.array([{}], object), y=Y)
    with pytest.raises(FileError, match="cannot be loaded when allow_pickle=False"):
        load("features", tmp_path / "a.npz")
    with (tmp_path / "b.npz").open("wb") as file:
        np.save(file, X)
    with pytest.raises(FileError, match="one array without a name"):
        load("features", tmp_path / "b.npz")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_group("x")
        file["y"] = Y
    with pytest.raises(FileError, match="'x' is a group"):
        load("features", tmp_path / "a.h5")

"""Matrices of features, such as those made of Speech Commands or of DCASE recordings.

One file, ``.npz`` or ``.h5``, holds either ``train_x``, ``train_y``, ``test_x``, ``test_y``, or
``x`` and ``y``, which are then divided; ``classes`` may name the classes, and ``train_session``
or ``session`` number the sessions, from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from tinycl.bits import Array
from tinycl.data.dataset import Dataset, as_labels, divided
from tinycl.errors import FileError

SPLIT = ("train_x", "train_y", "test_x", "test_y")
WHOLE = ("x", "y")
SESSIONS = {SPLIT: "train_session", WHOLE: "session"}
MOST_CLASSES = 1 << 20


def features(path: Path, test_share: float = 0.2, seed: int = 7) -> Dataset:
    """Read matrices of features.

    Parameters
    ----------
    path : Path
        A file that ends in ``.npz``, ``.h5`` or ``.hdf5``. Samples are numbers of shape
        (n, features), (n, h, w), which becomes (n, 1, h, w), or (n, c, h, w); labels are whole
        numbers (n,) or (n, 1), from 0; classes are texts.
    test_share, seed
        Of the division of ``x`` and ``y``; see `tinycl.data.dataset.divided`.

    Returns
    -------
    Dataset
        Samples as they stand, rounded to float32. Without ``classes`` these are ``0``, ``1``, and
        so on up to the largest label.
    """
    arrays = _arrays(path)
    keys = next((keys for keys in (SPLIT, WHOLE) if set(keys) <= set(arrays)), None)
    if keys is None:
        raise FileError(
            f"{path}: holds {sorted(arrays)}; it needs {', '.join(SPLIT)}, or {', '.join(WHOLE)}"
        )
    labels = [_labels(f"{path}: {key}", arrays[key]) for key in keys[1::2]]
    classes = _classes(path, arrays.get("classes"), labels)
    y = [
        as_labels(f"{path}: {key}", value, len(classes))
        for key, value in zip(keys[1::2], labels, strict=True)
    ]
    x = [_samples(f"{path}: {key}", arrays[key]) for key in keys[::2]]
    session = _sessions(f"{path}: {SESSIONS[keys]}", arrays.get(SESSIONS[keys]), len(y[0]))
    if keys == WHOLE:
        return divided(path.stem, x[0], y[0], classes, test_share, seed, session)
    return Dataset(path.stem, x[0], y[0], x[1], y[1], classes, session)


def _arrays(path: Path) -> Mapping[str, Array]:
    """Return the known arrays of a file, and the names of the others with empty ones."""
    if not path.is_file():
        raise FileError(f"{path}: there is no such file; give one that ends in .npz or .h5")
    readers = {".npz": _npz, ".h5": _hdf5, ".hdf5": _hdf5}
    if path.suffix not in readers:
        raise FileError(f"{path}: ends in {path.suffix!r}; it must be .npz, .h5 or .hdf5")
    try:
        return readers[path.suffix](path)
    except FileError:
        raise
    except Exception as error:  # zipfile, zlib, NumPy and HDF5 each have their own
        raise FileError(
            f"{path}: not a file of this kind, or damaged or cut short "
            f"({str(error) or type(error).__name__}); make it again"
        ) from error


def _npz(path: Path) -> dict[str, Array]:
    with path.open("rb") as source:  # NumPy leaves it open where the file is damaged
        file = np.load(source, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise FileError(f"{path}: holds one array without a name; use numpy.savez")
        return {name: file[name] if _known(name) else np.empty(0) for name in file.files}


def _hdf5(path: Path) -> dict[str, Array]:
    found: dict[str, Array] = {}
    with h5py.File(path, "r", locking=False) as file:
        for name in file:
            item = file[name] if _known(name) else None
            if item is not None and not isinstance(item, h5py.Dataset):
                raise FileError(f"{path}: {name!r} is a group; it must be a dataset")
            found[name] = np.empty(0) if item is None else np.asarray(item[()])
    return found


def _known(name: str) -> bool:
    return name in (*SPLIT, *WHOLE, *SESSIONS.values(), "classes")


def _samples(where: str, x: Array) -> Array:
    if x.dtype.kind not in "fiu" or x.ndim not in (2, 3, 4):
        raise FileError(
            f"{where} is {x.dtype} {x.shape}; samples must be numbers of shape (n, features), "
            "(n, h, w) or (n, c, h, w)"
        )
    with np.errstate(over="ignore"):  # what is too large for float32 is refused as infinity
        rounded = np.ascontiguousarray(x, np.float32)
    return rounded[:, None] if x.ndim == 3 else rounded


def _labels(where: str, y: Array) -> Array:
    if y.dtype.kind not in "iu" or y.shape not in ((y.size,), (y.size, 1)) or not y.size:
        raise FileError(
            f"{where} is {y.dtype} {y.shape}; labels must be whole numbers of shape (n,), one "
            "class a sample"
        )
    return y.reshape(-1)


def _sessions(where: str, given: Array | None, count: int) -> Array | None:
    if given is None:
        return None
    if given.dtype.kind not in "iu" or given.shape not in ((count,), (count, 1)):
        raise FileError(
            f"{where} is {given.dtype} {given.shape}; sessions must be whole numbers ({count},), "
            "one for each sample"
        )
    if given.min() < 0 or given.max() >= 2**31:
        raise FileError(f"{where}: holds {given.min()}..{given.max()}; number sessions from 0")
    return given.reshape(-1).astype(np.int32)


def _classes(path: Path, given: Array | None, labels: list[Array]) -> tuple[str, ...]:
    if given is None:
        count = max(int(y.max()) for y in labels) + 1
        if count > MOST_CLASSES:
            raise FileError(f"{path}: label {count - 1} is too large; number the classes from 0")
        return tuple(map(str, range(max(1, count))))
    if given.ndim != 1 or given.dtype.kind not in "USOT":
        raise FileError(f"{path}: classes is {given.dtype} {given.shape}; it must be texts (n,)")
    return tuple(v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in given)

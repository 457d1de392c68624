"""Weights in files: `.npz` or HDF5, one float32 array a parameter or moving statistic."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tinycl.bits import Array
from tinycl.errors import FileError, ShapeError
from tinycl.files import write_whole

SUFFIXES = (".npz", ".h5", ".hdf5")
UNNAMED = (".", "..", "file", "allow_pickle")  # folders, and what numpy.savez takes itself


def write_weights(path: Path, weights: Mapping[str, Array]) -> None:
    """Write weights, whole or not at all; the same weights give the same bytes.

    Both kinds hold a checksum of each array, so that a flipped bit is noticed when it is read.

    Parameters
    ----------
    path : Path
        Ends in ``.npz``, ``.h5`` or ``.hdf5``.
    weights : mapping of str to ndarray of float32
        By name, such as ``conv2d0.weight``. States may be among them, in int32 too.

    Raises
    ------
    FileError
        Another ending, or the place cannot be written.
    ShapeError
        An array of another type, or a name that a file cannot hold.
    """
    _check_suffix(path)
    for name, value in weights.items():
        kind = getattr(value, "dtype", None)
        if kind is None or kind.kind not in "fiu" or kind.itemsize > 4:
            told = kind or type(value).__name__
            raise ShapeError(f"{path}: {name} is {told}; weights are float32")
        if not name or "/" in name or "\0" in name or name in UNNAMED:
            raise ShapeError(f"{path}: {name!r} cannot be the name of a weight in a file")
    made = io.BytesIO()
    if path.suffix == ".npz":
        arrays: dict[str, Any] = dict(weights)  # none of them is called allow_pickle
        np.savez(made, **arrays)
    else:
        with h5py.File(made, "w", track_order=True) as file:
            for name, value in weights.items():
                checked = {"chunks": value.shape, "fletcher32": True} if value.size > 1 else {}
                file.create_dataset(name, data=value, track_times=False, **checked)
    write_whole(path, made.getvalue())


def read_weights(path: Path) -> dict[str, Array]:
    """Read arrays by name, in the order of the file.

    Parameters
    ----------
    path : Path
        Ends in ``.npz``, ``.h5`` or ``.hdf5``. HDF5 may hold groups: ``linear1/weight`` is
        ``linear1.weight``. A file of HDF5 that does not keep the order of writing is read by name.

    Raises
    ------
    FileError
        Another ending, or a file that is missing or damaged, or holds what is no array.
    """
    _check_suffix(path)
    if not os.path.isfile(path):
        raise FileError(f"{path}: there is no such file of weights; check the path")
    try:
        if path.suffix == ".npz":
            return _npz(path)
        with h5py.File(path, "r", locking=False) as file:
            return _datasets(file)
    except FileError:
        raise
    except Exception as error:  # both raise what they like on damaged files
        told = str(error) or type(error).__name__
        raise FileError(f"{path}: cannot be read as {path.suffix[1:]} ({told})") from error


def _check_suffix(path: Path) -> None:
    if path.suffix not in SUFFIXES:
        raise FileError(f"{path}: weights are in files that end in {', '.join(SUFFIXES)}")


def _npz(path: Path) -> dict[str, Array]:
    with path.open("rb") as stream:  # NumPy leaves it open where the file is damaged
        archive = np.load(stream, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise FileError(f"{path}: holds one array without a name; use numpy.savez")
        return {name: archive[name] for name in archive.files}


def _datasets(file: Any) -> dict[str, Array]:
    found: dict[str, Array] = {}

    def visit(group: Any, before: str) -> None:
        for name, item in group.items():
            if isinstance(item, h5py.Dataset):
                found[f"{before}{name}"] = np.asarray(item[()])
            else:
                visit(item, f"{before}{name}.")

    visit(file, "")
    return found

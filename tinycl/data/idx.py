"""MNIST and Fashion-MNIST: IDX files, plain or packed with gzip.

An IDX file is two zero bytes, a type (8: unsigned bytes), the number of axes, one big-endian 32-bit
length for each axis, and the values row-major. Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST
database of handwritten digits"; H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST", 2017.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from tinycl.bits import Array
from tinycl.data.dataset import Dataset, as_labels
from tinycl.data.source import content, find, folder, levels
from tinycl.errors import FileError

UNSIGNED_BYTES = 8
DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def mnist(path: Path) -> Dataset:
    """Read MNIST.

    Parameters
    ----------
    path : Path
        Folder with ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``,
        ``t10k-images-idx3-ubyte`` and ``t10k-labels-idx1-ubyte``, each perhaps with ``.gz``, or
        with a dot in place of the second dash.

    Returns
    -------
    Dataset
        Images (n, 1, h, w), level / 255.
    """
    return _read("mnist", path, DIGITS)


def fashion(path: Path) -> Dataset:
    """Read Fashion-MNIST: the files of `mnist` with other images."""
    return _read("fashion", path, CLOTHES)


def read_idx(path: Path, axes: int) -> Array:
    """Read an IDX file of unsigned bytes.

    Parameters
    ----------
    path : Path
    axes : int
        As many as it must have.

    Returns
    -------
    ndarray of uint8

    Raises
    ------
    FileError
        Another type or number of axes, or not as many bytes as its lengths say.
    """
    data = content(path)
    start = 4 + 4 * axes
    magic = bytes((0, 0, UNSIGNED_BYTES, axes))
    if data[:4] != magic:
        raise FileError(
            f"{path}: begins with the bytes {data[:4].hex(' ') or 'of nothing'}, where an IDX file "
            f"of bytes with {axes} axes has {magic.hex(' ')}; was another file given this name?"
        )
    if len(data) < start:
        raise FileError(f"{path}: cut short in its head, at byte {len(data)}; fetch it again")
    shape = tuple(int(d) for d in np.frombuffer(data, ">u4", axes, 4))
    if len(data) - start != math.prod(shape):
        raise FileError(
            f"{path}: holds {len(data) - start} values, but its head says {shape}, which is "
            f"{math.prod(shape)}; fetch it again"
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def _read(name: str, path: Path, classes: tuple[str, ...]) -> Dataset:
    folder(path)
    train_x, train_y = _split(path, "train", len(classes))
    test_x, test_y = _split(path, "t10k", len(classes))
    return Dataset(name, train_x, train_y, test_x, test_y, classes)


def _split(path: Path, split: str, classes: int) -> tuple[Array, Array]:
    images = read_idx(_file(path, f"{split}-images", 3), 3)
    source = _file(path, f"{split}-labels", 1)
    return levels(images)[:, None], as_labels(str(source), read_idx(source, 1), classes)


def _file(path: Path, stem: str, axes: int) -> Path:
    plain = [f"{stem}{mark}idx{axes}-ubyte" for mark in "-."]
    return find(path, [*plain, *(f"{name}.gz" for name in plain)])

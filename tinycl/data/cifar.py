"""CIFAR-10 and CIFAR-100 in their binary version.

A record is one label byte (CIFAR-100: coarse, then fine) and 3*32*32 bytes: the red, the green and
the blue plane, each row-major. Source: A. Krizhevsky, "Learning Multiple Layers of Features from
Tiny Images", 2009.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinycl.bits import Array
from tinycl.data.dataset import Dataset, as_labels
from tinycl.data.source import content, find, folder, levels, lines
from tinycl.errors import FileError, ShapeError

IMAGE = (3, 32, 32)
PIXELS = 3 * 32 * 32


def cifar10(path: Path, whole: bool = True) -> Dataset:
    """Read CIFAR-10.

    Parameters
    ----------
    path : Path
        Folder with ``data_batch_1.bin`` to ``data_batch_5.bin``, ``test_batch.bin`` and
        ``batches.meta.txt``.
    whole : bool
        Each file must hold 10,000 records, as the published ones do; otherwise any whole number,
        and only ``data_batch_1.bin`` has to be there.

    Returns
    -------
    Dataset
        Images (n, 3, 32, 32), level / 255.
    """
    _check_flag(whole)
    folder(path)
    classes = _names(path, "batches.meta.txt", 10)
    names = [f"data_batch_{i}.bin" for i in range(1, 6)]
    batches = [find(path, [n]) for n in names if whole or n == names[0] or (path / n).is_file()]
    count = 10_000 if whole else None
    train = _read(batches, 1, classes, count)
    test = _read([find(path, ["test_batch.bin"])], 1, classes, count)
    return Dataset("cifar10", *train, *test, classes)


def cifar100(path: Path, whole: bool = True, coarse: bool = False) -> Dataset:
    """Read CIFAR-100.

    Parameters
    ----------
    path : Path
        Folder with ``train.bin``, ``test.bin`` and ``fine_label_names.txt``
        (``coarse_label_names.txt``).
    whole : bool
        The files must hold 50,000 and 10,000 records, as the published ones do; otherwise any
        whole number.
    coarse : bool
        Take the 20 coarse labels in place of the 100 fine ones.

    Returns
    -------
    Dataset
        Images (n, 3, 32, 32), level / 255.
    """
    _check_flag(whole)
    _check_flag(coarse)
    folder(path)
    kind, count = ("coarse", 20) if coarse else ("fine", 100)
    classes = _names(path, f"{kind}_label_names.txt", count)
    place = 0 if coarse else 1
    train = _read([find(path, ["train.bin"])], 2, classes, 50_000 if whole else None, place)
    test = _read([find(path, ["test.bin"])], 2, classes, 10_000 if whole else None, place)
    return Dataset("cifar100", *train, *test, classes)


def _check_flag(value: object) -> None:
    if not isinstance(value, bool):
        raise ShapeError(f"cifar: whole and coarse are true or false, got {value!r}")


def _names(path: Path, name: str, count: int) -> tuple[str, ...]:
    source = find(path, [name])
    names = tuple(line.strip() for line in lines(source) if line.strip())
    if len(names) != count:
        raise FileError(f"{source}: names {len(names)} classes, not {count}; fetch it again")
    return names


def _read(
    sources: Sequence[Path],
    label_bytes: int,
    classes: tuple[str, ...],
    count: int | None,
    place: int = 0,
) -> tuple[Array, Array]:
    """Return the images and labels of some files, one after another."""
    images, labels = [], []
    for source in sources:
        records = _records(source, label_bytes + PIXELS, count)
        labels.append(as_labels(str(source), records[:, place], len(classes)))
        images.append(records[:, label_bytes:].reshape(-1, *IMAGE))
    return levels(np.concatenate(images)), np.concatenate(labels)


def _records(source: Path, size: int, count: int | None) -> Array:
    data = content(source)
    if not data or len(data) % size or count not in (None, len(data) // size):
        wanted = "whole" if count is None else f"{count}"
        raise FileError(
            f"{source}: holds {len(data)} bytes, {len(data) / size:.2f} records of {size}, where "
            f"{wanted} records must be; fetch it again"
            + ("" if count is None else ", or allow a part of the data set with whole = false")
        )
    return np.frombuffer(data, np.uint8).reshape(-1, size)

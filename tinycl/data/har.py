"""UCI HAR: features of a phone's motion sensors, six activities, as text.

Source: D. Anguita et al., "A Public Domain Dataset for Human Activity Recognition Using
Smartphones", ESANN 2013.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinycl.bits import Array
from tinycl.data.dataset import Dataset, as_labels
from tinycl.data.source import find, folder, lines
from tinycl.errors import FileError

INSIDE = "UCI HAR Dataset"
MOST_SUBJECTS = 1 << 20


def har(path: Path) -> Dataset:
    """Read UCI HAR.

    Parameters
    ----------
    path : Path
        The folder ``UCI HAR Dataset`` or the one around it: ``train/X_train.txt``,
        ``train/y_train.txt``, the same for ``test``, and ``activity_labels.txt``. Where
        ``train/subject_train.txt`` is there, sessions are the subjects' numbers.

    Returns
    -------
    Dataset
        Samples (n, features) as they stand, which is in -1..1: read as float64, then rounded to
        float32. Labels count from 0.
    """
    folder(path)
    if (path / INSIDE).is_dir():
        path = path / INSIDE
    classes = _activities(find(path, ["activity_labels.txt"]))
    train = _split(path, "train", len(classes))
    test = _split(path, "test", len(classes))
    return Dataset("har", *train, *test, classes, _subjects(path / "train", len(train[0])))


def _activities(source: Path) -> tuple[str, ...]:
    """Return the names; line i is ``i NAME``."""
    names = []
    for number, line in enumerate(lines(source), 1):
        words = line.split()
        if len(words) != 2 or words[0] != str(number):
            raise FileError(f"{source}: line {number} is {line!r}, not {number} and a name")
        names.append(words[1])
    return tuple(names)


def _split(path: Path, split: str, classes: int) -> tuple[Array, Array]:
    inside = folder(path / split)
    x_file, y_file = find(inside, [f"X_{split}.txt"]), find(inside, [f"y_{split}.txt"])
    x = _matrix(x_file)
    y = _matrix(y_file)
    if y.shape != (len(x), 1):
        raise FileError(
            f"{y_file}: holds {y.shape[0]} lines of {y.shape[1]} numbers; {x_file.name} has "
            f"{len(x)} samples, each of which needs one label. Fetch both again"
        )
    if (y != np.rint(y)).any():
        raise FileError(f"{y_file}: holds a label that is not a whole number; fetch it again")
    labels = np.clip(y[:, 0], -1, 2**31 - 1).astype(np.int64) - 1
    return x.astype(np.float32), as_labels(f"{y_file} (less 1)", labels, classes)


def _subjects(inside: Path, count: int) -> Array | None:
    source = inside / "subject_train.txt"
    if not source.is_file():
        return None
    numbers = _matrix(source)
    whole = (numbers == np.rint(numbers)).all() and (numbers >= 0).all()
    if numbers.shape != (count, 1) or not whole or numbers.max() >= MOST_SUBJECTS:
        raise FileError(
            f"{source}: must hold {count} lines, each one whole number 0..{MOST_SUBJECTS - 1}, the "
            "subject of a sample; fetch it again, or remove it"
        )
    return numbers[:, 0].astype(np.int32)


def _matrix(source: Path) -> Array:
    """Return the numbers of a file as float64, one line a row."""
    rows: list[Array] = []
    for number, line in enumerate(lines(source), 1):
        try:
            row = np.array([float(word) for word in line.split()], np.float64)
        except ValueError as error:
            raise FileError(f"{source}: line {number}: {error}; fetch it again") from error
        if not row.size or len(row) != len(rows[0] if rows else row):
            raise FileError(
                f"{source}: line {number} has {row.size} numbers, the first line "
                f"{len(rows[0]) if rows else 0}; fetch it again"
            )
        if not (np.abs(row) < 1e30).all():
            raise FileError(f"{source}: line {number} holds a number that is not a feature")
        rows.append(row)
    return np.array(rows)

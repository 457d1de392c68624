"""What every reader gives back: two splits, labels, and the names of the classes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from tinycl.bits import Array, digest
from tinycl.errors import ShapeError
from tinycl.num.generator import permutation

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples and labels for training and for testing; checked when it is made.

    Parameters
    ----------
    name : str
    train_x, test_x : ndarray of float32, shape (n, c, h, w) or (n, features)
        Finite; one shape of a sample in both.
    train_y, test_y : ndarray of int32, shape (n,)
        Classes, from 0.
    classes : tuple of str
        Their names.
    train_session : ndarray of int32, shape (n,), optional
        Where or when each sample to train with was recorded, or by whom; from 0.

    Raises
    ------
    ShapeError
        Arrays that do not fit that, or each other.
    """

    name: str
    train_x: Array
    train_y: Array
    test_x: Array
    test_y: Array
    classes: tuple[str, ...]
    train_session: Array | None = None

    def __post_init__(self) -> None:
        _check_split(self.name, "train", self.train_x, self.train_y, len(self.classes))
        _check_split(self.name, "test", self.test_x, self.test_y, len(self.classes))
        if self.train_x.shape[1:] != self.test_x.shape[1:]:
            raise ShapeError(
                f"{self.name}: samples to train with have shape {self.train_x.shape[1:]}, those to "
                f"test with {self.test_x.shape[1:]}; bring them to one shape"
            )
        if self.train_session is not None:
            _check_sessions(self.name, self.train_session, len(self.train_x))

    @property
    def sample_shape(self) -> Shape:
        """Shape of one sample: (c, h, w) or (features,)."""
        return tuple(self.train_x.shape[1:])

    @property
    def digest(self) -> str:
        """SHA-256 over the digests of the arrays, hexadecimal; sessions count where they are."""
        parts = [self.train_x, self.train_y, self.test_x, self.test_y]
        if self.train_session is not None:
            parts.append(self.train_session)
        return hashlib.sha256("".join(map(digest, parts)).encode()).hexdigest()

    def train(self, index: Array) -> Array:
        """Return samples to train with by index."""
        taken: Array = self.train_x[index]
        return taken

    def test(self, index: Array) -> Array:
        """Return samples to test with by index."""
        taken: Array = self.test_x[index]
        return taken


def divided(
    name: str,
    x: Array,
    y: Array,
    classes: tuple[str, ...],
    test_share: float,
    seed: int,
    session: Array | None = None,
) -> Dataset:
    """Shuffle samples that come without a split, and put the last of them aside for testing.

    Parameters
    ----------
    name, x, y, classes
        As in `Dataset`.
    test_share : float
        Above 0 and below 1: int(n * test_share) samples are for testing, at least one.
    seed : int
        Of the shuffle (`tinycl.num.generator.permutation`, stream 0).
    session : ndarray of int32, shape (n,), optional
        Session of each sample.

    Returns
    -------
    Dataset

    Raises
    ------
    ShapeError
        Fewer than two samples, or numbers out of their range.
    """
    check_share(name, test_share)
    check_number(name, "seed", seed, 0, 2**64 - 1)
    if len(x) < 2 or len(x) != len(y):
        raise ShapeError(
            f"{name}: {len(x)} samples with {len(y)} labels cannot be divided for training and "
            "testing; give two or more samples, each with its label"
        )
    if session is not None:
        _check_sessions(name, session, len(x))
    order = permutation(len(x), seed, 0)
    kept = len(x) - max(1, int(len(x) * test_share))
    train, test = order[:kept], order[kept:]
    sessions = None if session is None else session[train]
    return Dataset(name, x[train], y[train], x[test], y[test], classes, sessions)


def check_share(name: str, share: object) -> None:
    """Raise ShapeError unless a share is a number above 0 and below 1."""
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1:
        raise ShapeError(f"{name}: test_share must be above 0 and below 1, got {share!r}")


def check_number(name: str, what: str, value: object, least: int, most: int) -> None:
    """Raise ShapeError unless a value is a whole number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ShapeError(f"{name}: {what} must be a whole number {least}..{most}, got {value!r}")


def as_labels(where: str, values: Array, classes: int) -> Array:
    """Return labels as int32, checked before they are converted.

    Parameters
    ----------
    where : str
        Begins the message of an error.
    values : ndarray of an integer type, shape (n,)
    classes : int
        Labels are 0 .. classes - 1.

    Raises
    ------
    ShapeError
        A label outside; the message names the first.
    """
    wrong = np.flatnonzero((values < 0) | (values >= classes))
    if wrong.size:
        raise ShapeError(
            f"{where}: label {values[wrong[0]]} of sample {wrong[0]} is not in 0..{classes - 1}; "
            "check that labels and classes belong together"
        )
    return values.astype(np.int32)


def _check_sessions(name: str, session: Array, count: int) -> None:
    if session.dtype != np.int32 or session.shape != (count,) or session.min() < 0:
        raise ShapeError(
            f"{name}: sessions are int32 numbers from 0, one for each of the {count} samples, got "
            f"{session.dtype} {session.shape}"
            + (f" from {session.min()}" if session.dtype.kind in "iu" and session.size else "")
        )


def _check_split(name: str, split: str, x: Array, y: Array, classes: int) -> None:
    where = f"{name}: {split}"
    if x.dtype != np.float32 or x.ndim not in (2, 4) or 0 in x.shape:
        raise ShapeError(
            f"{where}: samples must be float32 of shape (n, features) or (n, c, h, w), none of "
            f"them 0, got {x.dtype} {x.shape}"
        )
    if y.dtype != np.int32 or y.shape != (len(x),):
        raise ShapeError(
            f"{where}: {len(x)} samples need as many int32 labels, got {y.dtype} {y.shape}"
        )
    as_labels(where, y, classes)
    wrong = next((i for i, sample in enumerate(x) if not np.isfinite(sample).all()), None)
    if wrong is not None:
        raise ShapeError(
            f"{where}: sample {wrong} holds NaN or infinity; leave it out, or replace the value"
        )

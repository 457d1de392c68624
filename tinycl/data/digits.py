"""scikit-learn's handwritten digits: 1,797 images of 8x8, ten classes, shipped with the library."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tinycl.bits import Array
from tinycl.data.dataset import Dataset, check_number
from tinycl.data.shift import shifted
from tinycl.errors import TinyclError
from tinycl.num.generator import permutation

TRAINING = 1437
SHUFFLE = 7


class Split(NamedTuple):
    """Images (n, 1, 8, 8) float32 and labels (n,) int32, for training and for testing."""

    images: Array
    labels: Array
    test_images: Array
    test_labels: Array


def epochs(split: Split, count: int, samples: int) -> tuple[Array, Array]:
    """Return the training images and labels of several epochs, one after another.

    Parameters
    ----------
    split : Split
    count, samples : int
        Epochs; samples taken from each. The first is in the split's order, each further one is
        shuffled (`tinycl.num.generator.permutation`, its number as the seed).

    Returns
    -------
    images : ndarray of float32, shape (count * samples, 1, 8, 8)
    labels : ndarray of int32, shape (count * samples,)
    """
    orders = [np.arange(len(split.labels), dtype=np.int32)]
    orders += [permutation(len(split.labels), epoch, 1) for epoch in range(1, count)]
    order = np.concatenate([o[:samples] for o in orders])
    return split.images[order], split.labels[order]


def digits(seed: int = SHUFFLE) -> Split:
    """Read, shuffle and split the digits.

    Parameters
    ----------
    seed : int
        Of the shuffle (`tinycl.num.generator.permutation`, stream 0).

    Returns
    -------
    Split
        1,437 and 360 images; a pixel is its level 0..16 times 1/16, which is exact.

    Raises
    ------
    TinyclError
        scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise TinyclError(
            "digits: scikit-learn is not installed; pip install 'tinycl[data]'"
        ) from error
    source = load_digits()
    order = permutation(len(source.target), seed, 0)
    images = (source.images[order][:, None] / 16).astype(np.float32)
    labels = source.target[order].astype(np.int32)
    return Split(images[:TRAINING], labels[:TRAINING], images[TRAINING:], labels[TRAINING:])


def digits_dataset(
    seed: int = SHUFFLE, shift: str | None = None, samples: int = TRAINING
) -> Dataset:
    """Return `digits` as a data set.

    Parameters
    ----------
    seed : int
        Of the shuffle, and of noise.
    shift : {"rotated", "shifted", "noisy"}, optional
        `tinycl.data.shift`: of the images to train with and of those to test with.
    samples : int
        The first so many of the 1,437 images are there to train with.

    Raises
    ------
    ShapeError
        A value out of range, or another shift.
    """
    check_number("digits", "seed", seed, 0, 2**64 - 1)
    check_number("digits", "samples", samples, 1, TRAINING)
    x, y, test_x, test_y = digits(seed)
    if shift is not None:
        both = shifted(np.concatenate([x, test_x]), shift, seed)
        x, test_x = both[:TRAINING], both[TRAINING:]
    return Dataset("digits", x[:samples], y[:samples], test_x, test_y, tuple("0123456789"))

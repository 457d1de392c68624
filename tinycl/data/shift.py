"""Small images that a device sees differently: turned, moved, or with noise.

All is done in whole numbers on the levels 0..16 of the digits, so that it is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import Array
from tinycl.errors import ShapeError
from tinycl.num.generator import integers

Levels = NDArray[np.int64]
MOST = 16
COSINE, SINE, RADIUS = 12, 5, 13  # of the angle: 22.6 degrees
DOWN, RIGHT = 1, 1  # pixels
NOISE = 6  # levels
STREAM = 1  # of the noise; the shuffle of the samples is stream 0 of the same seed


def shifted(images: Array, shift: str, seed: int) -> Array:
    """Return images with their data shifted.

    Parameters
    ----------
    images : ndarray of float32, shape (n, 1, side, side)
        Levels 0..16, times 1/16.
    shift : {"rotated", "shifted", "noisy"}
        As `rotated`, `moved` and `noisy` say.
    seed : int
        Of the noise.

    Returns
    -------
    ndarray of float32, shape (n, 1, side, side)
        Levels 0..16, times 1/16.

    Raises
    ------
    ShapeError
        No such shift.
    """
    if not isinstance(shift, str) or shift not in SHIFTS:
        raise ShapeError(f"digits: shift must be one of {', '.join(SHIFTS)}, got {shift!r}")
    levels = np.rint(images * MOST).astype(np.int64)
    made = SHIFTS[shift](levels, seed)
    return (made.astype(np.float32) / np.float32(MOST)).astype(np.float32)


def rotated(levels: Levels, seed: int = 0) -> Levels:
    """Turn images about their centre by the angle with cosine 12/13, clockwise.

    Parameters
    ----------
    levels : ndarray of int64, shape (n, 1, side, side)
    seed
        Not used.

    Returns
    -------
    ndarray of int64
        With r and c measured from the centre, pixel (r, c) is what the image has at
        ((12 r - 5 c)/13, (5 r + 12 c)/13), interpolated linearly along both axes between its four
        neighbours, 0 outside; rounded to a whole level, halves up.
    """
    side = levels.shape[-1]
    place = 2 * np.arange(side) - (side - 1)  # halves of a pixel, from the centre
    unit = 2 * RADIUS
    middle = (side - 1) * RADIUS
    down = COSINE * place[:, None] - SINE * place[None, :] + middle  # 1/26 of a pixel
    right = SINE * place[:, None] + COSINE * place[None, :] + middle
    row, column = down // unit, right // unit
    below, beside = down % unit, right % unit
    total = np.zeros_like(levels)
    for i, weight in ((0, unit - below), (1, below)):
        for j, other in ((0, unit - beside), (1, beside)):
            total += weight * other * _at(levels, row + i, column + j)
    return (2 * total + unit * unit) // (2 * unit * unit)


def moved(levels: Levels, seed: int = 0) -> Levels:
    """Move images one pixel down and one to the right; 0 comes in, what leaves is lost.

    Parameters
    ----------
    levels : ndarray of int64, shape (n, 1, side, side)
    seed
        Not used.
    """
    rows, columns = (np.arange(n) for n in levels.shape[-2:])
    return _at(levels, rows[:, None] - DOWN, columns[None, :] - RIGHT)


def noisy(levels: Levels, seed: int) -> Levels:
    """Add a whole number -6..6 to each pixel and bound the sum to 0..16.

    Parameters
    ----------
    levels : ndarray of int64, shape (n, 1, side, side)
    seed : int
        Item i of `tinycl.num.generator.integers` (bound 13, stream 1), less 6, belongs to pixel i
        in row-major order.
    """
    noise = integers(2 * NOISE + 1, seed, STREAM, 0, levels.size) - NOISE
    bounded: Levels = np.clip(levels + noise.reshape(levels.shape), 0, MOST)
    return bounded


def _at(levels: Levels, rows: Levels, columns: Levels) -> Levels:
    """Return the pixels at some places, 0 outside; the places have the shape of an image."""
    inside = (rows >= 0) & (rows < levels.shape[-2])
    inside = inside & (columns >= 0) & (columns < levels.shape[-1])
    rows, columns = np.broadcast_arrays(rows, columns)
    taken = levels[..., np.where(inside, rows, 0), np.where(inside, columns, 0)]
    pixels: Levels = np.where(inside, taken, 0)
    return pixels


SHIFTS: dict[str, Callable[[Levels, int], Levels]] = {
    "rotated": rotated,
    "shifted": moved,
    "noisy": noisy,
}

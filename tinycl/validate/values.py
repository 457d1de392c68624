"""The numbers a case is filled with: asymmetric by chance, and hard ones in their own classes.

- ``plain``: every element another one, magnitudes from 1/8 to 8.
- ``ties``: few small numbers, zeros of both signs among them, so that maxima tie and sums cancel.
- ``special``: plain, with some NaN, infinities and zeros of both signs.
- ``hard``: finite, but subnormal, tiny, huge and near to one.
"""

from __future__ import annotations

import numpy as np

from tinycl.bits import Array

CLASSES = ("plain", "ties", "special", "hard")
TIES = (0.0, -0.0, 1.0, -1.0, 0.5, -2.0)
SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0)
HARD = (
    *(0x00000001, 0x007FFFFF, 0x80400000, 0x00800000, 0x80800001, 0x01000000),
    *(0x1FB504F3, 0xA0000001, 0x33800000, 0x3F7FFFFF, 0x3F800001, 0xBFC00001),
    *(0x4B800001, 0xCB7FFFFF, 0x5F000000, 0xDF7FFFFF, 0x7F7FFFFF, 0xFE800000),
)


def fill(shape: tuple[int, ...], kind: str, generator: np.random.Generator) -> Array:
    """Return a float32 tensor.

    Parameters
    ----------
    shape : tuple of int
    kind : str
        One of `CLASSES`.
    generator : numpy.random.Generator
    """
    plain = generator.uniform(1, 2, shape) * 2.0 ** generator.integers(-3, 3, shape)
    signs = generator.integers(0, 2, shape) * 2 - 1
    x: Array = np.asarray(plain * signs, np.float32)
    if kind == "plain":
        return x
    if kind == "ties":
        return np.asarray(generator.choice(TIES, shape), np.float32)
    chance = generator.random(shape)
    if kind == "special":
        special = np.asarray(generator.choice(SPECIAL, shape), np.float32)
        return np.asarray(np.where(chance < generator.choice((0.1, 0.4)), special, x), np.float32)
    hard = generator.choice(np.array(HARD, np.uint32), shape).astype(np.uint32)
    return np.asarray(np.where(chance < 0.6, hard.view(np.float32), x), np.float32)

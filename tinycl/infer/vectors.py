"""Factors of dot products in which each field of a contract shows."""

from __future__ import annotations

import numpy as np

from tinycl.num.arithmetic import F32Array

ROWS = 24  # random vectors that the contract must explain
SEED = 20


def vectors(length: int, leaves: int) -> list[tuple[F32Array, F32Array]]:
    """Return x (n, leaves) and w (leaves,): random, tiny, negative zeros, and halves of an ulp.

    The halves lie in terms that meet in one accumulator, also where there are 2, 4 or 8.

    Parameters
    ----------
    length : int
        Products.
    leaves : int
        The same, or one more for the bias.
    """
    draw = np.random.default_rng(SEED).standard_normal
    x, w = (draw(s).astype(np.float32) for s in ((ROWS, leaves), (leaves,)))
    found = [(x, w), (x * np.float32(2.0**-70), w * np.float32(2.0**-59))]
    found.append((np.full((1, leaves), -0.0, np.float32), np.ones_like(w)))
    for i, j in ((0, 1), (1, 0), (length - 2, length - 1), (0, 2), (0, 4), (0, 8)):
        if min(i, j) >= 0 and max(i, j) < length:
            near, factor = np.zeros((2, 1, leaves), np.float32)
            near[0, [i, j]] = 1 + 2.0**-23, 2.0**-12 * (1 - 2.0**-18)
            factor[0, [i, j]] = 1, 2.0**-12 * (1 + 2.0**-18)
            found.append((near, factor[0]))
    return found

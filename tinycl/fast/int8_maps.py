"""The addition of bytes of different scales, and the maximum of bytes in a window."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinycl.fast.call import axis, elements, integers, share, unsigned_bytes
from tinycl.fast.elements import held
from tinycl.fast.pooling import covered, sides


def int8_add(p: Any, core: int, cores: int) -> None:
    """Compute y = (a - zero)*multiplier + (b - zero)*multiplier, scaled, plus the zero of y."""
    a, b, y = unsigned_bytes(p, 0), unsigned_bytes(p, 1), unsigned_bytes(p, 5)
    multiplier, zeros = integers(p, 2), integers(p, 4)
    by_a, by_b, shift = (
        np.int64(multiplier[0]),
        np.int64(multiplier[1]),
        np.int64(integers(p, 3)[0]),
    )
    za, zb, zy = np.int64(zeros[0]), np.int64(zeros[1]), np.int64(zeros[2])
    half = np.int64(1) << (shift - 1)
    begin, end = share(elements(p, 0), core, cores)
    for i in range(begin, end):
        total = (np.int64(a[i]) - za) * by_a + (np.int64(b[i]) - zb) * by_b
        y[i] = np.uint8(held(((total + half) >> shift) + zy))


def int8_max_pool(p: Any, core: int, cores: int) -> None:
    """Compute y = the largest byte of each window."""
    rows, columns = sides(p, 0, 1, 2, 0)
    x, y = unsigned_bytes(p, 0), unsigned_bytes(p, 1)
    begin, end = share(elements(p, 1) // axis(p, 1, 3), core, cores)
    for row in range(begin, end):
        plane = row // rows.out * (rows.size * columns.size)
        top, bottom = covered(rows, row % rows.out)
        for j in range(columns.out):
            left, right = covered(columns, j)
            best = np.uint8(0)
            for r in range(top, bottom):
                for c in range(left, right):
                    best = max(best, x[plane + r * columns.size + c])
            y[row * columns.out + j] = best

"""Bias gradients, one chain an output channel: db[c] = the sum of dy over (n, ho, wo).

CHANNELS chains run side by side, in a vector; those that are left over one after another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast import call
from tinycl.fast.call import address, axis, share, vector
from tinycl.fast.copies import prefetch
from tinycl.fast.elements import integer_part, part
from tinycl.fast.micro import LOAD
from tinycl.fast.row_sums import POSITIONS, add_rows
from tinycl.fast.row_sums import ROWS as CHANNELS

SHORT = 64  # positions of a channel that ends before the CPU has seen where its reads are going
AHEAD, LINE = 2048, 64  # bytes: how far ahead such channels are asked for, and a cache line
ZERO = np.float32(0)


@njit
def add_row(total: Any, row: Any) -> Any:
    """Return total + row[0] + row[1] + ..., in this order."""
    for i in range(row.size):
        total += row[i]
    return total


@njit
def chains(p: Any, area: int, target: int, trained: Any, core: int, cores: int) -> None:
    """Compute db (tensor `target`) from dy (n, c, area), on from what it holds with LOAD.

    An empty `trained` takes all samples.
    """
    channels = axis(p, 0, 1)
    begin, end = share(channels, core, cores)
    db = vector(p, target)
    for c in range(begin, end):
        db[c] = db[c] if p[call.FUSED] & LOAD else ZERO
    steps = area // POSITIONS
    together = begin + (end - begin) // CHANNELS * CHANNELS if steps else begin
    for n in range(axis(p, 0, 0)):
        if trained.size and trained[n] == 0:
            continue
        for c in range(begin, together, CHANNELS):
            rows = address(p, 0) + 4 * (n * channels + c) * area
            if area <= SHORT:
                for k in range(0, 4 * CHANNELS * area, LINE):
                    prefetch(rows + AHEAD + k)
            add_rows(address(p, target) + 4 * c, rows, rows, rows, area, CHANNELS, steps)
        for c in range(begin, end):
            done = steps * POSITIONS if c < together else 0
            row = part(p, 0, (n * channels + c) * area + done, area - done)
            db[c] = add_row(db[c], row)


def conv2d_bias_grad(p: Any, core: int, cores: int) -> None:
    """Compute db (co) from dy (n, co, ho, wo)."""
    chains(p, axis(p, 0, 2) * axis(p, 0, 3), 1, integer_part(p, 0, 0, 0), core, cores)


def linear_bias_grad(p: Any, core: int, cores: int) -> None:
    """Compute db (fo) from dy (n, fo): outputs lie side by side and are added as vectors."""
    features = axis(p, 0, 1)
    begin, end = share(features, core, cores)
    db = part(p, 1, begin, end - begin)
    for i in range(db.size):
        db[i] = ZERO
    for n in range(axis(p, 0, 0)):
        dy = part(p, 0, n * features + begin, end - begin)
        for i in range(db.size):
            db[i] += dy[i]

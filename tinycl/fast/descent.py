"""SGD inside a product of a weight gradient: rows of weights that descend when theirs are done."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import FMA
from tinycl.fast.call import floats
from tinycl.fast.copies import prefetch_owned
from tinycl.fast.machine import LINE
from tinycl.fast.native import from_bits
from tinycl.fast.optimisers import descend


@njit
def ask_for_state(p: Any, at: int, rows: int, count: int, stride: int) -> None:
    """Ask for weights and velocities: `count` words from word `at` on, rows `stride` apart."""
    for r in range(rows):
        for k in range(0, 4 * count, 4 * LINE):
            prefetch_owned(p[call.WEIGHT] + 4 * (at + r * stride) + k)
            prefetch_owned(p[call.VELOCITY] + 4 * (at + r * stride) + k)


@njit
def update_rows(p: Any, out: int, at: int, rows: int, count: int, stride: int) -> None:
    """Let the same words of the weights descend; their gradients lie likewise behind `out`."""
    lr, momentum, decay = p[call.LR], p[call.MOMENTUM], p[call.DECAY]
    rates = (from_bits(np.int32(lr)), from_bits(np.int32(momentum)), from_bits(np.int32(decay)))
    for r in range(rows):
        place = 4 * (at + r * stride)
        w, g = floats(p[call.WEIGHT] + place, count), floats(out + place, count)
        velocity = floats(p[call.VELOCITY] + place, count if p[call.VELOCITY] else 0)
        descend(w, g, velocity, rates, FMA, 0)

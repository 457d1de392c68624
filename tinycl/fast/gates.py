"""Bits of activations, 32 to a word, and gradients behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import ZERO, read
from tinycl.fast.call import address, elements, integers, real, share, vector
from tinycl.fast.masks import BITS, copy_where, mask_between

SUBNORMAL = np.float32(2.0**-126 - 2.0**-149)  # the largest


@njit
def _bits(p: Any, begin: int, end: int) -> None:
    """Write words begin .. end-1; under `flush` x > 0 says that x is no subnormal either."""
    x, bits, flush = vector(p, 0), integers(p, 1), p[call.FLUSH]
    high = read(real(p, 2, 0), flush)
    if high != high:
        high = ZERO  # nothing is below a NaN
    elif high == np.inf:
        high = np.float32(np.nan)  # bounds nothing: `not x >= high`
    low = SUBNORMAL if flush else ZERO
    for w in range(begin, end):
        if BITS * (w + 1) <= x.size:
            bits[w] = mask_between(address(p, 0) + 4 * BITS * w, low, high)
        else:
            word = 0
            for i in range(BITS * w, x.size):
                if low < x[i] and not x[i] >= high:
                    word |= 1 << (i - BITS * w)
            bits[w] = np.int32(np.uint32(word))


def gate_bits(p: Any, core: int, cores: int) -> None:
    """Compute bits: 0 < x < below, or x > 0 where below is Inf."""
    begin, end = share(elements(p, 1), core, cores)
    _bits(p, begin, end)


@njit
def _grad(p: Any, begin: int, end: int) -> None:
    bits, dy, dx, flush = integers(p, 0), vector(p, 1), vector(p, 2), p[call.FLUSH]
    for w in range(begin, end):
        word, first = bits[w], BITS * w
        if first + BITS <= dy.size and not flush:
            copy_where(word, address(p, 1) + 4 * first, address(p, 2) + 4 * first)
        else:
            for i in range(min(BITS, dy.size - first)):
                dx[first + i] = read(dy[first + i], flush) if word >> i & 1 else ZERO


def gate_grad(p: Any, core: int, cores: int) -> None:
    """Compute dx = dy where its bit is set, +0.0 elsewhere."""
    begin, end = share(elements(p, 0), core, cores)
    _grad(p, begin, end)

"""TinyProp's measures, decisions and numbers of survivors: the twins of `tinycl.ops.tinyprop`.

Samples follow each other where each sees the largest y so far: there core 0 works alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import ZERO, add, div, mul, read, sub
from tinycl.fast.call import address, attribute, integers, real, share, vector

COUNT_TENSORS, DECIDE_TENSORS = 5, 6  # inputs and outputs


@njit
def _running_max(p: Any) -> None:
    y, y_max, peak, flush = vector(p, 0), vector(p, 1), vector(p, 2), p[call.FLUSH]
    largest = read(y_max[0], flush)
    for n in range(y.size):
        seen = read(y[n], flush)
        largest = seen if seen > largest else largest
        peak[n] = largest
    y_max[0] = largest


def running_max(p: Any, core: int, cores: int) -> None:
    """Compute peak (n,): the largest y up to and with each sample; y_max the last of them."""
    if core == 0:
        _running_max(p)


@njit
def _scaled(y: Any, peak: Any, least: Any, most: Any, factor: Any, flush: int) -> Any:
    """Return (least + (y*(most - least))/peak)*factor, each step rounded; least where peak is 0."""
    if read(peak, flush) == ZERO:
        return mul(least, factor, flush)
    part = div(mul(y, sub(most, least, flush), flush), peak, flush)
    return mul(add(least, part, flush), factor, flush)


@njit
def _decide(p: Any) -> None:
    y, y_max, flush = vector(p, 0), vector(p, 1), p[call.FLUSH]
    trained, measure, peak = integers(p, 2), vector(p, 3), vector(p, 4)
    d_min, d_max = real(p, DECIDE_TENSORS, 0), real(p, DECIDE_TENSORS, 1)
    factor, bound = real(p, DECIDE_TENSORS, 2), read(real(p, DECIDE_TENSORS, 3), flush)
    remember = attribute(p, DECIDE_TENSORS, 4)
    largest = read(y_max[0], flush)
    for n in range(y.size):
        seen = read(y[n], flush)
        peak[n] = seen if seen > largest else largest
        measure[n] = _scaled(seen, peak[n], d_min, d_max, factor, flush)
        trained[n] = 0 if measure[n] <= bound else 1
        if trained[n] or remember:
            largest = peak[n]
    y_max[0] = largest


def tinyprop_decide(p: Any, core: int, cores: int) -> None:
    """Compute trained, measure, peak (n,) and y_max."""
    if core == 0:
        _decide(p)


@njit
def whole(product: Any, entries: int, half_even: int) -> Any:
    """Return a number of survivors, 1 .. entries; no NaN and nothing larger is cast."""
    value = np.float64(product)
    value = np.rint(value) if half_even else np.trunc(value)
    if value >= entries:
        return entries
    return np.int64(value) if value > 1 else 1


@njit
def _count(p: Any, begin: int, end: int) -> None:
    y, peak, flush, gated = vector(p, 0), vector(p, 1), p[call.FLUSH], address(p, 2) != 0
    count, ratio = integers(p, 3), vector(p, 4)
    entries, half_even = attribute(p, COUNT_TENSORS, 0), attribute(p, COUNT_TENSORS, 4)
    s_min, s_max = real(p, COUNT_TENSORS, 1), real(p, COUNT_TENSORS, 2)
    zeta = real(p, COUNT_TENSORS, 3)
    for n in range(begin, end):
        if gated and integers(p, 2)[n] == 0:
            count[n], ratio[n] = 0, ZERO
            continue
        ratio[n] = _scaled(y[n], peak[n], s_min, s_max, zeta, flush)
        product = mul(np.float32(entries), ratio[n], flush)
        finite = np.isfinite(ratio[n])
        count[n] = whole(product, entries, half_even) if finite else entries


def tinyprop_count(p: Any, core: int, cores: int) -> None:
    """Compute count and ratio (n,)."""
    begin, end = share(integers(p, 3).size, core, cores)
    _count(p, begin, end)

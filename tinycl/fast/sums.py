"""Ordered reductions of gathered terms, one output at a time: the twin of `tinycl.num.sums`.

A partial sum is a pair (value, begun): what has been summed, and whether there is anything at all.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import carray, njit

from tinycl.fast import call
from tinycl.fast.arithmetic import ZERO, add, mac, mul, read
from tinycl.fast.native import pointer

SEQUENTIAL, LANES, GROUPED, BLOCKS, SPLIT = range(5)
ABSENT, PRODUCT, VALUE = range(3)  # a term takes no part, is a*b, or is a alone
WORDS = 5  # scratch memory for a term


class Terms(NamedTuple):
    """Arrays in scratch memory, in the order of the terms; and a place for as many lanes."""

    a: Any
    b: Any
    kind: Any
    lanes: Any
    begun: Any


@njit
def room(p: Any, core: int, most: int) -> Any:
    """Return a core's `Terms`, for at most so many."""
    at = call.scratch(p, core)
    return Terms(
        carray(pointer(at), (most,), np.float32),
        carray(pointer(at + 4 * most), (most,), np.float32),
        carray(pointer(at + 8 * most), (most,), np.int32),
        carray(pointer(at + 12 * most), (most,), np.float32),
        carray(pointer(at + 16 * most), (most,), np.int32),
    )


@njit
def partial(
    p: Any, terms: Any, first: int, end: int, step: int, zero: bool, bias: Any, with_bias: bool
) -> tuple[Any, bool]:
    """Sum terms first, first + step, ... below end: from the bias, from +0.0, or from the first."""
    kind, flush = p[call.MAC], p[call.FLUSH]
    value, begun = (read(bias, flush), True) if with_bias else (ZERO, False)
    for t in range(first, end, step):
        if terms.kind[t] == ABSENT:
            continue
        a, b, plain = terms.a[t], terms.b[t], terms.kind[t] == VALUE
        if begun or zero:
            value = add(a, value, flush) if plain else mac(a, b, value, kind, flush)
        else:
            value = read(a, flush) if plain else mul(a, b, flush)
        begun = True
    return value, begun


@njit
def join(p: Any, left: Any, has_left: bool, right: Any, has_right: bool) -> tuple[Any, bool]:
    """Return the sum of two partial sums; one that has not begun is left out."""
    if has_left and has_right:
        return add(left, right, p[call.FLUSH]), True
    return left if has_left else right, has_left or has_right


@njit
def join_lanes(p: Any, terms: Any, count: int) -> Any:
    """Join lanes 0 .. count-1, left to right or in a tree of neighbours."""
    values, begun = terms.lanes, terms.begun
    if not p[call.PAIRWISE]:
        value, has = values[0], begun[0] != 0
        for i in range(1, count):
            value, has = join(p, value, has, values[i], begun[i] != 0)
        return value
    while count > 1:
        pairs = count // 2
        for i in range(pairs):
            left, right = 2 * i, 2 * i + 1
            values[i], begun[i] = join(
                p, values[left], begun[left] != 0, values[right], begun[right] != 0
            )
        if count % 2:
            values[pairs], begun[pairs] = values[count - 1], begun[count - 1]
        count -= pairs
    return values[0]


@njit
def ordered_sum(p: Any, terms: Any, first: int, total: int, bias: Any, with_bias: bool) -> Any:
    """Reduce terms first .. first+total-1 under `reduction`, `start` and `bias`."""
    how, n, end = p[call.REDUCTION], p[call.SIZE], first + total
    zero, grouped = p[call.FIRST] == 0, how == GROUPED
    early = with_bias and p[call.BIAS_FIRST] != 0
    if how == LANES:
        count = min(n, total)  # a lane beyond the terms never begins
        for i in range(count):
            terms.lanes[i], terms.begun[i] = partial(
                p, terms, first + i, end, n, zero, bias, early and i == 0
            )
        whole = join_lanes(p, terms, count)
    else:
        size = n
        if how == SEQUENTIAL:
            size = total
        elif how == SPLIT:
            size = (total + n - 1) // n
        whole, begun = ZERO, grouped and (zero or early)
        if grouped and early:
            whole = read(bias, p[call.FLUSH])
        for start in range(first, end, size):
            value, has = partial(
                p, terms, start, min(end, start + size), 1, zero and not grouped,
                bias, early and start == first and not grouped,
            )  # fmt: skip
            whole, begun = join(p, whole, begun, value, has)
    return add(whole, bias, p[call.FLUSH]) if with_bias and not early else whole


@njit
def batch_sum(p: Any, terms: Any, each: int, batch: int) -> Any:
    """Reduce batch * each terms as one chain, or sample by sample and add these, under `batch`."""
    if not p[call.PER_SAMPLE]:
        return ordered_sum(p, terms, 0, each * batch, ZERO, False)
    flush = p[call.FLUSH]
    whole, begun = ZERO, p[call.FIRST] == 0
    for n in range(batch):
        sample = ordered_sum(p, terms, n * each, each, ZERO, False)
        whole = add(sample, whole, flush) if begun else read(sample, flush)
        begun = True
    return whole

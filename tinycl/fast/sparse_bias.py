"""Bias gradients from the survivors of dy, or from the samples that train."""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast.arithmetic import ZERO
from tinycl.fast.bias import add_row, chains
from tinycl.fast.call import address, attribute, axis, elements, floats, integers, share, vector
from tinycl.fast.survivors import channel_of, listed, lists, survivor


@njit
def _sparse(p: Any, by_channel: bool, core: int, cores: int) -> None:
    n, c, dy, db = axis(p, 0, 0), axis(p, 0, 1), vector(p, 0), vector(p, 3)
    area = elements(p, 0) // (n * c)
    inverse = 1.0 / area
    begin, end = share(c, core, cores)
    for o in range(begin, end):
        db[o] = ZERO
    s = lists(p, 1, c if by_channel else c * area)
    for sample in range(n):
        count, full, index = listed(s, sample)
        first = sample * c * area
        for t in range(count):
            e = survivor(index, t, full)
            if not 0 <= e < s.items:
                continue
            o = e if by_channel else channel_of(e, area, inverse)
            if begin <= o < end:
                if by_channel:
                    row = floats(address(p, 0) + 4 * (first + o * area), area)
                    db[o] = add_row(db[o], row)
                else:
                    db[o] += dy[first + e]


def sparse_bias_grad(p: Any, core: int, cores: int) -> None:
    """Each element of db adds the survivors of its channel, sample after sample, as listed."""
    _sparse(p, attribute(p, 4, 0) != 0, core, cores)


def sampled_bias_grad(p: Any, core: int, cores: int) -> None:
    """Each element of db adds dy over the samples that train."""
    area = elements(p, 0) // (axis(p, 0, 0) * axis(p, 0, 1))
    chains(p, area, 2, integers(p, 1), core, cores)

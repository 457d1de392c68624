"""Sparse gradients of a pointwise convolution."""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import MUL_ADD
from tinycl.fast.call import address, attribute, axis, share
from tinycl.fast.layer import UNIT
from tinycl.fast.rows import add_rows, clear, turn, wide_of, width_of
from tinycl.fast.sparse_convolution import weight_grad, weight_grad_scratch
from tinycl.fast.survivors import bin_words, bins_by_position, lists, words


def pointwise_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Each row of dw sums the positions of x at which it survives."""
    weight_grad(p, UNIT, attribute(p, 6, 0) != 0, core, cores)


@njit
def _input_grad(p: Any, by_channel: bool, core: int, cores: int) -> None:
    batch, co, ci, area = axis(p, 1, 0), axis(p, 1, 1), axis(p, 0, 1), axis(p, 1, 2) * axis(p, 1, 3)
    apart, w, dx, effort = p[call.MAC] == MUL_ADD, address(p, 0), address(p, 4), address(p, 5)
    begin, end = share(ci, core, cores)
    if begin == end:
        return
    wide, sums = wide_of(area, ci), call.scratch(p, core)
    s, room = lists(p, 2, co if by_channel else co * area), sums + 4 * area * wide
    clear(effort + 4 * begin, end - begin)
    counted = words(effort, end)
    for n in range(batch):
        bins = bins_by_position(s, n, co, area, ci, address(p, 1), by_channel, room)
        for c in range(begin, end, wide):
            channels, done = min(wide, end - c), 0
            clear(sums, area * wide)
            for k in range(area):
                first = bins.start[k]
                count = bins.start[k + 1] - first
                add_rows(sums + 4 * k * wide, w + 4 * c, bins.offsets + 4 * first,
                         bins.values + 4 * first, count, channels, apart)  # fmt: skip
                done += count
            turn(sums, wide, area, channels, dx + 4 * (n * ci + c) * area, area)
            for i in range(c, c + channels):
                counted[i] += done


def pointwise_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Each position of dx sums the rows of w that survive there."""
    _input_grad(p, attribute(p, 6, 0) != 0, core, cores)


def pointwise_sparse_input_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (_, ci), (_, _, h, w), _, (_, cap), *_ = shapes
    area = h * w
    most = cap * (area if attrs["channels"] else 1)
    return area * width_of(area, ci) + bin_words(area, most)


pointwise_sparse_weight_grad_scratch = weight_grad_scratch

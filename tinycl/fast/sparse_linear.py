"""Sparse gradients of a linear layer: only rows of w, and of its gradient, that survive."""

from __future__ import annotations

from typing import Any

from tinycl.fast import call
from tinycl.fast.arithmetic import MUL_ADD
from tinycl.fast.call import address, axis, floats, share
from tinycl.fast.rows import add_rows, clear
from tinycl.fast.survivors import (
    bin_words,
    bins_by_channel,
    listed,
    lists,
    set_effort,
    survivor,
    words,
)


def linear_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Each row of dw sums rows of x over the samples in which it survives."""
    n, fi, fo, apart = axis(p, 0, 0), axis(p, 0, 1), axis(p, 1, 1), p[call.MAC] == MUL_ADD
    begin, end = share(fi, core, cores)
    if begin == end:
        return
    room = call.scratch(p, core)
    clear(room, 1)
    bins = bins_by_channel(
        lists(p, 2, fo), 0, n, fo, words(room, 1), fi, address(p, 1), False, room + 4
    )
    done = 0
    for o in range(fo):
        first, count = bins.start[o], bins.start[o + 1] - bins.start[o]
        out = address(p, 4) + 4 * (o * fi + begin)
        clear(out, end - begin)
        add_rows(out, address(p, 0) + 4 * begin, bins.offsets + 4 * first, bins.values + 4 * first,
                 count, end - begin, apart)  # fmt: skip
        done += count
    set_effort(address(p, 5), begin, end, done)


def linear_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Each row of dx sums the surviving rows of w, in their order."""
    n, fo, fi, apart = axis(p, 1, 0), axis(p, 1, 1), axis(p, 0, 1), p[call.MAC] == MUL_ADD
    begin, end = share(fi, core, cores)
    if begin == end:
        return
    s = lists(p, 2, fo)
    place = call.scratch(p, core)
    offsets, values = words(place, s.cap), floats(place + 4 * s.cap, s.cap)
    done = 0
    for sample in range(n):
        count, full, index = listed(s, sample)
        gradient, found = floats(address(p, 1) + 4 * sample * fo, fo), 0
        for t in range(count):
            o = survivor(index, t, full)
            if 0 <= o < fo:
                offsets[found], values[found] = o * fi, gradient[o]
                found += 1
        out = address(p, 4) + 4 * (sample * fi + begin)
        clear(out, end - begin)
        add_rows(
            out, address(p, 0) + 4 * begin, place, place + 4 * s.cap, found, end - begin, apart
        )
        done += found
    set_effort(address(p, 5), begin, end, done)


def linear_sparse_weight_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (n, _), (_, fo), _, (_, cap), *_ = shapes
    return 1 + bin_words(fo, n * cap)


def linear_sparse_input_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    return 2 * shapes[3][1]

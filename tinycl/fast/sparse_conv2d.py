"""Sparse gradients of a convolution.

The input gradient lays out its sums, and w, channels last for a block of input channels; each
survivor then adds a row of w to a row of sums for each tap.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import MUL_ADD
from tinycl.fast.call import address, attribute, share
from tinycl.fast.layer import STRIDED, Layer, layer
from tinycl.fast.rows import add_rows, clear, turn, wide_of, width_of
from tinycl.fast.sparse_convolution import weight_grad, weight_grad_scratch
from tinycl.fast.survivors import channel_of, listed, lists, survivor, words
from tinycl.fast.vectors import LANES


def conv2d_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Each row of dw sums what the survivors of its channel see."""
    weight_grad(p, STRIDED, attribute(p, 6, 8) != 0, core, cores)


class Block(NamedTuple):
    """A block of input channels: where it begins, its channels, and whole vectors of them."""

    first: int
    channels: int
    across: int
    wide: int
    weights: int
    sums: int
    zero: int
    apart: bool


@njit
def _rows_of(g: Layer, block: Block, ready: Any, w: int, o: int) -> int:
    """Return the address of w[o] as taps of channels; it is laid out when it is first needed."""
    taps = g.kh * g.kw
    place = block.weights + 4 * o * taps * block.wide
    if not ready[o]:
        source = w + 4 * (o * g.ci + block.first) * taps
        turn(source, taps, block.channels, taps, place, block.wide)
        ready[o] = 1
    return place


@njit
def _add_entry(g: Layer, block: Block, rows: int, position: int, slope: int) -> int:
    """Add a survivor's row for each tap that meets dx; return the number of taps."""
    i, j, done = position // g.wo * g.sh - g.top, position % g.wo * g.sw - g.left, 0
    for a in range(g.kh):
        for b in range(g.kw):
            done += 1
            r, s = i + a, j + b
            if 0 <= r < g.h and 0 <= s < g.w:
                add_rows(block.sums + 4 * (r * g.w + s) * block.wide,
                         rows + 4 * (a * g.kw + b) * block.wide, block.zero, slope, 1,
                         block.across, block.apart)  # fmt: skip
    return done


@njit
def _add_channel(g: Layer, block: Block, rows: int, dy: int, ascending: bool, skip: bool) -> int:
    """Add the dense terms of an output channel; return the number of products with a dy."""
    done, taps = 0, g.kh * g.kw
    for t in range(taps):
        tap = t if ascending else taps - 1 - t
        a, b = tap // g.kw, tap % g.kw
        done += g.ho * g.wo
        for r in range(g.h):
            i = (r + g.top - a) // g.sh
            fits = i * g.sh == r + g.top - a and 0 <= i < g.ho
            for s in range(g.w):
                j = (s + g.left - b) // g.sw
                inside = fits and j * g.sw == s + g.left - b and 0 <= j < g.wo
                if inside or not skip:
                    slope = dy + 4 * (i * g.wo + j) if inside else block.zero
                    add_rows(block.sums + 4 * (r * g.w + s) * block.wide,
                             rows + 4 * tap * block.wide, block.zero, slope, 1, block.across,
                             block.apart)  # fmt: skip
    return done


@njit
def _add_entries(
    p: Any, g: Layer, block: Block, ready: Any, index: Any, count: int, dy: int
) -> int:
    """Add the survivors of a sample: as listed or, `by_weight`, each channel's last one first."""
    area, done, begin = g.ho * g.wo, 0, 0
    inverse = 1.0 / area
    while begin < count:
        e = index[begin]
        if not 0 <= e < g.co * area:
            begin += 1
            continue
        o, end = channel_of(e, area, inverse), begin + 1
        while end < count and o * area <= index[end] < (o + 1) * area:
            end += 1
        rows = _rows_of(g, block, ready, address(p, 0), o)
        for k in range(end - begin):
            e = index[end - 1 - k] if p[call.BY_WEIGHT] else index[begin + k]
            done += _add_entry(g, block, rows, e - o * area, dy + 4 * e)
        begin = end
    return done


@njit
def _input_grad(p: Any, by_channel: bool, core: int, cores: int) -> None:
    g, apart = layer(p, STRIDED, 4, 0, 1, 6, 2), p[call.MAC] == MUL_ADD
    ascending, skip = p[call.BY_WEIGHT] != 0, p[call.SKIP] != 0
    begin, end = share(g.ci, core, cores)
    if begin == end:
        return
    area, taps, wide = g.ho * g.wo, g.kh * g.kw, wide_of(g.h * g.w, g.ci)
    sums = call.scratch(p, core)
    weights = sums + 4 * g.h * g.w * wide
    ready = words(weights + 4 * g.co * taps * wide, g.co)
    zero = weights + 4 * g.co * (taps * wide + 1)
    clear(zero, 1)
    s = lists(p, 2, g.co if by_channel else g.co * area)
    effort = words(address(p, 5), end)
    for c in range(begin, end, wide):
        channels, done = min(wide, end - c), 0
        across = -(-channels // LANES) * LANES
        block = Block(c, channels, across, wide, weights, sums, zero, apart)
        for o in range(g.co):
            ready[o] = 0
        for n in range(g.batch):
            clear(sums, g.h * g.w * wide)
            dy = address(p, 1) + 4 * n * g.co * area
            count, full, index = listed(s, n)
            if by_channel or full:
                for t in range(g.co if full else count):
                    o = survivor(index, t, full)
                    if 0 <= o < g.co:
                        rows = _rows_of(g, block, ready, address(p, 0), o)
                        done += _add_channel(g, block, rows, dy + 4 * o * area, ascending, skip)
            else:
                done += _add_entries(p, g, block, ready, index, count, dy)
            dx = address(p, 4) + 4 * (n * g.ci + c) * g.h * g.w
            turn(sums, wide, g.h * g.w, channels, dx, g.h * g.w)
        for i in range(c, c + channels):
            effort[i] = done


def conv2d_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Each survivor adds a row of w for each tap."""
    _input_grad(p, attribute(p, 6, 8) != 0, core, cores)


def conv2d_sparse_input_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (co, ci, kh, kw), *_, (_, _, h, w), _ = shapes
    wide = width_of(h * w, ci)
    return (h * w + co * kh * kw) * wide + co + 1


conv2d_sparse_weight_grad_scratch = weight_grad_scratch

"""Sparse gradients of a convolution.

The input gradient lays out its sums, with their padding, and w, channels last for a block of input
channels. A row of taps of w then lies as the positions do that a survivor adds it to.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import MUL_ADD
from tinycl.fast.call import address, attribute, share
from tinycl.fast.layer import STRIDED, Layer, layer
from tinycl.fast.rows import add_rows, clear, turn, wide_of, width_of
from tinycl.fast.sparse_convolution import padded, weight_grad, weight_grad_scratch
from tinycl.fast.survivors import channel_of, listed, lists, survivor, words


def conv2d_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Each row of dw sums what the survivors of its channel see."""
    weight_grad(p, STRIDED, attribute(p, 6, 8) != 0, core, cores)


class Block(NamedTuple):
    """A block of input channels: the first, how many, and words from position to position."""

    first: int
    channels: int
    wide: int
    columns: int
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
    """Add a survivor's weights around it, a row of taps at a time; return the number of taps."""
    first, done = position // g.wo * g.sh * block.columns + position % g.wo * g.sw, 0
    for a in range(g.kh):
        add_rows(block.sums + 4 * (first + a * block.columns) * block.wide,
                 rows + 4 * a * g.kw * block.wide, block.zero, slope, 1, g.kw * block.wide,
                 block.apart)  # fmt: skip
        done += g.kw
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
                    place = (r + g.top) * block.columns + s + g.left
                    add_rows(block.sums + 4 * place * block.wide, rows + 4 * tap * block.wide,
                             block.zero, slope, 1, block.wide, block.apart)  # fmt: skip
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
    area, taps = g.ho * g.wo, g.kh * g.kw
    down, columns = padded(g)
    wide, sums = wide_of(down * columns, g.ci), call.scratch(p, core)
    weights = sums + 4 * down * columns * wide
    ready = words(weights + 4 * g.co * taps * wide, g.co)
    zero = weights + 4 * g.co * (taps * wide + 1)
    clear(zero, 1)
    s = lists(p, 2, g.co if by_channel else g.co * area)
    effort = words(address(p, 5), end)
    for c in range(begin, end, wide):
        channels, done = min(wide, end - c), 0
        block = Block(c, channels, wide, columns, weights, sums, zero, apart)
        for o in range(g.co):
            ready[o] = 0
        for n in range(g.batch):
            clear(sums, down * columns * wide)
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
            for r in range(g.h):
                row = sums + 4 * ((r + g.top) * columns + g.left) * wide
                turn(row, wide, g.w, channels, dx + 4 * r * g.w, g.h * g.w)
        for i in range(c, c + channels):
            effort[i] = done


def conv2d_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Each survivor adds its channel's weights around it."""
    _input_grad(p, attribute(p, 6, 8) != 0, core, cores)


def conv2d_sparse_input_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (co, ci, kh, kw), (_, _, ho, wo), *_, (_, _, h, w), _ = shapes
    (sh, sw), (top, _, left, _) = attrs["stride"], attrs["padding"]
    size = max((ho - 1) * sh + kh, top + h) * max((wo - 1) * sw + kw, left + w)
    wide = width_of(size, ci)
    return (size + co * kh * kw) * wide + co + 1


conv2d_sparse_weight_grad_scratch = weight_grad_scratch

"""The weight gradient of conv2d and pointwise from survivors: rows of x that they see, summed.

For a block of input channels, x is laid out channels last, with its padding, so that what a
survivor sees through a tap is a row. Each output channel then walks its survivors once a tap.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import MUL_ADD
from tinycl.fast.call import address, share
from tinycl.fast.layer import Layer, layer
from tinycl.fast.rows import add_rows, clear, turn, wide_of, width_of
from tinycl.fast.survivors import (
    Bins,
    bin_size,
    bin_words,
    bins_by_channel,
    lists,
    set_effort,
    words,
)
from tinycl.fast.vectors import LANES


class Image(NamedTuple):
    """The part of a padded image that outputs see: rows, columns, and channels of a block."""

    rows: int
    columns: int
    wide: int


@njit
def see(g: Layer) -> Image:
    """Return what all outputs of a layer see of an image."""
    rows, columns = (g.ho - 1) * g.sh + g.kh, (g.wo - 1) * g.sw + g.kw
    return Image(rows, columns, wide_of(g.batch * rows * columns, g.ci))


@njit
def padded(g: Layer) -> tuple[int, int]:
    """Return the rows and columns of an image that holds what outputs see, and all of dx."""
    return max((g.ho - 1) * g.sh + g.kh, g.top + g.h), max((g.wo - 1) * g.sw + g.kw, g.left + g.w)


@njit
def put_places(g: Layer, row: int, column: int, room: int) -> Any:
    """Return, for each output position, the words from the image's beginning to what it sees."""
    places = words(room, g.ho * g.wo)
    for i in range(g.ho):
        for j in range(g.wo):
            places[i * g.wo + j] = i * g.sh * row + j * g.sw * column
    return places


@njit
def put_image(g: Layer, seen: Image, x: int, channels: int, room: int) -> None:
    """Lay out one sample's channels from x on, channels last, with zeros where the padding is."""
    if seen.rows == g.h and seen.columns == g.w and g.top == 0 and g.left == 0:
        turn(x, g.h * g.w, channels, g.h * g.w, room, seen.wide)
        return
    clear(room, seen.rows * seen.columns * seen.wide)
    run = min(g.w, seen.columns - g.left)
    if run < 1:
        return
    for r in range(min(g.h, seen.rows - g.top)):
        to = room + 4 * ((r + g.top) * seen.columns + g.left) * seen.wide
        turn(x + 4 * r * g.w, g.h * g.w, channels, run, to, seen.wide)


@njit
def _add_taps(
    g: Layer, seen: Image, bins: Bins, o: int, panel: int, sums: int, across: int, apart: bool
) -> int:  # fmt: skip
    """Add what the survivors of output channel o see, a row of sums a tap; return how much."""
    first, done = bins.start[o], 0
    count = bins.start[o + 1] - first
    for a in range(g.kh):
        for b in range(g.kw):
            add_rows(sums + 4 * (a * g.kw + b) * seen.wide,
                     panel + 4 * (a * seen.columns + b) * seen.wide,
                     bins.offsets + 4 * first, bins.values + 4 * first, count, across,
                     apart)  # fmt: skip
            done += count
    return done


@njit
def _add_samples(
    g: Layer, seen: Image, bins: Bins, x: int, dw: int, panel: int, cursors: Any, channels: int,
    apart: bool,
) -> int:  # fmt: skip
    """Add to each row of dw what its survivors see, one tap, sample after sample; return how much.

    A sample's rows of x stay in the first-level cache while all output channels walk them.
    """
    sample, done = seen.rows * seen.columns * seen.wide, 0
    offsets = words(bins.offsets, bins.start[g.co])
    for o in range(g.co):
        cursors[o] = bins.start[o]
        clear(dw + 4 * o * g.ci, channels)
    for n in range(g.batch):
        put_image(g, seen, x + 4 * n * g.ci * g.h * g.w, channels, panel + 4 * n * sample)
        for o in range(g.co):
            first: Any = np.int64(cursors[o])
            end = first
            while end < bins.start[o + 1] and offsets[end] < (n + 1) * sample:
                end += 1
            add_rows(dw + 4 * o * g.ci, panel, bins.offsets + 4 * first, bins.values + 4 * first,
                     end - first, channels, apart)  # fmt: skip
            done += end - first
            cursors[o] = end
    return done


@njit
def weight_grad(p: Any, kind: int, by_channel: bool, core: int, cores: int) -> None:
    """Compute dw and effort from x (tensor 0), dy (1), count (2) and index (3)."""
    g, apart = layer(p, kind, 0, 4, 1, 6, 2), p[call.MAC] == MUL_ADD
    begin, end = share(g.ci, core, cores)
    if begin == end:
        return
    seen, taps, area, x, dw = see(g), g.kh * g.kw, g.ho * g.wo, address(p, 0), address(p, 4)
    sample = seen.rows * seen.columns * seen.wide
    panel = call.scratch(p, core)
    sums = panel + 4 * g.batch * sample
    places = put_places(g, seen.columns * seen.wide, seen.wide, sums + 4 * taps * seen.wide)
    s = lists(p, 2, g.co if by_channel else g.co * area)
    room = sums + 4 * (taps * seen.wide + area)
    bins = bins_by_channel(s, 0, g.batch, g.co, places, sample, address(p, 1), by_channel, room)
    cursors = words(room + 4 * bin_size(g.co, g.batch * s.cap * (area if by_channel else 1)), g.co)
    for c in range(begin, end, seen.wide):
        channels, done, image = min(seen.wide, end - c), 0, x + 4 * c * g.h * g.w
        if taps == 1:
            done = _add_samples(g, seen, bins, image, dw + 4 * c, panel, cursors, channels, apart)
            set_effort(address(p, 5), c, c + channels, done)
            continue
        for n in range(g.batch):
            place = panel + 4 * n * sample
            put_image(g, seen, image + 4 * n * g.ci * g.h * g.w, channels, place)
        for o in range(g.co):
            out = dw + 4 * (o * g.ci + c) * taps
            if bins.start[o] == bins.start[o + 1]:
                clear(out, channels * taps)
                continue
            clear(sums, taps * seen.wide)
            across = min(seen.wide, -(-channels // LANES) * LANES)
            done += _add_taps(g, seen, bins, o, panel, sums, across, apart)
            turn(sums, seen.wide, taps, channels, out, taps)
        set_effort(address(p, 5), c, c + channels, done)


def weight_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    x, dy, _, (_, cap), dw, _ = shapes
    (n, ci, *_), (_, co, ho, wo) = x, dy
    kh, kw = dw[2:] or (1, 1)
    sh, sw = attrs.get("stride", (1, 1))
    rows = ((ho - 1) * sh + kh) * ((wo - 1) * sw + kw)
    wide = width_of(n * rows, ci)
    most = n * cap * (ho * wo if attrs["channels"] else 1)
    return (n * rows + kh * kw) * wide + ho * wo + bin_words(co, most) + co

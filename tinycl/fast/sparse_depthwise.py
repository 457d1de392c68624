"""Sparse gradients of a depthwise convolution: a channel at a time, its survivors in order.

The weight gradient keeps a row of taps in a vector; what its last lanes see beyond the kernel is
not used. The input gradient adds to an image with its padding around it.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import FMA, MUL_ADD, mac
from tinycl.fast.call import address, attribute, floats, share
from tinycl.fast.layer import FILTER_A_CHANNEL, Layer, layer
from tinycl.fast.rows import add_rows, clear
from tinycl.fast.sparse_convolution import padded, put_places
from tinycl.fast.survivors import Bins, bin_words, bins_by_channel, listed, lists, words
from tinycl.fast.vectors import LANES


@njit
def _seen(g: Layer) -> tuple[int, int]:
    """Return the rows and columns of a padded image that outputs see."""
    return (g.ho - 1) * g.sh + g.kh, (g.wo - 1) * g.sw + g.kw


@njit
def _put_image(g: Layer, x: Any, rows: int, columns: int, room: int) -> None:
    """Copy an image, and zeros around it."""
    clear(room, rows * columns)
    for r in range(max(0, min(g.h, rows - g.top))):
        run = max(0, min(g.w, columns - g.left))
        to = floats(room + 4 * ((r + g.top) * columns + g.left), run)
        for k in range(run):
            to[k] = x[r * g.w + k]


@njit
def _weight_grad(p: Any, by_channel: bool, core: int, cores: int) -> None:
    g, apart = layer(p, FILTER_A_CHANNEL, 0, 4, 1, 6, 2), p[call.MAC] == MUL_ADD
    c, area = g.groups, g.ho * g.wo
    begin, end = share(c, core, cores)
    if begin == end:
        return
    (rows, columns), across = _seen(g), -(-g.kw // LANES) * LANES
    panel, effort = call.scratch(p, core), words(address(p, 5), c)
    sums = panel + 4 * (g.batch * rows * columns + across)
    places = put_places(g, columns, 1, sums + 4 * g.kh * across)
    s = lists(p, 2, c if by_channel else c * area)
    room = sums + 4 * (g.kh * across + area)
    bins = bins_by_channel(
        s, 0, g.batch, c, places, rows * columns, address(p, 1), by_channel, room
    )
    clear(panel + 4 * g.batch * rows * columns, across)
    for k in range(begin, end):
        first, done = bins.start[k], 0
        count = bins.start[k + 1] - first
        clear(sums, g.kh * across)
        if count:
            for n in range(g.batch):
                x = floats(address(p, 0) + 4 * (n * c + k) * g.h * g.w, g.h * g.w)
                _put_image(g, x, rows, columns, panel + 4 * n * rows * columns)
        for a in range(g.kh):
            add_rows(sums + 4 * a * across, panel + 4 * a * columns, bins.offsets + 4 * first,
                     bins.values + 4 * first, count, across, apart)  # fmt: skip
            dw = floats(address(p, 4) + 4 * (k * g.kh + a) * g.kw, g.kw)
            taps = floats(sums + 4 * a * across, g.kw)
            for b in range(g.kw):
                dw[b] = taps[b]
                done += count
        effort[k] = done


def depthwise_sparse_weight_grad(p: Any, core: int, cores: int) -> None:
    """Each filter sums what the survivors of its channel see."""
    _weight_grad(p, attribute(p, 6, 8) != 0, core, cores)


@njit
def _add_entries(
    g: Layer, bins: Bins, k: int, w: Any, columns: int, sums: Any, backwards: bool, kind: int
) -> int:
    """Add value * filter around each survivor of channel k; return the number of products."""
    first, done = bins.start[k], 0
    count = bins.start[k + 1] - first
    offsets, values = words(bins.offsets, first + count), floats(bins.values, first + count)
    for t in range(count):
        at = first + (count - 1 - t if backwards else t)
        for a in range(g.kh):
            place = offsets[at] + a * columns
            for b in range(g.kw):
                sums[place + b] = mac(w[a * g.kw + b], values[at], sums[place + b], kind, 0)
                done += 1
    return done


@njit
def _spread(g: Layer, dy: Any, columns: int, room: int) -> None:
    """Lay out dy with zeros between and around, so that every tap of dx meets a place.

    Tap (a, b) of dx[r, s] meets (r + top + kh - 1 - a, s + left + kw - 1 - b).
    """
    wide = columns + 2 * g.kw
    clear(room, _spread_rows(g) * wide)
    for i in range(g.ho):
        row = floats(room + 4 * ((i * g.sh + g.kh - 1) * wide + g.kw - 1), (g.wo - 1) * g.sw + 1)
        for j in range(g.wo):
            row[j * g.sw] = dy[i * g.wo + j]


@njit
def _add_channel(
    g: Layer, w: Any, columns: int, spread: int, sums: Any, ascending: bool, kind: int
) -> int:
    """Add the dense terms of a channel, zeros included; return the number of products with a dy."""
    done, taps, wide = 0, g.kh * g.kw, columns + 2 * g.kw
    for t in range(taps):
        tap = t if ascending else taps - 1 - t
        down, along, weight = g.kh - 1 - tap // g.kw, g.kw - 1 - tap % g.kw, w[tap]
        done += g.ho * g.wo
        for r in range(g.top, g.top + g.h):
            seen = floats(spread + 4 * ((r + down) * wide + g.left + along), g.w)
            first = r * columns + g.left
            for s in range(g.w):
                sums[first + s] = mac(weight, seen[s], sums[first + s], kind, 0)
    return done


@njit
def _spread_rows(g: Layer) -> int:
    return padded(g)[0] + 2 * g.kh


@njit
def _input_grad(p: Any, by_channel: bool, kind: int, core: int, cores: int) -> None:
    g = layer(p, FILTER_A_CHANNEL, 4, 0, 1, 6, 2)
    c, area, taps = g.groups, g.ho * g.wo, g.kh * g.kw
    begin, end = share(c, core, cores)
    if begin == end:
        return
    backwards, skip, (down, columns) = p[call.BY_WEIGHT] != 0, p[call.SKIP] != 0, padded(g)
    size = down * columns
    room, effort = call.scratch(p, core), words(address(p, 5), c)
    sums = floats(room, size)
    places = put_places(g, columns, 1, room + 4 * size)
    s = lists(p, 2, c if by_channel else c * area)
    spread = room + 4 * (size + area)
    lists_room = spread + 4 * _spread_rows(g) * (columns + 2 * g.kw)
    clear(address(p, 5) + 4 * begin, end - begin)
    for n in range(g.batch):
        gradient = address(p, 1) + 4 * n * c * area
        bins = bins_by_channel(s, n, n + 1, c, places, 0, address(p, 1), by_channel, lists_room)
        _, full, _ = listed(s, n)
        for k in range(begin, end):
            w = floats(address(p, 0) + 4 * k * taps, taps)
            clear(room, size)
            if bins.start[k] < bins.start[k + 1] and (by_channel or full) and not skip:
                _spread(g, floats(gradient + 4 * k * area, area), columns, spread)
                effort[k] += _add_channel(g, w, columns, spread, sums, backwards, kind)
            else:
                effort[k] += _add_entries(g, bins, k, w, columns, sums, backwards, kind)
            dx = floats(address(p, 4) + 4 * (n * c + k) * g.h * g.w, g.h * g.w)
            for r in range(g.h):
                for q in range(g.w):
                    dx[r * g.w + q] = sums[(r + g.top) * columns + q + g.left]


def depthwise_sparse_input_grad(p: Any, core: int, cores: int) -> None:
    """Each survivor adds its filter."""
    if p[call.MAC] == FMA:
        _input_grad(p, attribute(p, 6, 8) != 0, FMA, core, cores)
    else:
        _input_grad(p, attribute(p, 6, 8) != 0, MUL_ADD, core, cores)


def depthwise_sparse_weight_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    _, (n, c, ho, wo), _, (_, cap), *_ = shapes
    (kh, kw), (sh, sw) = attrs["kernel"], attrs["stride"]
    seen, across = ((ho - 1) * sh + kh) * ((wo - 1) * sw + kw), -(-kw // LANES) * LANES
    most = n * cap * (ho * wo if attrs["channels"] else 1)
    return n * seen + (kh + 1) * across + ho * wo + bin_words(c, most)


def depthwise_sparse_input_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (c, kh, kw), (_, _, ho, wo), _, (_, cap), *_ = shapes
    (h, w), (sh, sw), (top, _, left, _) = attrs["size"], attrs["stride"], attrs["padding"]
    rows, columns = max((ho - 1) * sh + kh, top + h), max((wo - 1) * sw + kw, left + w)
    spread = (rows + 2 * kh) * (columns + 2 * kw)
    most = cap * (ho * wo if attrs["channels"] else 1)
    return rows * columns + ho * wo + spread + bin_words(c, most)

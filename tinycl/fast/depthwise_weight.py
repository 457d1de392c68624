"""Weight gradient of a depthwise convolution: WIDE channels in the lanes of a vector.

Rows of the image and of dy are transposed into scratch, WIDE channels a position, with zeros where
the padding is. Nine taps stay in registers while the positions go by in order (n, ho, wo), and the
sum of dy, which is the gradient of a bias. Each lane of each vector is one output element with one
accumulator, whatever the kernel and the stride.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast import call
from tinycl.fast.call import address, attribute, axis, floats, share
from tinycl.fast.copies import prefetch
from tinycl.fast.machine import LINE
from tinycl.fast.micro import LOAD, TWO_ROUNDINGS
from tinycl.fast.wide import (
    FOUR,
    HELD,
    SPAN,
    TOTAL,
    WIDE,
    copy_wide,
    grow_four,
    grow_four_strided,
    grow_one_fma,
    grow_one_mul_add,
    turn_rows,
    wide_taps_load,
    wide_taps_store,
)

ROOM = 24 * WIDE  # vectors of image rows and of dy that stay in the first-level cache
ZERO = np.float32(0)


def _row(w, wo, along, stride, left):
    """Return the positions of an image row with its padding, as taps in tiles of 3x3 see it."""
    return max(left + w, (wo - 1) * stride + 3 * along)


def _strip(ho, wo, pitch, down, stride):
    """Return how many rows of outputs are taken at a time."""
    fit = (ROOM - (3 * down - stride) * pitch) // (stride * pitch + wo)
    return min(ho, max(fit, (WIDE + wo - 1) // wo))


def _ring(strip, down, stride):
    """Return how many image rows are kept: row r lies in place r modulo their number."""
    return (strip - 1) * stride + 3 * down


_pitch, _strip_rows, _ring_rows = njit(_row), njit(_strip), njit(_ring)


@njit
def _clear(room, vectors):
    """Write +0.0."""
    words = floats(room, vectors * WIDE)
    for i in range(vectors * WIDE):
        words[i] = ZERO


@njit
def _corner(source, plane, valid, count, room, edge):
    """Transpose fewer than WIDE positions, by way of a block in memory."""
    block = floats(edge, WIDE * WIDE)
    for c in range(valid):
        row = floats(source + c * plane, count)
        for k in range(count):
            block[c * WIDE + k] = row[k]
    turn_rows(edge, SPAN, valid, edge)
    for k in range(count):
        copy_wide(edge + k * SPAN, room + k * SPAN)


@njit
def _gather(source, plane, valid, count, room, edge):
    """Put `count` positions of WIDE channels, `plane` bytes apart, side by side into room."""
    if count < WIDE:
        _corner(source, plane, valid, count, room, edge)
        return
    for k in range(0, count, WIDE):
        at = min(k, count - WIDE)
        turn_rows(source + 4 * at, plane, valid, room + at * SPAN)


@njit
def _fill(source, plane, valid, size, offset, r0, r1, ring, room, pitch, stage, edge):
    """Put rows r0 .. r1-1 of the padded image into their places in room.

    size (h, w): of the source; its element (i, j) is at offset + (i, j) of the image. Rows of less
    than WIDE are transposed as one and then put where they belong.
    """
    (h, w), (top, left) = size, offset
    first, last = max(r0 - top, 0), min(r1 - top, h)
    if w < WIDE and first < last:
        _gather(source + 4 * first * w, plane, valid, (last - first) * w, stage, edge)
    for r in range(r0, r1):
        place, i = room + r % ring * pitch, r - top
        if i < 0 or i >= h:
            _clear(place, pitch // SPAN)
        elif w < WIDE:
            for j in range(w):
                copy_wide(stage + ((i - first) * w + j) * SPAN, place + (left + j) * SPAN)
        else:
            _gather(source + 4 * i * w, plane, valid, w, place + left * SPAN, edge)


@njit
def _walk(taps, a, b, c, gradient, count, stride, two_roundings):
    """Add `count` positions to nine taps, in order."""
    k = 0
    if stride == 1 and not two_roundings:
        while k + FOUR <= count:
            at = k * SPAN
            taps = grow_four(taps, a + at, b + at, c + at, gradient + at)
            k += FOUR
    elif stride == 2 and not two_roundings:
        while k + FOUR <= count:
            at = 2 * k * SPAN
            taps = grow_four_strided(taps, a + at, b + at, c + at, gradient + k * SPAN)
            k += FOUR
    while k < count:
        at, g = k * stride * SPAN, gradient + k * SPAN
        if two_roundings:
            taps = grow_one_mul_add(taps, a + at, b + at, c + at, g)
        else:
            taps = grow_one_fma(taps, a + at, b + at, c + at, g)
        k += 1
    return taps


@njit
def _move(sums, along, valid, target, kh, kw, back):
    """Put the taps of `valid` channels from their lanes to dw, or back."""
    dw = floats(target, valid * kh * kw)
    for i in range(kh):
        for j in range(kw):
            tap, place = (i // 3 * along + j // 3) * HELD + i % 3 * 3 + j % 3, i * kw + j
            lanes = floats(sums + tap * SPAN, valid)
            for k in range(valid):
                if back:
                    lanes[k] = dw[k * kh * kw + place]
                else:
                    dw[k * kh * kw + place] = lanes[k]


@njit
def _move_total(sums, valid, db, back):
    """Put the sum of dy, of `valid` channels, from its lanes to db, or back."""
    lanes, total = floats(sums + TOTAL * SPAN, valid), floats(db, valid)
    for k in range(valid):
        if back:
            lanes[k] = total[k]
        else:
            total[k] = lanes[k]


@njit
def _ask(source, plane, begin, end, size):
    """Ask for `size` bytes of each of the channels begin .. end-1."""
    for c in range(begin, end):
        for k in range(0, size, 4 * LINE):
            prefetch(source + c * plane + k)


def depthwise_weight_grad(p: Any, core: int, cores: int) -> None:
    """One chain over (n, ho, wo) a tap, from dw on with LOAD; taps go in tiles of 3x3, cut.

    With BIAS_GRAD db is computed besides.
    """
    kh, kw, sy, sx = attribute(p, 3, 0), attribute(p, 3, 1), attribute(p, 3, 2), attribute(p, 3, 3)
    top, left = attribute(p, 3, 4), attribute(p, 3, 6)
    batch, c, h, w = axis(p, 0, 0), axis(p, 0, 1), axis(p, 0, 2), axis(p, 0, 3)
    ho, wo = axis(p, 1, 2), axis(p, 1, 3)
    down, along = (kh + 2) // 3, (kw + 2) // 3
    row = _pitch(w, wo, along, sx, left)
    strip, pitch = _strip_rows(ho, wo, row, down, sy), row * SPAN
    ring = _ring_rows(strip, down, sy)
    edge = call.scratch(p, core)
    sums = edge + WIDE * SPAN
    room = sums + down * along * HELD * SPAN
    dy = room + ring * pitch
    stage = dy + strip * wo * SPAN
    _clear(room, ring * row)
    two_roundings, db = p[call.FUSED] & TWO_ROUNDINGS, p[call.BIAS_GRAD]
    begin, end = share(c, core, cores)
    for channel in range(begin, end, WIDE):
        valid = min(WIDE, end - channel)
        target = address(p, 2) + 4 * channel * kh * kw
        _clear(sums, down * along * HELD)
        if p[call.FUSED] & LOAD:
            _move(sums, along, valid, target, kh, kw, True)
            if db:
                _move_total(sums, valid, db + 4 * channel, True)
        for n in range(batch):
            image = address(p, 0) + 4 * (n * c + channel) * h * w
            gradient = address(p, 1) + 4 * (n * c + channel) * ho * wo
            ready = 0
            for y in range(0, ho, strip):
                rows = min(strip, ho - y)
                end_row = (y + rows - 1) * sy + kh
                _fill(image, 4 * h * w, valid, (h, w), (top, left), max(ready, y * sy), end_row,
                      ring, room, pitch, stage, edge)  # fmt: skip
                ready = end_row
                _gather(gradient + 4 * y * wo, 4 * ho * wo, valid, rows * wo, dy, edge)
                after, away = y + strip, 0  # the next strip: here, or the first of what follows
                if after >= ho:
                    after, away = 0, 4 * (c if n + 1 < batch else WIDE - n * c)
                i0 = max(0, ready - top) if after else 0
                i1 = min(h, max(i0, (min(ho, after + strip) - 1) * sy + kh - top))
                x_next = image + away * h * w + 4 * i0 * w
                dy_next = gradient + away * ho * wo + 4 * after * wo
                for tile in range(down * along):
                    place = sums + tile * HELD * SPAN
                    taps = wide_taps_load(place)
                    across = room + tile % along * 3 * SPAN
                    for i in range(rows):
                        if tile == 0:
                            c0, c1 = i * WIDE // rows, (i + 1) * WIDE // rows
                            _ask(x_next, 4 * h * w, c0, c1, 4 * (i1 - i0) * w)
                            _ask(dy_next, 4 * ho * wo, c0, c1, 4 * min(strip, ho - after) * wo)
                        r = (y + i) * sy + tile // along * 3
                        taps = _walk(taps, across + r % ring * pitch,
                                     across + (r + 1) % ring * pitch,
                                     across + (r + 2) % ring * pitch,
                                     dy + i * wo * SPAN, wo, sx, two_roundings)  # fmt: skip
                    wide_taps_store(taps, place)
        _move(sums, along, valid, target, kh, kw, False)
        if db:
            _move_total(sums, valid, db + 4 * channel, False)


def depthwise_weight_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (_, _, h, w), (_, _, ho, wo), _ = shapes
    (kh, kw), (sh, sw), left = attrs["kernel"], attrs["stride"], attrs["padding"][2]
    down, along = (kh + 2) // 3, (kw + 2) // 3
    pitch = _row(w, wo, along, sw, left)
    strip = _strip(ho, wo, pitch, down, sh)
    ring = _ring(strip, down, sh)
    stage = min(h, ring) * w if w < WIDE else 0
    return (WIDE + down * along * HELD + ring * pitch + strip * wo + stage) * WIDE

"""Unfolding an image: what one tap sees of a run of outputs, and the order of the taps."""

from __future__ import annotations

import numpy as np
from numba import njit

from tinycl.fast.call import floats
from tinycl.fast.copies import copy_apart, copy_apart_odd, copy_even, copy_four, copy_vector
from tinycl.fast.vectors import LANES, VECTOR

ZERO = np.float32(0)
FOUR = 4


@njit
def over(a, by):
    """Return a / by rounded up; shifts for the usual strides."""
    if by == 1:
        return a
    return (a + 1) >> 1 if by == 2 else (a + by - 1) // by


@njit
def see(source, width, end, at, stride, count, room):
    """Let room[k] = row[at + k*stride], +0.0 outside the row of `width`; `end`: of the tensor.

    An address 0 stands for a row outside the image.
    """
    inside = source != 0 and at >= 0 and at + count <= width
    if inside and stride == 1 and count % LANES == 0:
        for k in range(0, 4 * count, VECTOR):
            copy_vector(source + 4 * at + k, room + k)
    else:
        see_edge(source, width, end, at, stride, count, room)


@njit
def see_edge(source, width, end, at, stride, count, room):
    """Do what `see` does, for any run."""
    low, high = over(-min(at, 0), stride), min(count, over(max(0, width - at), stride))
    seen = floats(room, count)
    if source == 0 or low >= high:
        for k in range(count):
            seen[k] = ZERO
        return
    for k in range(low):
        seen[k] = ZERO
    for k in range(high, count):
        seen[k] = ZERO
    first = source + 4 * at
    if high - low >= LANES and stride == 1:
        for k in range(low, high, LANES):
            j = 4 * min(k, high - LANES)
            copy_vector(first + j, room + j)
    elif high - low >= LANES and stride == 2 and first + 8 * high <= end:
        for k in range(low, high, LANES):
            j = 4 * min(k, high - LANES)
            copy_even(first + 2 * j, room + j)
    else:
        row = floats(source, width)
        for k in range(low, high):
            seen[k] = row[at + k * stride]


@njit
def see_between(source, width, at, stride, count, room):
    """Let room[k] = row[(at + k) / stride] where that is a whole number and inside, else +0.0."""
    place = over(max(0, at), stride)
    inside = at >= -1 and place + count // 2 <= width
    if source and stride == 2 and inside and count % LANES == 0:
        for k in range(0, 4 * count, VECTOR):
            if at % 2:
                copy_apart_odd(source + 4 * place + k // 2, room + k)
            else:
                copy_apart(source + 4 * place + k // 2, room + k)
        return
    row, seen = floats(source, width), floats(room, count)
    for k in range(count):
        seen[k] = ZERO
    if source:
        for k in range(place * stride - at, min(count, (width - 1) * stride + 1 - at), stride):
            seen[k] = row[place]
            place += 1


@njit
def over_four(words):
    """Return the words that copies of four take."""
    return (words + FOUR - 1) // FOUR * FOUR


@njit
def see_windows(source, width, end, at, stride, count, words, room, pitch, spill):
    """Let room[k*pitch + i] = row[at + k*stride + i], i below `words`, +0.0 outside the row.

    `source`, `end`: as in `see`. Four words are copied at a time, so that up to three more behind
    each window are written if `spill` allows it.
    """
    low, high = 0, 0  # the windows that lie inside, copied as a whole
    if source != 0 and (spill or words % FOUR == 0):
        low = min(count, over(max(0, -at), stride))
        high = max(low, min(count, over(max(0, width - words + 1 - at), stride)))
        while high > low and source + 4 * (at + (high - 1) * stride + over_four(words)) > end:
            high -= 1
    for i in range(0, words, FOUR):
        x, to = source + 4 * (at + i), room + 4 * i
        for k in range(low, high):
            copy_four(x + 4 * k * stride, to + 4 * k * pitch)
    for first, last in ((0, low), (high, count)):
        for k in range(first, last):
            seen = floats(room + 4 * k * pitch, words)
            for i in range(words):
                place = at + k * stride + i
                inside = source != 0 and 0 <= place < width
                seen[i] = floats(source + 4 * place, 1)[0] if inside else ZERO


@njit
def tap_of(t, ci, kh, kw, spatial):
    """Return (ci, kh, kw) of term t of a forward sum."""
    if spatial:
        return t % ci, t // (ci * kw), t // ci % kw
    return t // (kh * kw), t // kw % kh, t % kw


@njit
def next_tap(c, i, j, ci, kh, kw, spatial):
    """Return the tap behind this one."""
    if spatial:
        c += 1
        if c == ci:
            c, j = 0, j + 1
        if j == kw:
            i, j = i + 1, 0
        return c, i, j
    j += 1
    if j == kw:
        i, j = i + 1, 0
    if i == kh:
        c, i = c + 1, 0
    return c, i, j

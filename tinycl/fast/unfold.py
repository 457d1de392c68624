"""Unfolding an image: what one tap sees of a run of outputs, and the order of the taps."""

from __future__ import annotations

import numpy as np
from numba import njit

from tinycl.fast.call import floats
from tinycl.fast.copies import copy_apart, copy_apart_odd, copy_even, copy_vector
from tinycl.fast.vectors import LANES, VECTOR

ZERO = np.float32(0)


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

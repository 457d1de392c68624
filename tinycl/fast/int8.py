"""Convolutions of bytes as products: rows are channels of y, columns (sample, position)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import carray, njit

from tinycl.fast.call import address, attribute, axis, integers
from tinycl.fast.int8_product import byte_product_scratch, bytes_at, make_byte_product
from tinycl.fast.int8_vectors import FIELD, GROUP, LANES, weave
from tinycl.fast.native import pointer

STEP = FIELD // 8  # bytes a term takes in a word


@njit
def _columns(p, j, wide, words, room):
    """Of x (n, ci, area): columns are (n, position) from j on, terms are ci."""
    n, ci, area = axis(p, 0, 0), axis(p, 0, 1), axis(p, 0, 2) * axis(p, 0, 3)
    sample, at, c = j // area, j % area, 0
    while c < wide:
        run = min(wide - c, area - at) if sample < n else wide - c
        for k in range(words):
            to = room + 4 * (k * wide + c)
            if sample >= n:
                blank = carray(pointer(to), (run,), np.int32)
                for i in range(run):
                    blank[i] = 0
                continue
            # behind the last channel the weights are 0: any channel will do
            place = address(p, 0) + sample * ci * area + at
            a = place + GROUP * k * area
            b = place + min(ci - 1, GROUP * k + 1) * area
            d = place + min(ci - 1, GROUP * k + 2) * area
            e = place + min(ci - 1, GROUP * k + 3) * area
            whole = run - run % LANES
            for i in range(0, whole, LANES):
                weave(a + i, b + i, d + i, e + i, to + 4 * i)
            if whole < run:
                _weave_rest(a, b, d, e, whole, run, to)
        c, sample, at = c + run, sample + 1, 0


@njit
def _weave_rest(a, b, d, e, begin, end, to):
    """Weave places begin .. end-1, one by one."""
    first, second = bytes_at(a, end), bytes_at(b, end)
    words = carray(pointer(to), (end,), np.int32)
    for i in range(begin, end):
        words[i] = np.int32(first[i]) | np.int32(second[i]) << FIELD
    if GROUP == 4:
        third, fourth = bytes_at(d, end), bytes_at(e, end)
        for i in range(begin, end):
            words[i] |= np.int32(third[i]) << 16 | np.int32(fourth[i]) << 24


_pointwise = make_byte_product(_columns)


def int8_pointwise(p: Any, core: int, cores: int) -> None:
    """Terms are ci."""
    _pointwise(p, core, cores, axis(p, 1, 1))


@njit
def _windows(p, j, wide, words, room):
    """Of x (n, ci, h, w): columns are (n, ho, wo) from j on, terms are (ci, kh, kw)."""
    n, ci, h, w = axis(p, 0, 0), axis(p, 0, 1), axis(p, 0, 2), axis(p, 0, 3)
    kh, kw, ho, wo = axis(p, 1, 2), axis(p, 1, 3), axis(p, 6, 2), axis(p, 6, 3)
    sy, sx, top, left = (
        attribute(p, 7, 0),
        attribute(p, 7, 1),
        attribute(p, 7, 2),
        attribute(p, 7, 4),
    )
    zero = np.uint8(integers(p, 5)[0])
    panel = bytes_at(room, 4 * words * wide)
    panel[:] = 0
    c = 0
    while c < wide:
        row, x0 = (j + c) // wo, (j + c) % wo
        run = min(wide - c, wo - x0)
        sample, y0 = row // ho, row % ho * sy - top
        if sample >= n:
            break
        for t in range(ci * kh * kw):
            channel, i, k = t // (kh * kw), t // kw % kh, t % kw
            to = 4 * ((t // GROUP) * wide + c) + t % GROUP * STEP
            y = y0 + i
            start = x0 * sx - left + k  # of the first column
            # columns first .. last-1 see the image
            first = min(run, max(0, (-start + sx - 1) // sx))
            last = min(run, max(first, (w - start + sx - 1) // sx))
            if not 0 <= y < h:
                first = last = run
            for q in range(first):
                panel[to + 4 * q] = zero
            if first < last:
                image = bytes_at(address(p, 0) + ((sample * ci + channel) * h + y) * w, w)
                for q in range(first, last):
                    panel[to + 4 * q] = image[start + q * sx]
            for q in range(last, run):
                panel[to + 4 * q] = zero
        c += run


_conv2d = make_byte_product(_windows)


def int8_conv2d(p: Any, core: int, cores: int) -> None:
    """Terms are (ci, kh, kw)."""
    _conv2d(p, core, cores, axis(p, 1, 1) * axis(p, 1, 2) * axis(p, 1, 3))


def _scratch(shapes: Any, attrs: Any) -> int:
    return byte_product_scratch(shapes[1][0], math.prod(shapes[1][1:]))


int8_conv2d_scratch = int8_pointwise_scratch = _scratch

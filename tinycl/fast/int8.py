"""Convolutions of bytes as products: rows are channels of y, columns (sample, position)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import carray, njit

from tinycl.fast.call import address, attribute, axis, integers
from tinycl.fast.int8_product import byte_product_scratch, make_byte_product
from tinycl.fast.int8_vectors import (
    FIELD,
    GROUP,
    LANES,
    bytes_at,
    copy_bytes,
    fill_bytes,
    weave,
    weave_even,
)
from tinycl.fast.native import pointer


@njit
def _columns(p, j, wide, words, room, spare):
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
                _weave_rest(a, b, d, e, whole, run, 1, to)
        c, sample, at = c + run, sample + 1, 0


@njit
def _weave_rest(a, b, d, e, begin, end, step, to):
    """Weave places begin .. end-1, `step` bytes apart, one by one."""
    count = (end - 1) * step + 1
    first, second, third, fourth = (
        bytes_at(a, count),
        bytes_at(b, count),
        bytes_at(d, count),
        bytes_at(e, count),
    )
    words = carray(pointer(to), (end,), np.uint32)
    for i in range(begin, end):
        at = i * step
        word = np.uint32(first[at]) | np.uint32(second[at]) << np.uint32(FIELD)
        if GROUP == 4:
            word |= np.uint32(third[at]) << np.uint32(16) | np.uint32(fourth[at]) << np.uint32(24)
        words[i] = np.uint32(word)


_pointwise = make_byte_product("int8_pointwise", _columns)


def int8_pointwise(p: Any, core: int, cores: int) -> None:
    """Terms are ci."""
    _pointwise(p, core, cores, axis(p, 1, 1))


@njit
def _around(p, sample, spare):
    """Copy a sample into one with its zero around it, and note where each term lies in it.

    spare: the sample that is there, or -1; the offset of each term, 0 for those behind the last;
    the rows of all channels.
    """
    ci, h, w, kh, kw = axis(p, 0, 1), axis(p, 0, 2), axis(p, 0, 3), axis(p, 1, 2), axis(p, 1, 3)
    top, bottom, left, right = _sides(p)
    rows, pitch, terms = h + top + bottom, w + left + right, ci * kh * kw
    known = carray(pointer(spare), (1 + terms + GROUP,), np.int64)
    image = spare + 8 * known.size
    if known[0] < 0:
        fill_bytes(image, ci * rows * pitch, np.uint8(integers(p, 5)[0]))
        for t in range(terms):
            known[1 + t] = (t // (kh * kw) * rows + t // kw % kh) * pitch + t % kw
        known[1 + terms :] = 0
    known[0] = sample
    for c in range(ci):
        source = address(p, 0) + (sample * ci + c) * h * w
        for y in range(h):
            copy_bytes(source + y * w, image + (c * rows + top + y) * pitch + left, w)


@njit
def _sides(p):
    """Return the padding: top, bottom, left, right."""
    return attribute(p, 7, 2), attribute(p, 7, 3), attribute(p, 7, 4), attribute(p, 7, 5)


@njit
def _windows(p, j, wide, words, room, spare):
    """Of x (n, ci, h, w): columns are (n, ho, wo) from j on, terms are (ci, kh, kw)."""
    ho, wo, sy, sx = axis(p, 6, 2), axis(p, 6, 3), attribute(p, 7, 0), attribute(p, 7, 1)
    terms = axis(p, 1, 1) * axis(p, 1, 2) * axis(p, 1, 3)
    known = carray(pointer(spare), (1 + terms + GROUP,), np.int64)
    _, _, left, right = _sides(p)
    pitch, image = axis(p, 0, 3) + left + right, spare + 8 * known.size
    c = 0
    while c < wide:
        row, x0 = (j + c) // wo, (j + c) % wo
        run = min(wide - c, wo - x0)
        if row // ho >= axis(p, 0, 0):
            blank = carray(pointer(room), (words * wide,), np.int32)
            for k in range(words):
                blank[k * wide + c : (k + 1) * wide] = 0
            break
        if known[0] != row // ho:
            _around(p, row // ho, spare)
        place = image + row % ho * sy * pitch + x0 * sx
        whole = run - run % LANES if sx <= 2 else 0
        for k in range(words):
            to, t = room + 4 * (k * wide + c), 1 + GROUP * k
            a, b = place + known[t], place + known[t + 1]
            d, e = (place + known[t + 2], place + known[t + 3]) if GROUP == 4 else (a, b)
            for i in range(0, whole, LANES):
                if sx == 1:
                    weave(a + i, b + i, d + i, e + i, to + 4 * i)
                else:
                    at = 2 * i
                    weave_even(a + at, b + at, d + at, e + at, to + 4 * i)
            if whole < run:
                _weave_rest(a, b, d, e, whole, run, sx, to)
        c += run


_conv2d = make_byte_product("int8_conv2d", _windows)


def int8_conv2d(p: Any, core: int, cores: int) -> None:
    """Terms are (ci, kh, kw)."""
    _conv2d(p, core, cores, axis(p, 1, 1) * axis(p, 1, 2) * axis(p, 1, 3))


def int8_pointwise_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    return byte_product_scratch(*shapes[1])


def int8_conv2d_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core: those of the product, one sample with its padding, where its terms lie."""
    (_, ci, h, w), (co, *taps) = shapes[:2]
    terms = math.prod(taps)
    top, bottom, left, right = attrs["padding"]
    sample = ci * (h + top + bottom) * (w + left + right)
    return byte_product_scratch(co, terms) + 2 * (1 + terms + GROUP) + sample // 4 + 2 * LANES

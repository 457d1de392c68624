"""Depthwise convolution of bytes; kernels of 3x3 with stride 1 or 2 in vectors.

A plane is copied into one with its zero around it. Three rows of it are woven into words, a column
of the kernel a word, so that a tap is one step of `dot`; a whole image lies in one line, rows one
behind the other, and what the ends of rows give is not copied out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, njit, types
from numba.extending import intrinsic

from tinycl.fast import call
from tinycl.fast.call import address, attribute, axis, integers, share
from tinycl.fast.elements import held
from tinycl.fast.int8_product import signed_at
from tinycl.fast.int8_vectors import (
    FIELD,
    LANES,
    QUADS,
    copy_bytes,
    dot,
    fill_bytes,
    lanes_of,
    load,
    same_lanes,
    spread,
    store,
    to_bytes,
    wide_bytes,
    woven,
)
from tinycl.fast.native import I32, I64, pointer

SLACK = 4 * LANES  # bytes, or words, that vectors run over behind a plane
PARTS = 1 if QUADS else 2  # words that hold three terms
WEIGHTS = 16  # words: three columns of each part


def _parts(b: Any, rows: list[Any]) -> list[Any]:
    return [woven(b, rows)] if QUADS else [woven(b, rows[:2]), rows[2]]


@intrinsic
def weave_three(typing: Any, row: Any, pitch: Any, to: Any, apart: Any) -> Any:
    """Put LANES words there, three rows in each; the second part lies `apart` bytes further."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        row, pitch, to, apart = args
        rows = []
        for _ in range(3):
            rows.append(wide_bytes(builder, row))
            row = builder.add(row, pitch)
        for part in _parts(builder, rows):
            store(builder, part, to)
            to = builder.add(to, apart)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 4), generate


@intrinsic
def weave_three_apart(typing: Any, row: Any, pitch: Any, even: Any, odd: Any, apart: Any) -> Any:
    """Put the words of LANES even and LANES odd places there."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        row, pitch, even, odd, apart = args
        sixteen, word = lanes_of(LANES, ir.IntType(16)), lanes_of(LANES)
        rows: list[list[Any]] = [[], []]
        for _ in range(3):
            pairs = builder.zext(load(builder, row, sixteen), word)
            rows[0].append(builder.and_(pairs, same_lanes(word, 255)))
            rows[1].append(builder.lshr(pairs, same_lanes(word, 8)))
            row = builder.add(row, pitch)
        for to, these in ((even, rows[0]), (odd, rows[1])):
            for part in _parts(builder, these):
                store(builder, part, to)
                to = builder.add(to, apart)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 5), generate


@intrinsic
def nine_taps(typing: Any, first: Any, second: Any, third: Any, apart: Any, weights: Any,
              bias: Any, multiplier: Any, shift: Any, zero: Any, to: Any) -> Any:  # fmt: skip
    """Put LANES bytes there: the columns of three taps at these addresses, summed and scaled."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        *columns, apart, weights, bias, multiplier, shift, zero, to = args
        total = spread(builder, builder.trunc(bias, I32), LANES)
        for column in columns:
            for _ in range(PARTS):
                weight = spread(builder, load(builder, weights, I32), LANES)
                total = dot(builder, total, load(builder, column, lanes_of(LANES)), weight)
                weights = builder.add(weights, ir.Constant(I64, 4))
                column = builder.add(column, apart)
        store(builder, to_bytes(builder, total, multiplier, shift, zero), to)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 10), generate


@njit
def _pitch(w, left, right):
    """Return the bytes of a padded row, an even number."""
    return (w + left + right + 1) // 2 * 2


@njit
def _taps_of(w, to):
    """Pack the columns of a 3x3 kernel into words."""
    taps, words = signed_at(w, 9), carray(pointer(to), (3 * PARTS,), np.int32)
    mask = (1 << FIELD) - 1
    for k in range(3):
        a, b, c = (
            np.int64(taps[k]) & mask,
            np.int64(taps[3 + k]) & mask,
            np.int64(taps[6 + k]) & mask,
        )
        if QUADS:
            words[k] = np.int32(a | b << 8 | c << 16)
        else:
            words[2 * k], words[2 * k + 1] = np.int32(a | b << 16), np.int32(c)


@njit
def _three_by_three(p, core, cores, stride, top, left, right, bottom):
    """Compute a core's share of the planes (n, c)."""
    c, h, w = axis(p, 0, 1), axis(p, 0, 2), axis(p, 0, 3)
    ho, wo = axis(p, 6, 2), axis(p, 6, 3)
    bias, multiplier, shift, zeros = (
        integers(p, 2),
        integers(p, 3),
        integers(p, 4),
        integers(p, 5),
    )
    rows, pitch = h + top + bottom, _pitch(w, left, right)
    wide = pitch // stride  # words a row of y
    begun = call.scratch(p, core)
    plane, weights = begun + 4 * WEIGHTS, begun
    words = plane + (rows * pitch + SLACK) // 64 * 64 + 64
    apart = 4 * (ho * wide + SLACK)
    odd = words + PARTS * apart
    made = words + stride * PARTS * apart
    begin, end = share(axis(p, 0, 0) * c, core, cores)
    fill_bytes(plane, rows * pitch, np.uint8(zeros[0]))  # what lies around the image stays
    for k in range(begin, end):
        channel = k % c
        image = address(p, 0) + k * h * w
        for y in range(h):
            copy_bytes(image + y * w, plane + (top + y) * pitch + left, w)
        _taps_of(address(p, 1) + 9 * channel, weights)
        total = np.int64(0)
        if zeros[0]:
            taps = signed_at(address(p, 1) + 9 * channel, 9)
            for t in range(9):
                total += np.int64(taps[t])
        start = np.int64(bias[channel]) - np.int64(zeros[0]) * total
        by, right_by, zero = (
            np.int64(multiplier[channel]),
            np.int64(shift[channel]),
            np.int64(zeros[1]),
        )
        if stride == 1:
            for j in range(0, ho * pitch, LANES):
                weave_three(plane + j, pitch, words + 4 * j, apart)
            for j in range(0, ho * wide, LANES):
                at = words + 4 * j
                nine_taps(at, at + 4, at + 8, apart, weights, start, by, right_by, zero, made + j)
        else:
            for y in range(ho):
                row, at = plane + 2 * y * pitch, 4 * y * wide
                for j in range(0, wide, LANES):
                    weave_three_apart(row + 2 * j, pitch, words + at + 4 * j, odd + at + 4 * j,
                                      apart)  # fmt: skip
            for j in range(0, ho * wide, LANES):
                at = words + 4 * j
                nine_taps(at, odd + 4 * j, at + 4, apart, weights, start, by, right_by, zero,
                          made + j)  # fmt: skip
        to = address(p, 6) + k * ho * wo
        for y in range(ho):
            copy_bytes(made + y * wide, to + y * wo, wo)


@njit
def _any_kernel(p, core, cores, sy, sx, top, left):
    """Compute a core's share of the rows of y, tap after tap."""
    c, h, w = axis(p, 0, 1), axis(p, 0, 2), axis(p, 0, 3)
    kh, kw, ho, wo = axis(p, 1, 1), axis(p, 1, 2), axis(p, 6, 2), axis(p, 6, 3)
    x, weights, y = call.unsigned_bytes(p, 0), call.signed_bytes(p, 1), call.unsigned_bytes(p, 6)
    bias, zeros = integers(p, 2), integers(p, 5)
    begin, end = share(axis(p, 0, 0) * c * ho, core, cores)
    for row in range(begin, end):
        plane, i = row // ho, row % ho
        channel = plane % c
        by, right_by = np.int64(integers(p, 3)[channel]), np.int64(integers(p, 4)[channel])
        for j in range(wo):
            total = np.int64(bias[channel])
            for a in range(max(0, i * sy - top), min(h, i * sy - top + kh)):
                for b in range(max(0, j * sx - left), min(w, j * sx - left + kw)):
                    tap = (channel * kh + a - i * sy + top) * kw + b - j * sx + left
                    pixel = np.int64(x[(plane * h + a) * w + b]) - np.int64(zeros[0])
                    total += pixel * np.int64(weights[tap])
            product = np.int64(np.int32(total)) * by
            moved = ((product + (1 << (right_by - 1))) >> right_by) + np.int64(zeros[1])
            y[row * wo + j] = np.uint8(held(moved))


def int8_depthwise(p: Any, core: int, cores: int) -> None:
    """Each channel with its own filter."""
    sy, sx, top, bottom, left, right = (
        attribute(p, 7, 0),
        attribute(p, 7, 1),
        attribute(p, 7, 2),
        attribute(p, 7, 3),
        attribute(p, 7, 4),
        attribute(p, 7, 5),
    )
    three = axis(p, 1, 1) == 3 and axis(p, 1, 2) == 3
    if three and sy == 1 and sx == 1:
        _three_by_three(p, core, cores, 1, top, left, right, bottom)
    elif three and sy == 2 and sx == 2:
        _three_by_three(p, core, cores, 2, top, left, right, bottom)
    else:
        _any_kernel(p, core, cores, sy, sx, top, left)


def int8_depthwise_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (_, _, h, w), (_, kh, kw), *_, (_, _, ho, _) = shapes
    (sy, sx), (top, bottom, left, right) = attrs["stride"], attrs["padding"]
    if (kh, kw) != (3, 3) or sy != sx or sy > 2:
        return 0
    rows, pitch = h + top + bottom, (w + left + right + 1) // 2 * 2
    words = ho * pitch // sx + SLACK
    return WEIGHTS + (rows * pitch + SLACK) // 4 + 32 + (sx * PARTS + 1) * words

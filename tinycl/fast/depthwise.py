"""Depthwise convolution and its gradients: eight channels in the lanes of a vector.

Rows of an image are transposed into scratch, eight channels a position, with zeros where the
padding is (the input gradient: and between the positions of a strided dy). Forward and input
gradient are then the same walk over taps, for eight columns of outputs at a time. Each lane of each
vector is one output element with one accumulator, whatever the kernel and the stride.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast import call
from tinycl.fast.call import address, attribute, axis, share
from tinycl.fast.micro import BIAS_FIRST, BIAS_LAST, MASK, RELU, RELU6, TWO_ROUNDINGS
from tinycl.fast.strips import EDGE, clear, fill, gather, move_up, scatter
from tinycl.fast.vectors import (
    LANES,
    VECTOR,
    block_add,
    block_load,
    block_mask,
    block_rectify,
    block_spread,
    block_store,
    block_turn,
    block_zero,
    grow_fma,
    grow_mul_add,
    grow_nine,
    grow_nine_strided,
)

ROOM = 16 * 1024  # bytes of image rows that stay in the first-level cache
ZERO, SIX, INFINITE = np.float32(0), np.float32(6), np.float32(np.inf)
FORWARD, BY_OUTPUT, BY_WEIGHT = range(3)


def _strip(rows, pitch, kernel, stride):
    """Rows of outputs whose image rows fit into ROOM; an even number, for pairs of rows of four."""
    fit = (ROOM // (pitch * VECTOR) - kernel) // stride + 1
    return min(rows + rows % 2, max(2, fit - fit % 2))


_strip_rows = njit(_strip)


@njit
def _rows(see, rows, pitch, stride, kernel, down, along, weights, target, plane, valid, wo, flags,
          bias, gate, edge):  # fmt: skip
    """Compute rows of outputs of eight channels, eight columns at a time, or two rows of four.

    down, along: bytes from tap to tap, in the order of the terms; weights lie in that order.
    """
    (sy, sx), (kh, kw), step = stride, kernel, stride[1] * VECTOR
    nine = kh == 3 and kw == 3 and along == VECTOR and not flags & TWO_ROUNDINGS and sx <= 2
    i = 0
    while i < rows:
        pair = wo == 4 and i + 1 < rows
        lanes = LANES if pair else min(LANES, wo)
        for k in range(0, wo, LANES):
            x = max(0, min(k, wo - LANES))
            low = see + i * sy * pitch + x * step
            high = low + (sy * pitch if pair else 4 * step)
            at = 4 * (i * wo + x)
            block = block_spread(bias) if flags & BIAS_FIRST else block_zero()
            if nine and sx == 1:
                block = grow_nine(block, low, high, down, weights)
            elif nine:
                block = grow_nine_strided(block, low, high, down, weights)
            else:
                block = _taps(block, low, high, step, kh, kw, down, along, weights, flags)
            if flags & BIAS_LAST:
                block = block_add(block, block_spread(bias))
            if flags & (RELU | RELU6):
                block = block_rectify(block, INFINITE if flags & RELU else SIX)
            block = block_turn(block)
            if valid == LANES and lanes == LANES:
                if flags & MASK:
                    block = block_mask(block, block_load(gate + at, plane))
                block_store(block, target + at, plane)
            else:
                scatter(block, target + at, plane, valid, lanes, flags, gate + at, edge)
        i += 2 if pair else 1


@njit
def _taps(block, low, high, step, kh, kw, down, along, weights, flags):
    """Add any number of taps to a block."""
    for i in range(kh):
        for j in range(kw):
            at = i * down + j * along
            weight = weights + (i * kw + j) * VECTOR
            if flags & TWO_ROUNDINGS:
                block = grow_mul_add(block, low + at, high + at, step, weight)
            else:
                block = grow_fma(block, low + at, high + at, step, weight)
    return block


@njit
def _correlate(p, core, cores, source, w, bias, target, batch, c, size, out, kernel, stride, origin,
               offset, spread, backwards):  # fmt: skip
    """Let out[n, c, y, x] sum image[n, c, y*stride + origin + i, ...] * w[c, i, j] over taps.

    backwards: BY_OUTPUT for weights descending, BY_WEIGHT for positions descending.
    """
    (ho, wo), (kh, kw), (sy, sx) = out, kernel, stride
    flags, gate = p[call.FUSED], p[call.GATE]
    pitch = VECTOR * _pitch(size[1], wo, kw, sx, origin[1], offset[1], spread[1])
    strip = _strip_rows(ho, pitch // VECTOR, kh, sy)
    edge = call.scratch(p, core)
    room = edge + EDGE + VECTOR * _stage(strip, kh, sy, size[1])
    biases, weights = room, room + VECTOR
    room = weights + kh * kw * VECTOR
    clear(room, ((strip - 1) * sy + kh) * pitch // VECTOR)
    groups = (c + LANES - 1) // LANES
    plane, image = 4 * ho * wo, 4 * size[0] * size[1]
    begin, end = share(batch * groups * ho, core, cores)
    last = kh * kw - 1
    while begin < end:
        which, y0 = begin // ho, begin % ho
        n, first = which // groups, which % groups * LANES
        valid, channel = min(LANES, c - first), n * c + first
        y1 = min(ho, y0 + end - begin)
        begin += y1 - y0
        if backwards == BY_OUTPUT:
            gather(w + 4 * first * kh * kw, 4 * kh * kw, valid, kh * kw, weights + last * VECTOR,
                    -VECTOR, edge)  # fmt: skip
        else:
            gather(w + 4 * first * kh * kw, 4 * kh * kw, valid, kh * kw, weights, VECTOR, edge)
        if bias:
            gather(bias + 4 * first, 4, valid, 1, biases, VECTOR, edge)
        down, along, see = pitch, VECTOR, room + origin[1] * VECTOR
        if backwards == BY_WEIGHT:
            see += (kh - 1) * pitch + (kw - 1) * VECTOR
            down, along = -pitch, -VECTOR
        ready = 0
        for y in range(y0, y1, strip):
            rows = min(strip, y1 - y)
            r0 = y * sy + origin[0]
            r1 = r0 + (rows - 1) * sy + kh
            kept = max(0, ready - r0) if y > y0 else 0
            move_up(room, room + (strip * sy) * pitch, kept * pitch // VECTOR)
            fill(source + channel * image, image, valid, size, offset, spread, r0 + kept, r1,
                  room + kept * pitch, pitch, edge)  # fmt: skip
            ready = r1
            at = 4 * (channel * ho + y) * wo
            _rows(see, rows, pitch, stride, kernel, down, along, weights, target + at, plane, valid,
                  wo, flags, biases, gate + at, edge)  # fmt: skip


def _row(w, wo, kw, sx, origin, offset, spread):
    """Positions of a row of the image; eight outputs are computed even if there are fewer."""
    return max(offset + (w - 1) * spread + 1, origin + (max(wo, LANES) - 1) * sx + kw)


def _staged(strip, kh, sy, w):
    """Positions of the source rows of a strip, where rows are shorter than a vector."""
    return ((strip - 1) * sy + kh) * w + LANES if w < LANES else 0


_pitch, _stage = njit(_row), njit(_staged)


def depthwise_forward(p: Any, core: int, cores: int) -> None:
    """Each channel with its own filter; taps (kh, kw) ascending."""
    sh, sw, top, left = (
        attribute(p, 4, 0),
        attribute(p, 4, 1),
        attribute(p, 4, 2),
        attribute(p, 4, 4),
    )
    size, out = (axis(p, 0, 2), axis(p, 0, 3)), (axis(p, 3, 2), axis(p, 3, 3))
    kernel = (axis(p, 1, 1), axis(p, 1, 2))
    _correlate(p, core, cores, address(p, 0), address(p, 1), address(p, 2), address(p, 3),
               axis(p, 0, 0), axis(p, 0, 1), size, out, kernel, (sh, sw), (0, 0), (top, left),
               (1, 1), FORWARD)  # fmt: skip


def depthwise_input_grad(p: Any, core: int, cores: int) -> None:
    """Dy with zeros between its elements; ascending (ho, wo), which is descending (kh, kw)."""
    sh, sw, top, left = (
        attribute(p, 3, 2),
        attribute(p, 3, 3),
        attribute(p, 3, 4),
        attribute(p, 3, 6),
    )
    kh, kw = axis(p, 0, 1), axis(p, 0, 2)
    size, out = (axis(p, 1, 2), axis(p, 1, 3)), (axis(p, 2, 2), axis(p, 2, 3))
    _correlate(p, core, cores, address(p, 1), address(p, 0), 0, address(p, 2), axis(p, 1, 0),
               axis(p, 0, 0), size, out, (kh, kw), (1, 1), (top, left), (kh - 1, kw - 1), (sh, sw),
               BY_WEIGHT if p[call.BY_WEIGHT] else BY_OUTPUT)  # fmt: skip


def depthwise_forward_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (_, _, _, w), (_, kh, kw), _, (_, _, ho, wo) = shapes
    (sh, sw), left = attrs["stride"], attrs["padding"][2]
    return _correlate_words(w, (ho, wo), (kh, kw), (sh, sw), 0, left, 1)


def depthwise_input_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (_, kh, kw), (_, _, _, wo), (_, _, h, w) = shapes
    left, sw = attrs["padding"][2], attrs["stride"][1]
    return _correlate_words(wo, (h, w), (kh, kw), (1, 1), left, kw - 1, sw)


def _correlate_words(w, out, kernel, stride, origin, offset, spread):
    pitch = _row(w, out[1], kernel[1], stride[1], origin, offset, spread)
    strip = _strip(out[0], pitch, kernel[0], stride[0])
    vectors = _staged(strip, kernel[0], stride[0], w) + 1 + kernel[0] * kernel[1]
    vectors += ((strip - 1) * stride[0] + kernel[0]) * pitch
    return EDGE // 4 + vectors * LANES

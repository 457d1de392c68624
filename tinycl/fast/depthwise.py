"""Depthwise convolution and its gradients.

Forward and input gradient are the same correlation, neighbouring outputs in the lanes of a vector.
For the weight gradient rows of an image are transposed into scratch, eight channels a position,
with zeros where the padding is; it keeps nine taps in registers and walks over positions. Each lane
of each vector is one output element with one accumulator, whatever the kernel and the stride.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast import call
from tinycl.fast.call import address, attribute, axis, floats, share
from tinycl.fast.correlate import BY_OUTPUT, BY_WEIGHT, FORWARD, correlate, correlate_words
from tinycl.fast.micro import TWO_ROUNDINGS
from tinycl.fast.strips import EDGE, clear, fill, gather, move_up
from tinycl.fast.vectors import (
    LANES,
    VECTOR,
    block_store,
    grow_taps_fma,
    grow_taps_mul_add,
    taps_load,
)

ROOM = 16 * 1024  # bytes of image rows that stay in the first-level cache


def _strip(rows, pitch, kernel, stride):
    """Rows of outputs whose image rows fit into ROOM; an even number, for pairs of rows of four."""
    fit = (ROOM // (pitch * VECTOR) - kernel) // stride + 1
    return min(rows + rows % 2, max(2, fit - fit % 2))


_strip_rows = njit(_strip)


def _row(w, wo, kw, sx, origin, offset, spread):
    """Positions of a row of the image; eight outputs are computed even if there are fewer."""
    return max(offset + (w - 1) * spread + 1, origin + (max(wo, LANES) - 1) * sx + kw)


def _staged(strip, kh, sy, w):
    """Positions of the source rows of a strip, where rows are shorter than a vector."""
    return ((strip - 1) * sy + kh) * w + LANES if w < LANES else 0


_pitch, _stage = njit(_row), njit(_staged)


def depthwise_forward(p: Any, core: int, cores: int) -> None:
    """Each channel with its own filter; taps (kh, kw) ascending."""
    stride, start = (
        (attribute(p, 4, 0), attribute(p, 4, 1)),
        (attribute(p, 4, 2), attribute(p, 4, 4)),
    )
    size, out = (axis(p, 0, 2), axis(p, 0, 3)), (axis(p, 3, 2), axis(p, 3, 3))
    kernel = (axis(p, 1, 1), axis(p, 1, 2))
    correlate(p, core, cores, address(p, 0), address(p, 1), address(p, 2), address(p, 3),
              axis(p, 0, 0), axis(p, 0, 1), size, out, kernel, stride, (0, 0), start, (1, 1),
              FORWARD)  # fmt: skip


def depthwise_input_grad(p: Any, core: int, cores: int) -> None:
    """Dy with zeros between its elements; ascending (ho, wo), which is descending (kh, kw)."""
    stride, start = (
        (attribute(p, 3, 2), attribute(p, 3, 3)),
        (attribute(p, 3, 4), attribute(p, 3, 6)),
    )
    kh, kw = axis(p, 0, 1), axis(p, 0, 2)
    size, out = (axis(p, 1, 2), axis(p, 1, 3)), (axis(p, 2, 2), axis(p, 2, 3))
    correlate(p, core, cores, address(p, 1), address(p, 0), 0, address(p, 2), axis(p, 1, 0),
              axis(p, 0, 0), size, out, (kh, kw), (1, 1), start, (kh - 1, kw - 1), stride,
              BY_WEIGHT if p[call.BY_WEIGHT] else BY_OUTPUT)  # fmt: skip


@njit
def _walk(taps, a, b, c, gradient, count, step, two_roundings):
    """Add `count` positions to nine taps, in order."""
    for k in range(count):
        at, g = k * step, gradient + k * VECTOR
        if two_roundings:
            taps = grow_taps_mul_add(taps, a + at, b + at, c + at, g)
        else:
            taps = grow_taps_fma(taps, a + at, b + at, c + at, g)
    return taps


def depthwise_weight_grad(p: Any, core: int, cores: int) -> None:
    """One chain over (n, ho, wo) a tap; taps go in tiles of 3x3, cut at the edge."""
    kh, kw, sy, sx = attribute(p, 3, 0), attribute(p, 3, 1), attribute(p, 3, 2), attribute(p, 3, 3)
    top, left = attribute(p, 3, 4), attribute(p, 3, 6)
    batch, c, h, w = axis(p, 0, 0), axis(p, 0, 1), axis(p, 0, 2), axis(p, 0, 3)
    ho, wo = axis(p, 1, 2), axis(p, 1, 3)
    down, along = (kh + 2) // 3, (kw + 2) // 3
    pitch = _pitch(w, wo, 3 * along, sx, 0, left, 1) * VECTOR
    strip = _strip_rows(ho, pitch // VECTOR, 3 * down, sy)
    edge = call.scratch(p, core)
    sums = edge + EDGE + VECTOR * _stage(strip, kh, sy, w)
    dy = sums + down * along * 9 * VECTOR
    room = dy + strip * wo * VECTOR
    clear(room, ((strip - 1) * sy + 3 * down) * pitch // VECTOR)
    two_roundings = p[call.FUSED] & TWO_ROUNDINGS
    begin, end = share((c + LANES - 1) // LANES, core, cores)
    for channel in range(begin * LANES, min(c, end * LANES), LANES):
        valid = min(LANES, c - channel)
        clear(sums, down * along * 9)
        for n in range(batch):
            image = address(p, 0) + 4 * (n * c + channel) * h * w
            gradient = address(p, 1) + 4 * (n * c + channel) * ho * wo
            ready = 0
            for y in range(0, ho, strip):
                rows = min(strip, ho - y)
                r0, r1 = y * sy, (y + rows - 1) * sy + kh
                kept = max(0, ready - r0)
                move_up(room, room + strip * sy * pitch, kept * pitch // VECTOR)
                fill(image, 4 * h * w, valid, (h, w), (top, left), (1, 1), r0 + kept, r1,
                      room + kept * pitch, pitch, edge)  # fmt: skip
                ready = r1
                gather(gradient + 4 * y * wo, 4 * ho * wo, valid, rows * wo, dy, VECTOR, edge)
                for tile in range(down * along):
                    place = sums + tile * 9 * VECTOR
                    taps = taps_load(place)
                    a = room + tile // along * 3 * pitch + tile % along * 3 * VECTOR
                    for i in range(rows):
                        row = a + i * sy * pitch
                        below, g = row + pitch, dy + i * wo * VECTOR
                        taps = _walk(taps, row, below, below + pitch, g, wo, sx * VECTOR,
                                     two_roundings)  # fmt: skip
                    block_store(taps, place, VECTOR)
        found = floats(sums, down * along * 9 * LANES)
        for k in range(valid):
            dw = floats(address(p, 2) + 4 * (channel + k) * kh * kw, kh * kw)
            for i in range(kh):
                for j in range(kw):
                    tap = (i // 3 * along + j // 3) * 9 + i % 3 * 3 + j % 3
                    dw[i * kw + j] = found[tap * LANES + k]


def depthwise_forward_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (_, _, *size), (_, *kernel), _, (_, _, *out) = shapes
    top, _, left, _ = attrs["padding"]
    return correlate_words(size, out, kernel, attrs["stride"], (0, 0), (top, left), (1, 1))


def depthwise_input_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (_, kh, kw), (_, _, *size), (_, _, *out) = shapes
    top, _, left, _ = attrs["padding"]
    offset, spread = (kh - 1, kw - 1), attrs["stride"]
    return correlate_words(size, out, (kh, kw), (1, 1), (top, left), offset, spread)


def depthwise_weight_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core."""
    (_, _, _, w), (_, _, ho, wo), _ = shapes
    (kh, kw), (sh, sw), left = attrs["kernel"], attrs["stride"], attrs["padding"][2]
    down, along = (kh + 2) // 3, (kw + 2) // 3
    pitch = _row(w, wo, 3 * along, sw, 0, left, 1)
    strip = _strip(ho, pitch, 3 * down, sh)
    vectors = _staged(strip, kh, sh, w) + down * along * 9 + strip * wo
    return EDGE // 4 + (vectors + ((strip - 1) * sh + 3 * down) * pitch) * LANES

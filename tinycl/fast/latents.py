"""Latents packed into a few bits each: the twins of `tinycl.ops.latents`.

Eight elements take `bits` whole bytes, so that cores share groups of eight.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import ZERO, div, mul, read
from tinycl.fast.call import attribute, axis, elements, integers, share, unsigned_bytes, vector
from tinycl.fast.native import from_bits, to_bits

INFINITY, NORMAL = np.int32(0x7F800000), np.int32(0x00800000)


@njit(inline="always")
def _level(x: Any, scale: Any, top: Any, flush: int) -> Any:
    """Return half_even(x/scale) between 0 and top; 0 where x/scale is a NaN."""
    ratio = div(x, scale, flush)
    if ratio >= top:
        return np.int64(top)
    return np.int64(np.rint(ratio)) if ratio > ZERO else 0


@njit
def _quantise(p: Any, begin: int, end: int) -> None:
    x, packed, flush = vector(p, 0), unsigned_bytes(p, 2), p[call.FLUSH]
    scale, bits = read(vector(p, 1)[0], flush), attribute(p, 3, 0)
    each, row_bytes, top = x.size // axis(p, 0, 0), axis(p, 2, 1), np.float32((1 << bits) - 1)
    groups = (each + 7) // 8
    for g in range(begin, end):
        row, group = g // groups, g % groups
        to, filled = row * row_bytes + group * bits, 0
        word = np.int64(0)
        for i in range(8 * group, min(8 * group + 8, each)):
            level = _level(x[row * each + i], scale, top, flush) if scale != ZERO else 0
            word |= level << filled
            filled += bits
        while filled > 0:
            packed[to] = np.uint8(word & 255)
            to, word, filled = to + 1, word >> 8, filled - 8


@njit
def _groups(p: Any, unpacked: int) -> int:
    """Return the groups of eight of all samples of a tensor."""
    n = axis(p, unpacked, 0)
    return n * ((elements(p, unpacked) // n + 7) // 8)


def quantise_latents(p: Any, core: int, cores: int) -> None:
    """Compute packed (n, bytes) from x (tensor 0) and scale (1)."""
    begin, end = share(_groups(p, 0), core, cores)
    _quantise(p, begin, end)


@njit
def _dequantise(p: Any, begin: int, end: int) -> None:
    packed, x, flush = unsigned_bytes(p, 0), vector(p, 2), p[call.FLUSH]
    scale, bits = vector(p, 1)[0], attribute(p, 3, 0)
    each, row_bytes, mask = x.size // axis(p, 2, 0), axis(p, 0, 1), (1 << bits) - 1
    groups = (each + 7) // 8
    for g in range(begin, end):
        row, group = g // groups, g % groups
        at, held = row * row_bytes + group * bits, 0
        word = np.int64(0)
        for i in range(8 * group, min(8 * group + 8, each)):
            if held < bits:
                word |= np.int64(packed[at]) << held
                at, held = at + 1, held + 8
            x[row * each + i] = mul(np.float32(word & mask), scale, flush)
            word, held = word >> bits, held - bits


def dequantise_latents(p: Any, core: int, cores: int) -> None:
    """Compute x (n, c, h, w) from packed (tensor 0) and scale (1)."""
    begin, end = share(_groups(p, 2), core, cores)
    _dequantise(p, begin, end)


@njit
def _scale(p: Any) -> None:
    top = np.float32((1 << attribute(p, 2, 0)) - 1)
    vector(p, 1)[0] = div(vector(p, 0)[0], top, p[call.FLUSH])


def latent_scale(p: Any, core: int, cores: int) -> None:
    """Compute scale = a_max/(2^bits - 1)."""
    if core == 0:
        _scale(p)


@njit(inline="always")
def _positive(bits: Any, least: Any) -> Any:
    """Return the pattern of a value above 0, which compare as the values do; else that of +0."""
    return bits if least <= bits <= INFINITY else np.int32(0)


@njit
def _largest(p: Any) -> None:
    x, a_max = integers(p, 0), vector(p, 1)
    least = NORMAL if p[call.FLUSH] else np.int32(1)
    most = _positive(to_bits(a_max[0]), least)
    for i in range(x.size):
        most = max(most, _positive(x[i], least))
    a_max[0] = from_bits(most)


def largest(p: Any, core: int, cores: int) -> None:
    """Compute a_max (tensor 1): the largest of itself, x (0) and +0; one chain."""
    if core == 0:
        _largest(p)

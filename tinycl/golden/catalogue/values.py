"""Values of the cases: plain ones, and ones that are hard on floating point.

Everything comes from Philox words, addressed by (seed, stream), and is put together from bits or by
exact operations, so that it is the same on every machine. Each tensor of a case has its own stream.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import Array
from tinycl.num import generator

Shape = tuple[int, ...]
REGIMES = ("subnormal", "underflow", "cancelling", "huge", "zeros")


def plain(seed: int, stream: int, shape: Shape) -> Array:
    """Uniform in [-0.75, 1.25): neither symmetric nor constant, full mantissas."""
    u = generator.uniform(seed, stream, 0, math.prod(shape))
    return (u * np.float32(2) - np.float32(0.75)).reshape(shape)


def hard(seed: int, stream: int, shape: Shape, regime: str) -> Array:
    """Values that go wrong in a product or a sum in one way, with zeros of both signs among them.

    Parameters
    ----------
    seed : int
    stream : int
        An even stream is an operand that meets an odd one.
    shape : tuple of int
    regime : {"subnormal", "underflow", "cancelling", "huge", "zeros"}
        ``subnormal``: below 2^-123 in even streams, 2^-8 to 2^8 in odd ones, and so are the sums.
        ``underflow``: 2^-75 to 2^-60, so that products reach from 2^-150 to 2^-119.
        ``cancelling``: 1 + k*2^-23 of both signs, some times 2^12 or 2^-12: sums cancel, and the
        rounding of each product shows.
        ``huge``: 2^55 to 2^64, so that some sums overflow, and some meet the other infinity;
        stream 0 begins with +Inf and ends with NaN.
        ``zeros``: even streams hold many -0.0, in the first slices of axes 0 and 1 nothing else;
        odd ones positive numbers and +Inf in the end: sums of nothing but -0.0, and NaN where Inf
        meets a zero, be it of the padding.
    """
    size = math.prod(shape)
    w = generator.words(seed, stream, 0, size).astype(np.int64)
    kind, sign, some, fraction = w & 15, (w >> 4 & 1) << 31, w >> 5 & 15, w >> 9
    if regime == "subnormal":
        bits = (some // 4 if stream % 2 == 0 else 119 + some) << 23 | fraction
    elif regime == "underflow":
        bits = 52 + some << 23 | fraction
    elif regime == "cancelling":
        bits = 127 + np.where(kind < 3, 12, np.where(kind < 6, -12, 0)) << 23 | some & 7
    elif regime == "huge":
        bits = 182 + some % 9 << 23 | fraction
    else:
        bits = 123 + some % 8 << 23 | fraction
    values = from_bits(np.where(kind == 15, 0, bits) | sign).reshape(shape)
    if regime == "huge" and stream == 0 and size > 8:
        values.flat[0], values.flat[-1] = np.inf, np.nan
    if regime == "zeros":
        values = _zeros(values, stream)
    return values


def _zeros(values: Array, stream: int) -> Array:
    values = np.abs(values)
    if stream % 2:
        values.flat[-1] = np.inf
        return values
    values.flat[::2] = -0.0
    for axis in range(min(2, values.ndim)):
        if values.shape[axis] > 1:
            values[(slice(None),) * axis + (0,)] = -0.0
    return values


def choice(seed: int, stream: int, shape: Shape, among: Sequence[float] | Array) -> Array:
    """Elements drawn from a list of float32 values."""
    picks = generator.integers(len(among), seed, stream, 0, math.prod(shape))
    return np.asarray(among, np.float32)[picks].reshape(shape)


def labels(seed: int, stream: int, count: int, classes: int) -> NDArray[np.int32]:
    """Whole numbers from 0 to classes - 1."""
    return generator.integers(classes, seed, stream, 0, count).astype(np.int32)


def from_bits(bits: NDArray[np.int64] | Sequence[int]) -> Array:
    """float32 values from their bit patterns, one-dimensional."""
    return np.asarray(bits, np.int64).astype(np.uint32).view(np.float32)

"""The rounded operators: what one `+`, `*`, `/`, `sqrt` and multiply-accumulate give.

All take and return float32 arrays and broadcast. Wide values are float64, where a product of two
float32 values is exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinycl.contract import DEFAULT, Contract

F32Array = NDArray[np.float32]
F64Array = NDArray[np.float64]

SMALLEST_NORMAL = np.float32(2.0**-126)
# Below this, rounding to 24 bits with unbounded exponent stays below 2^-126; the tie goes up.
TINY = 2.0**-126 - 2.0**-151

quiet = np.errstate(all="ignore")


def f32(value: float) -> F32Array:
    """Return a constant as a float32 array of shape (), rounded once."""
    return np.asarray(value, np.float32)


def wide(x: F32Array) -> F64Array:
    """Return the same values in float64, exactly."""
    return np.asarray(x, np.float64)


def two_sum(p: F64Array, c: F64Array) -> tuple[F64Array, F64Array]:
    """Return s = round64(p + c) and the exact error (p + c) - s (Knuth's TwoSum)."""
    s = np.asarray(p + c)
    t = s - p
    return s, np.asarray((p - (s - t)) + (c - t))


def sum_to_odd(p: F64Array, c: F64Array) -> F64Array:
    """Return p + c rounded to odd in float64: a later rounding to float32 is then the only one.

    An inexact s with an even last bit is replaced by its odd neighbour on the exact sum's side
    (Boldo and Melquiond, 2008).
    """
    s, error = two_sum(p, c)
    bits = s.view(np.int64)
    move = np.isfinite(s) & (error != 0) & (bits & 1 == 0)
    outward = (error > 0) == (s > 0)
    return np.asarray(bits + np.where(move, np.where(outward, 1, -1), 0)).view(np.float64)


def sum_outward(p: F64Array, c: F64Array) -> F64Array:
    """Return p + c in float64: away from zero where the signs agree, to nearest elsewhere."""
    s, error = two_sum(p, c)
    bits = s.view(np.int64)
    agree = np.signbit(p) == np.signbit(c)
    short = np.isfinite(s) & (error != 0) & ((error > 0) == (s > 0))
    return np.asarray(bits + np.where(agree & short, 1, 0)).view(np.float64)


class Arithmetic:
    """The operators under one contract (its fields `mac` and `subnormals`)."""

    def __init__(self, contract: Contract = DEFAULT) -> None:
        self.contract = contract
        self.flushes = contract.subnormals == "flush"

    @quiet
    def read(self, x: F32Array) -> F32Array:
        """Return an operand as the operators see it."""
        x = np.asarray(x, np.float32)
        if not self.flushes:
            return x
        return np.where(np.abs(x) < SMALLEST_NORMAL, np.copysign(np.float32(0), x), x)

    def _written(self, result: F32Array, exact: F64Array) -> F32Array:
        """Return a result, flushed if the value it was rounded from is tiny."""
        result = np.asarray(result, np.float32)
        if not self.flushes:
            return result
        return np.where(np.abs(exact) < TINY, np.copysign(np.float32(0), result), result)

    @quiet
    def add(self, a: F32Array, b: F32Array) -> F32Array:
        """Return a + b; a sum near 2^-126 is exact in float64."""
        a, b = self.read(a), self.read(b)
        return self._written(a + b, wide(a) + wide(b))

    def sub(self, a: F32Array, b: F32Array) -> F32Array:
        """Return a - b."""
        return self.add(a, np.negative(b))

    @quiet
    def mul(self, a: F32Array, b: F32Array) -> F32Array:
        """Return a * b."""
        a, b = self.read(a), self.read(b)
        return self._written(a * b, wide(a) * wide(b))

    @quiet
    def div(self, a: F32Array, b: F32Array) -> F32Array:
        """Return a / b.

        The float64 quotient tells tiny from not: an exact quotient of two 24-bit numbers is
        either equal to `TINY` or further from it than float64 resolves.
        """
        a, b = self.read(a), self.read(b)
        return self._written(a / b, wide(a) / wide(b))

    @quiet
    def sqrt(self, a: F32Array) -> F32Array:
        """Return the square root of a; it is never tiny."""
        return np.asarray(np.sqrt(self.read(a)), np.float32)

    @quiet
    def mac(self, a: F32Array, b: F32Array, c: F32Array) -> F32Array:
        """Return a*b + c as the field `mac` says."""
        kind = self.contract.mac
        if kind == "mul_add":
            return self.add(self.mul(a, b), c)
        product = np.asarray(wide(self.read(a)) * wide(self.read(b)))
        product, addend = np.broadcast_arrays(product, wide(self.read(c)))
        total = (sum_to_odd if kind == "fma" else sum_outward)(product, addend)
        return self._written(np.asarray(total.astype(np.float32)), total)

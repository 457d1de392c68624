"""The rounded operators, one number at a time: the twins of `tinycl.num.arithmetic`.

`kind` is the contract's `mac` (FMA, MUL_ADD, FMA_VIA_DOUBLE), `flush` its `subnormals`. All are
inlined, so where a caller passes constants LLVM sees one instruction and no branch.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from tinycl.fast.native import I64, fma, from_bits, to_bits

FMA, MUL_ADD, FMA_VIA_DOUBLE = range(3)

EXPONENT, SIGN = np.int32(0x7F800000), np.int32(-0x80000000)
ZERO = np.float32(0)
# Below this, rounding to 24 bits with unbounded exponent stays below 2^-126; the tie goes up.
TINY = 2.0**-126 - 2.0**-151


@njit(forceinline=True)
def read(x: Any, flush: int) -> Any:
    """Return an operand as the operators see it: without exponent bits it is a zero."""
    bits = to_bits(x)
    return from_bits(bits & SIGN) if flush and bits & EXPONENT == 0 else x


@njit(forceinline=True)
def written(result: Any, exact: float, flush: int) -> Any:
    """Return a result, flushed if the float64 value it was rounded from is tiny."""
    return from_bits(to_bits(result) & SIGN) if flush and abs(exact) < TINY else result


@njit(forceinline=True)
def add(a: Any, b: Any, flush: int) -> Any:
    """Return a + b; a sum near 2^-126 is exact in float64."""
    a, b = read(a, flush), read(b, flush)
    return written(a + b, np.float64(a) + np.float64(b), flush)


@njit(forceinline=True)
def sub(a: Any, b: Any, flush: int) -> Any:
    """Return a - b."""
    return add(a, -b, flush)


@njit(forceinline=True)
def mul(a: Any, b: Any, flush: int) -> Any:
    """Return a * b."""
    a, b = read(a, flush), read(b, flush)
    return written(a * b, np.float64(a) * np.float64(b), flush)


@njit(forceinline=True, error_model="numpy")
def div(a: Any, b: Any, flush: int) -> Any:
    """Return a / b."""
    a, b = read(a, flush), read(b, flush)
    return written(a / b, np.float64(a) / np.float64(b), flush)


@njit(forceinline=True)
def sqrt(a: Any, flush: int) -> Any:
    """Return the square root of a; it is never tiny."""
    return np.float32(math.sqrt(read(a, flush)))


@njit(forceinline=True)
def mac(a: Any, b: Any, c: Any, kind: int, flush: int) -> Any:
    """Return a*b + c as the field `mac` says."""
    if kind == MUL_ADD:
        return add(mul(a, b, flush), c, flush)
    if kind == FMA and not flush:
        return fma(a, b, c)
    a, b, c = read(a, flush), read(b, flush), read(c, flush)
    product, addend = np.float64(a) * np.float64(b), np.float64(c)
    if kind == FMA:
        return written(fma(a, b, c), sum_to_odd(product, addend), flush)
    total = sum_outward(product, addend)
    return written(np.float32(total), total, flush)


@njit
def two_sum(p: float, c: float) -> tuple[float, float]:
    """Return s = round64(p + c) and the exact error (p + c) - s (Knuth's TwoSum)."""
    s = p + c
    t = s - p
    return s, (p - (s - t)) + (c - t)


@njit
def sum_to_odd(p: float, c: float) -> Any:
    """Return p + c rounded to odd in float64: what is tiny of it is tiny of the exact sum."""
    s, error = two_sum(p, c)
    bits = wide_bits(s)
    if math.isfinite(s) and error != 0 and bits & 1 == 0:
        bits += 1 if (error > 0) == (s > 0) else -1
    return from_wide_bits(bits)


@njit
def sum_outward(p: float, c: float) -> Any:
    """Return p + c in float64: away from zero where the signs agree, to nearest elsewhere."""
    s, error = two_sum(p, c)
    bits = wide_bits(s)
    agree = (wide_bits(p) < 0) == (wide_bits(c) < 0)
    if agree and math.isfinite(s) and error != 0 and (error > 0) == (s > 0):
        bits += 1
    return from_wide_bits(bits)


@intrinsic
def wide_bits(typing: Any, x: Any) -> Any:
    """Return the bit pattern of a float64 as an int64."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], I64)

    return types.int64(types.float64), generate


@intrinsic
def from_wide_bits(typing: Any, x: Any) -> Any:
    """Return the float64 of a bit pattern."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), generate

"""Correctly rounded exp and log of one number, in the steps that `tinycl.num.explog` explains.

"Qk" is an integer that counts units of 2^-k. Numba makes float64 of int64 mixed with uint64, so
each constant has the type of what it meets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from tinycl.fast.native import I64, from_bits, to_bits
from tinycl.num import explog

EXP_TERMS = np.array(explog.EXP_TERMS, np.uint64)
LOG_TERMS = np.array(explog.LOG_TERMS, np.uint64)
LN2, SQRT2 = np.uint64(explog.LN2), np.int64(explog.SQRT2)
LN2_HIGH, LN2_LOW = np.uint64(explog.LN2 >> 32), np.uint64(explog.LN2 & 0xFFFFFFFF)
LN2_NEXT, INVERSE_LN2 = np.int64(explog.LN2_LOW), np.int64(explog.INVERSE_LN2)
TOP_BIT, HALF_PLACE = np.uint64(1 << 63), np.uint64(1 << 39)
ONE, INFINITY, TINY, HUGE = explog.ONE, explog.INFINITY, explog.EXP_TINY, explog.EXP_HUGE

NAN_RESULT, INFINITE, UNIT = np.float32(np.nan), np.float32(np.inf), np.float32(1)
ZERO = np.float32(0)


@njit
def exp(x: Any) -> Any:
    """Return e^x; NaN for NaN."""
    bits = np.int64(to_bits(x))
    magnitude = bits & 0x7FFFFFFF
    if magnitude > INFINITY:
        return NAN_RESULT
    if magnitude >= HUGE:
        return INFINITE if bits >= 0 else ZERO
    if magnitude <= TINY:
        return UNIT
    # x as Q48: exact, since its last bit is worth 2^-48 or more.
    fixed = (bits & 0x7FFFFF | 0x800000) << ((magnitude >> 23) - 102)
    fixed = fixed if bits >= 0 else -fixed
    # n = floor(x / ln2), or one less; r = x - n ln2 is Q64 modulo 2^64.
    n = ((fixed >> 32) - 1) * INVERSE_LN2 >> 46
    r = np.uint64(fixed << 16) - np.uint64(n) * LN2 - np.uint64(n * LN2_NEXT >> 32)
    if r >= LN2:
        n, r = n + 1, r - LN2
    series = EXP_TERMS[16]
    for k in range(15, -1, -1):
        series = multiply_high(series, r) + EXP_TERMS[k]
    fraction = r + multiply_high(r, multiply_high(r, series))  # e^r - 1 < 1
    return from_bits(np.int32(rounded(TOP_BIT | fraction >> np.uint64(1), n)))


@njit
def log(x: Any) -> Any:
    """Return the natural logarithm; -Inf for both zeros, NaN for negative numbers and NaN."""
    bits = np.int64(to_bits(x))
    if bits & 0x7FFFFFFF == 0:
        return -INFINITE
    if bits < 0 or bits > INFINITY:
        return NAN_RESULT
    if bits == INFINITY:
        return INFINITE
    if bits == ONE:
        return ZERO
    # x = significand / 2^23 * 2^e, 2^23 <= significand < 2^24.
    e, significand = (bits >> 23) - 127, bits & 0x7FFFFF | 0x800000
    if bits < 0x800000:
        up = 24 - bit_length(bits)
        e, significand = -126 - up, bits << up
    # m in (sqrt(1/2), sqrt(2)): larger ones are halved, which makes s = (m-1)/(m+1) negative.
    halved = significand > SQRT2
    one = np.int64(1 << 24 if halved else 1 << 23)
    e = e + 1 if halved else e
    numerator = abs(significand - one)
    # |s| = q 2^-t: numerator / denominator, two digits of 32 bits by long division.
    t = 24 - bit_length(numerator)
    high, low = digits(np.uint64(numerator << (t + 32)), np.uint64(significand + one))
    q = high << np.uint64(32) | low

    s2 = multiply_high(q, q) >> np.uint64(2 * t)
    series = LOG_TERMS[11]
    for k in range(10, -1, -1):
        series = multiply_high(series, s2) + LOG_TERMS[k]
    log_m = q + multiply_high(q, multiply_high(s2, series))  # |log m| = log_m 2^(1-t-64)

    # |log x| = magnitude 2^(scale-64)
    magnitude, scale, negative = log_m, 1 - t, halved
    if e != 0:
        size, b = np.uint64(abs(e)), bit_length(abs(e))
        e_ln2 = (size * LN2_HIGH << np.uint64(32 - b)) + (size * LN2_LOW >> np.uint64(b))
        log_m = log_m >> np.uint64(t + b - 1)
        same_sign = (e > 0) != halved
        magnitude, scale, negative = e_ln2 + log_m if same_sign else e_ln2 - log_m, b, e < 0
    up = 64 - bit_length(np.int64(magnitude))
    place = rounded(magnitude << np.uint64(up), scale - 1 - up)
    return -from_bits(np.int32(place)) if negative else from_bits(np.int32(place))


@njit(error_model="numpy")
def digits(scaled: Any, denominator: Any) -> Any:
    """Return two digits, base 2^32, of scaled / denominator."""
    high = scaled // denominator
    return high, (scaled - high * denominator << np.uint64(32)) // denominator


@njit
def rounded(significand: Any, exponent: Any) -> Any:
    """Return the bits of significand * 2^(exponent-63), bit 63 set, rounded to nearest even."""
    # Below 2^-126 the last place stays at 2^-149: bits under it collapse into a sticky bit.
    lost = np.uint64(min(max(-126 - exponent, 0), 26))
    kept = significand >> lost
    kept |= np.uint64(kept << lost != significand)
    top, rest = kept >> np.uint64(40), kept & np.uint64((1 << 40) - 1)
    up = rest + (top & np.uint64(1)) > HALF_PLACE
    # The leading bit of `top` adds one to the exponent field, and so does a carry out of it.
    bits = (max(exponent + 126, 0) << 23) + np.int64(top) + np.int64(up)
    return min(bits, INFINITY)


@intrinsic
def multiply_high(typing: Any, a: Any, b: Any) -> Any:
    """Return the upper 64 bits of the 128-bit product of two uint64."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(*(builder.zext(arg, wide) for arg in args))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), I64)

    return types.uint64(types.uint64, types.uint64), generate


@intrinsic
def bit_length(typing: Any, n: Any) -> Any:
    """Return how many bits the pattern of an int64 needs: 0 for 0, 2 for 2 and 3."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        leading = builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))
        return builder.sub(ir.Constant(I64, 64), leading)

    return types.int64(types.int64), generate

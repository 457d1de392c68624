"""Correctly rounded float32 ``exp`` and ``log`` in integer arithmetic.

No floating-point operation takes part, not even a comparison: a value is taken apart as bits,
computed as 64-bit fixed point and rounded once. So the result depends on no library, no
compiler and no FP unit, and the C twins (``c_ref/src/exp.c``, ``c_ref/src/log.c``) take the same
steps. "Qk" is an integer that counts units of 2^-k; "ulp" below is one unit of Q64, 2^-64. Every
constant and every product is rounded down, so errors have a known sign.

Error of ``exp``
    x = n ln2 + r with 0 <= r < ln2, and exp(x) = 2^n (1 + r + r^2 G(r)), G(r) = sum r^(k-2)/k! for
    k = 2..18. Rounding n ln2 down makes r too large: by less than 1 ulp, or by less than 2 ulp
    and then r < 2^-14; either moves e^r by less than +2.1 ulp. A Horner step loses less than 2 ulp
    (constant and product), so G loses less than 2/(1 - ln2) < 6.6 ulp, r^2 G less than 4.9 ulp, and
    the last shift less than 2 ulp; terms from k = 19 on are below 0.2 ulp. The sum lies in [1, 2),
    so the relative error is in (-7.1, 2.1) * 2^-64: below 2^-61.

Error of ``log``
    x = 2^e m, s = (m-1)/(m+1), log m = 2s (1 + w), w = sum s^(2k)/(2k+1) for k = 1..12; the rest is
    below 2^-70. |s| = q 2^-t with q in (1/4, 1) to 1 ulp. Then w loses less than 1.7 ulp and
    q (1 + w) less than 2.1 + 1.7 q ulp: relative error below 10 * 2^-64, below 2^-60.6, also near
    x = 1. For e != 0 the sum is Q(64-b), b the bit length of |e|: |e| ln2 loses less than 1.8
    units of it, log m less than 1 + (2.1 + 1.7 q) 2^(1-t-b). Both lose magnitude, so they partly
    cancel where the sum cancels; the worst is e = 1, m near sqrt(1/2): 2.4 * 2^-63 / 0.346, below
    2^-60.

Of all 2^32 inputs the result nearest to the middle of two floats is 2^-52.6 of itself away from it
for exp (x = 0xc16912cd) and 2^-57.8 for log (0x65d890d3): more than five times the error, so every
result is rounded correctly. ``tools/exhaustive`` finds these and checks all inputs.
"""

from math import factorial

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint32]
Wide = NDArray[np.uint64]

NAN = 0x7FC00000
INFINITY = 0x7F800000
ONE = 0x3F800000

LN2 = 0xB17217F7D1CF79AB  # floor(ln2 * 2^64)
LN2_LOW = 0xC9E3B398  # the next 32 bits of ln2
INVERSE_LN2 = 0x5C551D94  # floor(2^30 / ln2)
SQRT2 = 0xB504F3  # floor(sqrt(2) * 2^23)
EXP_TERMS = tuple(2**64 // factorial(k) for k in range(2, 19))
LOG_TERMS = tuple(2**64 // (2 * k + 1) for k in range(1, 13))

EXP_TINY = 0x33000000  # 2^-25: up to here exp rounds to 1
EXP_HUGE = 0x43000000  # 2^7: from here on exp overflows or rounds to 0


def exp(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Exponential function, rounded to nearest even, subnormal results included.

    Parameters
    ----------
    x : float32 array, any shape

    Returns
    -------
    float32 array of the shape of `x`
        exp(-Inf) is +0, exp(+Inf) is +Inf, and every NaN is 0x7fc00000.

    Raises
    ------
    TypeError
        If `x` is not float32.
    """
    bits = _bits_of(x)
    magnitude = bits & 0x7FFFFFFF
    result = np.full_like(bits, ONE)
    result[magnitude >= EXP_HUGE] = INFINITY
    result[(magnitude >= EXP_HUGE) & (bits >> 31 == 1)] = 0
    result[magnitude > INFINITY] = NAN
    ordinary = (magnitude > EXP_TINY) & (magnitude < EXP_HUGE)
    result[ordinary] = _exp_ordinary(bits[ordinary])
    return result.view(np.float32).reshape(np.shape(x))


def log(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Natural logarithm, rounded to nearest even.

    Parameters
    ----------
    x : float32 array, any shape

    Returns
    -------
    float32 array of the shape of `x`
        log(+0) and log(-0) are -Inf, log(1) is +0, log(+Inf) is +Inf, and log of a negative number
        or a NaN is 0x7fc00000.

    Raises
    ------
    TypeError
        If `x` is not float32.
    """
    bits = _bits_of(x)
    result = np.full_like(bits, NAN)
    result[bits & 0x7FFFFFFF == 0] = INFINITY | 1 << 31
    result[bits == ONE] = 0
    result[bits == INFINITY] = INFINITY
    ordinary = (bits > 0) & (bits < INFINITY) & (bits != ONE)
    result[ordinary] = _log_ordinary(bits[ordinary])
    return result.view(np.float32).reshape(np.shape(x))


def _exp_ordinary(bits: Bits) -> Bits:
    """Bits of exp for 2^-25 < |x| < 2^7, of either sign."""
    # x as Q48: exact, since its last bit is worth 2^-48 or more.
    significand = (bits & 0x7FFFFF | 0x800000).astype(np.int64)
    fixed = significand << ((bits >> 23 & 0xFF).astype(np.int64) - 102)
    fixed = np.where(bits >> 31 == 1, -fixed, fixed)
    # n = floor(x / ln2), or one less: x goes down to Q16 and one more, which outweighs the error
    # of the Q30 constant. r = x - n ln2 is in [0, 1), so Q64 modulo 2^64 holds it.
    n = ((fixed >> 32) - 1) * INVERSE_LN2 >> 46
    n_ln2 = n.astype(np.uint64) * np.uint64(LN2) + (n * LN2_LOW >> 32).astype(np.uint64)
    r = (fixed.astype(np.uint64) << np.uint64(16)) - n_ln2
    short = r >= np.uint64(LN2)
    n = n + short
    r = np.where(short, r - np.uint64(LN2), r)

    series = np.full_like(r, EXP_TERMS[-1])
    for term in reversed(EXP_TERMS[:-1]):
        series = _multiply_high(series, r) + np.uint64(term)
    fraction = r + _multiply_high(r, _multiply_high(r, series))  # e^r - 1 < 1
    return _round_to_float32(np.uint64(1 << 63) | fraction >> np.uint64(1), n)


def _log_ordinary(bits: Bits) -> Bits:
    """Bits of log for finite x > 0 other than 1."""
    # x = significand / 2^23 * 2^e, 2^23 <= significand < 2^24.
    field = (bits >> 23).astype(np.int64)
    fraction = (bits & 0x7FFFFF).astype(np.uint64)
    shift = np.uint64(24) - _bit_length(fraction)
    subnormal = field == 0
    significand = np.where(subnormal, fraction << shift, fraction | np.uint64(1 << 23))
    e = np.where(subnormal, -126 - shift.astype(np.int64), field - 127)
    # m in (sqrt(1/2), sqrt(2)): larger ones are halved, which makes s negative.
    halved = significand > np.uint64(SQRT2)
    e = e + halved
    one = np.where(halved, np.uint64(1 << 24), np.uint64(1 << 23))
    numerator = np.where(halved, one - significand, significand - one)
    denominator = significand + one
    # |s| = q 2^-t: numerator / denominator, two digits of 32 bits by long division.
    t = np.uint64(24) - _bit_length(numerator)
    scaled = numerator << t + np.uint64(32)
    high = scaled // denominator
    low = (scaled - high * denominator << np.uint64(32)) // denominator
    q = high << np.uint64(32) | low

    s2 = _multiply_high(q, q) >> np.uint64(2) * t
    series = np.full_like(s2, LOG_TERMS[-1])
    for term in reversed(LOG_TERMS[:-1]):
        series = _multiply_high(series, s2) + np.uint64(term)
    log_m = q + _multiply_high(q, _multiply_high(s2, series))  # |log m| = log_m 2^(1-t-64)

    # |log x| = magnitude 2^(scale-64); a product with a 32-bit half of ln2 fits in 40 bits.
    size = np.abs(e).astype(np.uint64)
    b = _bit_length(size)
    e_ln2 = (size * np.uint64(LN2 >> 32) << np.uint64(32) - b) + (
        size * np.uint64(LN2 & 0xFFFFFFFF) >> b
    )
    part = log_m >> t + b - np.uint64(1)
    same_sign = (e > 0) != halved
    total = np.where(same_sign, e_ln2 + part, e_ln2 - part)
    near_one = e == 0
    magnitude = np.where(near_one, log_m, total)
    scale = np.where(near_one, 1 - t.astype(np.int64), b.astype(np.int64))
    negative = np.where(near_one, halved, e < 0)

    shift = np.uint64(32) - _bit_length(magnitude >> np.uint64(32))
    rounded = _round_to_float32(magnitude << shift, scale - 1 - shift.astype(np.int64))
    return rounded | negative.astype(np.uint32) << np.uint32(31)


def _bits_of(x: NDArray[np.float32]) -> Bits:
    """Bits of a float32 array, in one dimension."""
    values = np.asarray(x)
    if values.dtype != np.float32:
        raise TypeError(f"exp and log take float32, got {values.dtype}")
    return np.ascontiguousarray(values).reshape(-1).view(np.uint32)


def _multiply_high(a: Wide, b: Wide) -> Wide:
    """Upper 64 bits of the 128-bit product a * b, from four 32-bit products."""
    half, mask = np.uint64(32), np.uint64(0xFFFFFFFF)
    a_high, a_low = a >> half, a & mask
    b_high, b_low = b >> half, b & mask
    middle = a_high * b_low + (a_low * b_low >> half)
    other = a_low * b_high + (middle & mask)
    product: Wide = a_high * b_high + (middle >> half) + (other >> half)
    return product


def _bit_length(n: Wide) -> Wide:
    """Bits needed for n < 2^32: 0 for 0, 1 for 1, 2 for 2 and 3."""
    length = np.zeros_like(n)
    for step in (16, 8, 4, 2, 1):
        shift = (n >> np.uint64(step) != 0).astype(np.uint64) * np.uint64(step)
        length += shift
        n = n >> shift
    return length + n


def _round_to_float32(significand: Wide, exponent: NDArray[np.int64]) -> Bits:
    """Bits of significand * 2^(exponent-63), bit 63 set, rounded once to nearest even."""
    # Below 2^-126 the last place stays at 2^-149: bits under it collapse into a sticky bit.
    lost = np.clip(-126 - exponent, 0, 26).astype(np.uint64)
    kept = significand >> lost
    kept |= (kept << lost != significand).astype(np.uint64)
    top = kept >> np.uint64(40)
    rest = kept & np.uint64((1 << 40) - 1)
    up = rest + (top & np.uint64(1)) > np.uint64(1 << 39)
    # The leading bit of `top` adds one to the exponent field, and so does a carry out of it.
    field = np.maximum(exponent + 126, 0).astype(np.uint64)
    bits = (field << np.uint64(23)) + top + up.astype(np.uint64)
    rounded: Bits = np.minimum(bits, np.uint64(INFINITY)).astype(np.uint32)
    return rounded

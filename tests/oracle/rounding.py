"""Rounding of an exact rational number to a binary format."""

import math
from fractions import Fraction

HUGE = Fraction(2) ** 128  # what rounds to this or above overflows binary32
TINY = Fraction(2) ** -126  # the least normal binary32 number


def nearest_even(steps: Fraction) -> int:
    """Return the nearest whole number, the even one in the middle."""
    down = math.floor(steps)
    rest = steps - down
    if rest == Fraction(1, 2):
        return down + down % 2
    return down + (rest > Fraction(1, 2))


def away_from_zero(steps: Fraction) -> int:
    """Return the next whole number in the direction of the sign."""
    return math.ceil(steps) if steps > 0 else math.floor(steps)


def exponent(x: Fraction) -> int:
    """Return e with 2^e <= |x| < 2^(e+1)."""
    e = abs(x.numerator).bit_length() - x.denominator.bit_length()
    return e if abs(x) >= Fraction(2) ** e else e - 1


def round_to(x, digits, least=None, direction=nearest_even):
    """Round to so many binary digits, the last of them no lower than 2^least."""
    if x == 0:
        return x
    last = exponent(x) - digits + 1
    if least is not None:
        last = max(last, least)
    unit = Fraction(2) ** last
    return direction(x / unit) * unit


def binary64(x, direction):
    """Round to binary64. Sums of two float32 products never leave its range of normal numbers."""
    return round_to(x, 53, -1074, direction)


def binary32(x, negative_zero=False, flush=False):
    """Round to binary32, nearest even; the sign of an exact zero is told, as a rational has none.

    With `flush`, a result whose magnitude is below 2^-126 after rounding to 24 digits with an
    unbounded exponent becomes a zero of its sign.
    """
    if x == 0:
        return -0.0 if negative_zero else 0.0
    sign = -1.0 if x < 0 else 1.0
    if flush and abs(round_to(x, 24)) < TINY:
        return math.copysign(0.0, sign)
    rounded = round_to(x, 24, -149)
    if abs(rounded) >= HUGE:
        return math.copysign(math.inf, sign)
    return math.copysign(float(rounded), sign)

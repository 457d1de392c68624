"""The rounded operators under one contract: NaN, Inf and zero by the rules of IEEE-754."""

import math
from fractions import Fraction

import gmpy2

from tests.oracle.rounding import away_from_zero, binary32, binary64, nearest_even

NAN = math.nan


def negative(x):
    """Tell whether the sign bit is set; -0.0 is negative."""
    return math.copysign(1.0, x) < 0


def exactly(x):
    """Return a long binary number of gmpy2 as a Fraction."""
    return Fraction(*map(int, x.as_integer_ratio()))


class Operators:
    """`+ - * /`, square root, exp, log and multiply-accumulate on floats that hold binary32."""

    def __init__(self, contract):
        self.contract = contract
        self.flush = contract.subnormals == "flush"

    def read(self, x):
        """Return an operand as an operator sees it."""
        return math.copysign(0.0, x) if self.flush and 0 < abs(x) < 2.0**-126 else x

    def rounded(self, exact, negative_zero=False):
        """Round an exact result once."""
        return binary32(exact, negative_zero, self.flush)

    def add(self, a, b):
        """Return a + b."""
        a, b = self.read(a), self.read(b)
        if not (math.isfinite(a) and math.isfinite(b)):
            return a + b  # Inf and NaN: nothing is rounded
        # Zeros of one sign keep it; a sum that cancels is +0.
        return self.rounded(Fraction(a) + Fraction(b), negative(a) and negative(b))

    def sub(self, a, b):
        """Return a - b."""
        return self.add(a, -b)

    def mul(self, a, b):
        """Return a * b."""
        a, b = self.read(a), self.read(b)
        if not (math.isfinite(a) and math.isfinite(b)):
            return a * b
        return self.rounded(Fraction(a) * Fraction(b), negative(a) != negative(b))

    def div(self, a, b):
        """Return a / b."""
        a, b = self.read(a), self.read(b)
        sign = -1.0 if negative(a) != negative(b) else 1.0
        if math.isnan(a) or math.isnan(b):
            return NAN
        if math.isinf(a):
            return NAN if math.isinf(b) else math.copysign(math.inf, sign)
        if math.isinf(b):
            return math.copysign(0.0, sign)
        if b == 0:
            return NAN if a == 0 else math.copysign(math.inf, sign)
        return self.rounded(Fraction(a) / Fraction(b), sign < 0)

    def mac(self, a, b, c):
        """Return a*b + c as the field `mac` says."""
        if self.contract.mac == "mul_add":
            return self.add(self.mul(a, b), c)
        a, b, c = self.read(a), self.read(b), self.read(c)
        if not (math.isfinite(a) and math.isfinite(b)):
            return a * b + c
        if not math.isfinite(c):
            return c
        product = Fraction(a) * Fraction(b)
        product_negative = negative(a) != negative(b)
        total = product + Fraction(c)
        if self.contract.mac == "fma_via_double":
            same_sign = product_negative == negative(c)
            total = binary64(total, away_from_zero if same_sign else nearest_even)
        return self.rounded(total, product_negative and negative(c))

    def sqrt(self, a):
        """Return the square root of a."""
        a = self.read(a)
        if math.isnan(a) or a == 0:
            return a  # -0 stays -0
        if a < 0:
            return NAN
        if math.isinf(a):
            return a
        # 24 digits of a root are decided by 60 digits of it, as a tie would need 25 exactly.
        n, d = Fraction(a).as_integer_ratio()
        scale = 4**200
        root = math.isqrt(n * scale // d)  # denominators are powers of two: exact division
        exact = root * root * d == n * scale
        return self.rounded(Fraction(2 * root + (not exact), 2 * 2**200))

    def exp(self, a):
        """Return e^a, correctly rounded."""
        a = self.read(a)
        if math.isnan(a) or math.isinf(a):
            return NAN if math.isnan(a) else (math.inf if a > 0 else 0.0)
        if a == 0:
            return 1.0
        if abs(a) > 200:  # e^200 overflows; e^-200 is below half of 2^-149
            return math.inf if a > 0 else 0.0
        with gmpy2.context(precision=300):
            return self.rounded(exactly(gmpy2.exp(gmpy2.mpfr(a))))

    def log(self, a):
        """Return the natural logarithm of a, correctly rounded."""
        a = self.read(a)
        if math.isnan(a) or a < 0:
            return NAN
        if a == 0:
            return -math.inf
        if math.isinf(a) or a == 1:
            return math.inf if a > 1 else 0.0
        with gmpy2.context(precision=300):
            return self.rounded(exactly(gmpy2.log(gmpy2.mpfr(a))))

    def sum(self, values):
        """Add values in order, from +0.0: every sum that is not a reduction of section 1."""
        total = 0.0
        for value in values:
            total = self.add(total, value)
        return total

    def maximum(self, values):
        """Return (place, value) of the first maximum; the first NaN wins over every number."""
        best, place = None, None
        for i, value in enumerate(map(self.read, values)):
            if best is None or value > best or (math.isnan(value) and not math.isnan(best)):
                best, place = value, i
        return place, best

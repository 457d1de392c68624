"""Multiply-accumulate near ties and through binary64, against MPFR."""

from fractions import Fraction

import gmpy2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.num.compare import assert_same, from_bits
from tinycl import bits
from tinycl.contract import Contract
from tinycl.num.arithmetic import Arithmetic, sum_outward, sum_to_odd, two_sum
from tinycl.testing.strategies import hard_float32

MACS = ("fma", "mul_add", "fma_via_double")
MODES = ("keep", "flush")


@pytest.mark.parametrize(
    ("a", "b", "c", "once", "via_double"),
    [
        # a*b lies in the middle of two binary32 values; c is too small for binary64 to see.
        (0x3F800001, 0x3FC00000, 0x80000001, 0x3FC00001, 0x3FC00002),  # signs differ: to even
        (0x3F800003, 0x3FC00000, 0x00000001, 0x3FC00005, 0x3FC00005),  # signs agree: outward
        (0x3F800001, 0xBFC00000, 0x00000001, 0xBFC00001, 0xBFC00002),
        (0x3F800003, 0xBFC00000, 0x80000001, 0xBFC00005, 0xBFC00005),
    ],
)
def test_written_double_roundings(a, b, c, once, via_double):
    a, b, c = from_bits(a, b, c)
    assert bits.to_hex(Arithmetic(Contract(mac="fma")).mac(a, b, c)) == f"{once:08x}"
    other = Arithmetic(Contract(mac="fma_via_double"))
    assert bits.to_hex(other.mac(a, b, c)) == f"{via_double:08x}"


def near_ties(count, seed):
    """Make finite triples whose a*b + c lies near the middle of two float32 values, or cancels.

    A product of 25 digits is such a middle where its last digit is 1; a c far below it decides
    the direction. A product just beside half an ulp of c does so too. Exponents are spread
    from below the least subnormal result to overflow.
    """
    draw = np.random.Generator(np.random.PCG64(seed))
    third = count // 3
    sign = [draw.choice([-1.0, 1.0], count) for _ in range(3)]
    scale = draw.integers(-150, 130, count).astype(np.float64)
    near = draw.integers(-4, 5, count)
    odd = (2.0**23 + draw.integers(0, 2**23, count)) * 2.0**-23
    a, b, c = odd.copy(), np.full(count, 1.5), np.ldexp(1.0, -draw.integers(20, 60, count))
    b[:third] = draw.choice([1.5, 1.25, 1.75, 1.0 + 2.0**-23], third)
    middle = slice(third, 2 * third)  # c of 24 digits, a*b = 2^-24 * (1 - (near * 2^-23)^2)
    c[middle] = odd[middle]
    a[middle] = (1 + near[middle] * 2.0**-23) * 2.0**-12
    b[middle] = (1 - near[middle] * 2.0**-23) * 2.0**-12
    last = slice(2 * third, None)  # c cancels the rounded product but for a few steps
    b[last] = (2.0**23 + draw.integers(0, 2**23, count - 2 * third)) * 2.0**-23
    rounded = (a[last] * b[last]).astype(np.float32)
    c[last] = (rounded.view(np.int32) + near[last].astype(np.int32)).view(np.float32)
    sign[2][last] = -sign[0][last] * sign[1][last]
    half = np.floor(scale / 2)
    wide = a * sign[0] * 2.0**half, b * sign[1] * 2.0 ** (scale - half), c * sign[2] * 2.0**scale
    return tuple(np.clip(w, -3.4e38, 3.4e38).astype(np.float32) for w in wide)


NARROW = gmpy2.context(precision=24, emax=128, emin=-148, subnormalize=True)
UNBOUNDED = gmpy2.context(precision=24)
OUTWARD = gmpy2.context(precision=53, round=gmpy2.RoundAwayZero)
DOUBLE = gmpy2.context(precision=53)


def exact_mac(mac, subnormals, a, b, c):
    """Return a*b + c of three finite floats by MPFR."""
    if subnormals == "flush":
        a, b, c = (x if abs(x) >= 2.0**-126 else 0.0 * x for x in (a, b, c))
    a, b, c = gmpy2.mpfr(a), gmpy2.mpfr(b), gmpy2.mpfr(c)
    if mac == "fma":
        if subnormals == "keep":
            return NARROW.fma(a, b, c)
        total, unbounded = NARROW.fma(a, b, c), UNBOUNDED.fma(a, b, c)
    else:
        same = (a.is_signed() != b.is_signed()) == c.is_signed()
        wide = (OUTWARD if same else DOUBLE).fma(a, b, c)
        total, unbounded = NARROW.plus(wide), UNBOUNDED.plus(wide)
    return 0.0 * total if subnormals == "flush" and abs(unbounded) < 2.0**-126 else total


@pytest.mark.parametrize("subnormals", MODES)
@pytest.mark.parametrize("mac", ["fma", "fma_via_double"])
def test_mac_near_ties(mac, subnormals):
    a, b, c = near_ties(120_000, seed=MODES.index(subnormals))
    expected = [
        float(exact_mac(mac, subnormals, *numbers))
        for numbers in zip(a.tolist(), b.tolist(), c.tolist(), strict=True)
    ]
    contract = Contract(mac=mac, subnormals=subnormals)
    assert_same(Arithmetic(contract).mac(a, b, c), np.array(expected, np.float32), a, b, c)


def test_ties_are_near_enough():
    """The generated triples are hard: the three macs give different bits on many of them."""
    a, b, c = near_ties(30_000, seed=0)
    once, twice, via = (Arithmetic(Contract(mac=m)).mac(a, b, c) for m in MACS)
    with np.errstate(over="ignore"):
        naive = (a.astype(np.float64) * b + c).astype(np.float32)  # binary64, rounded twice
    assert np.mean(bits.words(once) != bits.words(twice)) > 0.1
    assert np.mean(bits.words(once) != bits.words(via)) > 0.01
    assert np.mean(bits.words(once) != bits.words(naive)) > 0.01


WIDE = st.tuples(hard_float32(finite=True), hard_float32(finite=True)).map(lambda t: t[0] * t[1])


@given(WIDE, hard_float32(finite=True))
def test_wide_sums(p, c):
    """TwoSum leaves no error; both ways of rounding the sum are what they say."""
    exact = Fraction(p) + Fraction(c)
    s, e = two_sum(np.float64(p), np.float64(c))
    assert Fraction(float(s)) + Fraction(float(e)) == exact
    with_odd = float(sum_to_odd(np.array([p]), np.array([c]))[0])
    if Fraction(with_odd) != exact:
        assert int(np.float64(with_odd).view(np.uint64)) & 1
        assert abs(Fraction(with_odd) - exact) < Fraction(float(np.spacing(abs(with_odd))))
    outward = float(sum_outward(np.array([p]), np.array([c]))[0])
    if p * c > 0:
        assert abs(Fraction(outward)) >= abs(exact)
        assert abs(Fraction(float(np.nextafter(outward, 0.0)))) < abs(exact)
    else:
        assert outward == p + c

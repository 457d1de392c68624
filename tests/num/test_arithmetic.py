"""The rounded operators against exact arithmetic: the oracle's rationals, and gmpy2 for many."""

from fractions import Fraction
from itertools import product

import gmpy2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import Operators
from tinycl import bits, ops
from tinycl.contract import Contract
from tinycl.num.arithmetic import Arithmetic, sum_outward, sum_to_odd, two_sum
from tinycl.testing.strategies import HARD, SIMPLE, hard_float32

PATTERNS = [*SIMPLE, *(p for kind in HARD.values() for p in kind)]
MACS = ("fma", "mul_add", "fma_via_double")
MODES = ("keep", "flush")
# Where underflow, overflow and cancellation meet; its cube is walked through.
FEW = (
    [0x00000000, 0x80000000, 0x00000001, 0x807FFFFF, 0x00800000, 0x80800001]
    + [0x3F000000, 0x3F800001, 0xBFC00000, 0x1FB504F3, 0x5F7FFFFF, 0x7F7FFFFF, 0xFF7FFFFF]
    + [0x7F800000, 0xFF800000, 0x7FC00000]
)


def floats(patterns):
    """Return the float32 values of bit patterns."""
    return np.array(patterns, np.uint32).view(np.float32)


def from_bits(*patterns):
    """Return one float32 array of shape () for each bit pattern."""
    return [floats(p).reshape(()) for p in patterns]


def assert_same(got, expected, *operands):
    """Compare two lists of results and show the first that differs, with its operands."""
    wrong = np.flatnonzero(bits.words(got) != bits.words(expected))
    if wrong.size:
        i = wrong[0]
        told = " ".join(bits.to_hex(o[i]) for o in operands)
        pytest.fail(
            f"{wrong.size} of {got.size} differ; the first: {told} gives "
            f"{bits.to_hex(got[i])}, exactly {bits.to_hex(expected[i])}"
        )


@pytest.mark.parametrize("subnormals", MODES)
@pytest.mark.parametrize("name", ["add", "sub", "mul", "div"])
def test_all_pairs_of_hard_values(name, subnormals):
    contract = Contract(subnormals=subnormals)
    a, b = (floats(column) for column in zip(*product(PATTERNS, PATTERNS), strict=True))
    one = getattr(Operators(contract), name)
    expected = [one(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    got = getattr(Arithmetic(contract), name)(a, b)
    assert_same(got, np.array(expected, np.float32), a, b)


@pytest.mark.parametrize("subnormals", MODES)
@pytest.mark.parametrize("mac", MACS)
def test_mac_on_all_triples_of_a_few(mac, subnormals):
    contract = Contract(mac=mac, subnormals=subnormals)
    a, b, c = (floats(column) for column in zip(*product(FEW, FEW, FEW), strict=True))
    columns = zip(a.tolist(), b.tolist(), c.tolist(), strict=True)
    expected = [Operators(contract).mac(*numbers) for numbers in columns]
    assert_same(Arithmetic(contract).mac(a, b, c), np.array(expected, np.float32), a, b, c)


@pytest.mark.parametrize("subnormals", MODES)
def test_sqrt_of_hard_values(subnormals):
    contract = Contract(subnormals=subnormals)
    a = floats([*PATTERNS, *range(1, 400), *range(0x3F7FFF00, 0x3F800100), 0xBF000000])
    expected = [Operators(contract).sqrt(x) for x in a.tolist()]
    assert_same(Arithmetic(contract).sqrt(a), np.array(expected, np.float32), a)


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


@pytest.mark.parametrize("subnormals", MODES)
def test_exp_where_it_becomes_subnormal(subnormals):
    contract = Contract(subnormals=subnormals)
    a = floats([*range(0xC2AEAC30, 0xC2AEAC70), 0xC2CFF1B4, 0xC2CFF1B5])
    expected = [Operators(contract).exp(x) for x in a.tolist()]
    assert_same(ops.exp(a, contract=contract), np.array(expected, np.float32), a)


def test_flush_at_the_edge():
    """A result that rounds up to 2^-126 with an unbounded exponent stays; one step less goes."""
    flush = Arithmetic(Contract(subnormals="flush"))
    keep = Arithmetic(Contract())
    half, most, next_, least = from_bits(0x3F000000, 0x3F7FFFFF, 0x3F7FFFFE, 0x00800000)
    # 2^-126 * (1 - 2^-24) has 24 digits: it stays below, though binary32 rounds it to 2^-126.
    assert bits.to_hex(keep.mul(least, most)) == "00800000"
    assert bits.to_hex(flush.mul(least, most)) == "00000000"
    assert bits.to_hex(flush.mul(-least, most)) == "80000000"
    assert bits.to_hex(flush.mul(least, next_)) == "00000000"
    assert bits.to_hex(flush.mul(half, least)) == "00000000"
    # (1 - 2^-24) * (1 + 2^-23) * 2^-126 is above.
    (up,) = from_bits(0x00800001)
    assert bits.to_hex(flush.mul(up, most)) == "00800000"
    # 18631 * 1801 = 2^25 - 1: a product in the middle of 2^-126 and what is just below it.
    a, b = np.float32(18631 * 2.0**-80), np.float32(1801 * 2.0**-71)
    for one in (flush, Arithmetic(Contract(mac="fma_via_double", subnormals="flush"))):
        assert bits.to_hex(one.mul(a, b)) == "00800000"
        assert bits.to_hex(one.mac(a, b, np.float32(0))) == "00800000"
    # The product inside an fma is not flushed: 2^-127 + 2^-126.
    assert bits.to_hex(flush.mac(half, least, least)) == "00c00000"
    mul_add = Arithmetic(Contract(mac="mul_add", subnormals="flush"))
    assert bits.to_hex(mul_add.mac(half, least, least)) == "00800000"

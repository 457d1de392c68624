"""The rounded operators on hard values against exact arithmetic."""

from itertools import product

import numpy as np
import pytest

from tests.num.compare import assert_same, floats, from_bits
from tests.oracle import Operators
from tinycl import bits, ops
from tinycl.contract import Contract
from tinycl.num.arithmetic import Arithmetic
from tinycl.testing.strategies import HARD, SIMPLE

PATTERNS = [*SIMPLE, *(p for kind in HARD.values() for p in kind)]
MACS = ("fma", "mul_add", "fma_via_double")
MODES = ("keep", "flush")
# Where underflow, overflow and cancellation meet; its cube is walked through.
FEW = (
    [0x00000000, 0x80000000, 0x00000001, 0x807FFFFF, 0x00800000, 0x80800001]
    + [0x3F000000, 0x3F800001, 0xBFC00000, 0x1FB504F3, 0x5F7FFFFF, 0x7F7FFFFF, 0xFF7FFFFF]
    + [0x7F800000, 0xFF800000, 0x7FC00000]
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

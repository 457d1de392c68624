"""Ordered reductions: every setting on written-down numbers, and all of them against the oracle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import Operators, reduce
from tests.oracle.reduction import over_batch
from tinycl import bits
from tinycl.contract import Contract
from tinycl.num.arithmetic import Arithmetic
from tinycl.num.sums import Term, batch_sum, ordered_sum, plain_sum
from tinycl.testing.strategies import arrays, contracts

BIG = 2.0**24  # BIG + 1 is in the middle of BIG and BIG + 2, and rounds to BIG


def total(values, contract, bias=None):
    """Reduce plain values times one; values that are None are skipped."""
    one = np.float32(1).reshape(1)
    terms = [
        Term(np.array([0 if v is None else v], np.float32), one, np.array([v is not None]))
        for v in values
    ]
    bias = None if bias is None else np.array([bias], np.float32)
    result = ordered_sum(Arithmetic(contract), terms, len(terms), (1,), bias)
    return float(result[0])


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        ("sequential", 9),  # BIG+4, BIG+4, BIG+8, 8, 9, -BIG+9, 9
        ("lanes(2,left)", 12),  # (BIG+1-BIG-BIG) = -BIG, (5+5+1+BIG) = BIG+12
        ("lanes(3,left)", 11),  # (BIG+5-BIG) = 4, (5-BIG+BIG) = 5, (1+1) = 2
        ("lanes(8,left)", 9),  # as many lanes as terms: sequential
        ("lanes(16,pairwise)", 11),  # ((BIG+5) + (1+5)) = BIG+10, ((-BIG+1) + (-BIG+BIG)) = -BIG+1
        ("grouped(2)", 11),
        ("grouped(4)", 8),  # (BIG+5+1+5) = BIG+8, (-BIG+1-BIG+BIG) = -BIG+0
        ("grouped(64)", 9),
        ("blocks(1)", 9),
        ("blocks(3)", 10),
        ("blocks(64)", 9),
        ("split(2)", 8),  # two blocks of four
        ("split(3)", 10),  # blocks of 3, 3 and 2
        ("split(64)", 9),  # blocks of one
    ],
)
def test_reduction(reduction, expected):
    values = [BIG, 5, 1, 5, -BIG, 1, -BIG, BIG]
    assert total(values, Contract(reduction=reduction)) == expected


def test_lanes_are_joined_from_the_left_or_in_a_tree():
    values = [BIG, 1, 1, 1]
    assert total(values, Contract(reduction="lanes(4,left)")) == BIG
    assert total(values, Contract(reduction="lanes(4,pairwise)")) == BIG + 2
    # ((BIG+1) + (1+1)) + 1: the last has no neighbour, twice; BIG+3 rounds to BIG+4.
    assert total([*values, 1], Contract(reduction="lanes(5,pairwise)")) == BIG + 4
    assert total([*values, 1], Contract(reduction="lanes(5,left)")) == BIG


def test_skipped_terms_keep_their_numbers():
    values = [BIG, None, 1, None, 1, 1]
    assert total(values, Contract()) == BIG
    # Lanes {BIG, 1, 1} and {1}: lane 1 began with terms that are left out.
    assert total(values, Contract(reduction="lanes(2,left)")) == BIG
    # A tree keeps its places: lanes 1 and 3 got nothing, so (BIG) + (1), not (BIG + 1) + ...
    values = [1, None, 1, None, BIG]
    assert total(values, Contract(reduction="lanes(5,pairwise)")) == BIG + 2
    values = [BIG, None, 1, 1, None, None, None, None]
    assert total(values, Contract(reduction="lanes(8,pairwise)")) == BIG + 2
    # Blocks {BIG, -}, {1, 1}: numbered with the skipped term, joined BIG + 2.
    assert total([BIG, None, 1, 1], Contract(reduction="blocks(2)")) == BIG + 2
    assert total([BIG, None, 1, 1], Contract(reduction="grouped(2)")) == BIG + 2
    assert total([BIG, 1, 1], Contract(reduction="blocks(2)")) == BIG


@pytest.mark.parametrize(
    "reduction", ["sequential", "lanes(4,left)", "lanes(3,pairwise)", "grouped(2)", "blocks(2)"]
)
def test_start_shows_in_minus_zero(reduction):
    """A sum of -0.0 alone is -0.0 where nothing began at +0.0."""
    for values in ([-0.0, -0.0, -0.0], [None, -0.0], [-0.0]):
        zero = total(values, Contract(reduction=reduction))
        first = total(values, Contract(reduction=reduction, start="first_product"))
        assert (np.signbit(zero), np.signbit(first)) == (False, True)


@pytest.mark.parametrize("reduction", ["sequential", "lanes(2,left)", "grouped(2)", "split(3)"])
def test_no_term_at_all(reduction):
    """Nothing is +0.0; a bias that is added to it loses its -0, one that begins it does not."""
    none = [None, None, None]
    assert not np.signbit(total(none, Contract(reduction=reduction, start="first_product")))
    assert not np.signbit(total(none, Contract(reduction=reduction), bias=-0.0))
    assert np.signbit(total(none, Contract(reduction=reduction, bias="start"), bias=-0.0))


@pytest.mark.parametrize(
    ("reduction", "after", "start"),
    [
        ("sequential", BIG + 2, BIG),
        ("lanes(2,left)", BIG + 2, BIG),  # lanes BIG+1 = BIG and 1
        ("lanes(4,pairwise)", BIG + 2, BIG),
        ("grouped(2)", BIG + 2, BIG + 2),  # the accumulator, not the group, begins with it
        ("blocks(1)", BIG + 2, BIG),
    ],
)
def test_bias(reduction, after, start):
    assert total([1, 1], Contract(reduction=reduction), BIG) == after
    assert total([1, 1], Contract(reduction=reduction, bias="start"), BIG) == start


def test_groups_do_not_begin_at_zero():
    """A bias of -0.0 stays -0.0 beside a group of -0.0; a group begun at +0.0 would turn it."""
    contract = Contract(reduction="grouped(2)", bias="start")
    assert np.signbit(total([-0.0, -0.0], contract, bias=-0.0))
    assert not np.signbit(total([-0.0, -0.0], contract.but(reduction="blocks(1)"), bias=-0.0))


def test_groups_begin_with_a_rounded_product():
    """`grouped(1)` rounds every product; a sequential fma rounds none but the first."""
    a = np.array([1 + 2.0**-12], np.float32)
    c = np.array([-(1 + 2.0**-11)], np.float32)
    terms = [Term(c, np.float32([1])), Term(a, a)]
    assert ordered_sum(Arithmetic(Contract()), terms, 2, (1,))[0] == 2.0**-24
    grouped = Arithmetic(Contract(reduction="grouped(1)"))
    assert ordered_sum(grouped, terms, 2, (1,))[0] == 0
    two = Arithmetic(Contract(reduction="grouped(2)", mac="mul_add"))
    assert ordered_sum(two, terms, 2, (1,))[0] == 0


@st.composite
def sums(draw):
    """Draw values a and b of T terms for two outputs, which of them take part, and a bias."""
    count = draw(st.integers(0, 14))
    a, b = draw(arrays((count, 2))), draw(arrays((count, 2)))
    present = draw(st.lists(st.booleans(), min_size=2 * count, max_size=2 * count))
    bias = draw(st.none() | arrays((2,)))
    return a, b, np.array(present, bool).reshape(count, 2), bias, draw(st.booleans())


@given(sums(), contracts())
def test_ordered_sum_agrees_with_the_oracle(case, contract):
    a, b, present, bias, plain = case
    terms = [
        Term(a[t], None if plain else b[t], present[t] if not present[t].all() else None)
        for t in range(len(a))
    ]
    got = ordered_sum(Arithmetic(contract), terms, len(terms), (2,), bias)
    for i in range(2):
        one = [
            ((float(x),) if plain else (float(x), float(y))) if there else None
            for x, y, there in zip(a[:, i], b[:, i], present[:, i], strict=True)
        ]
        expected = reduce(Operators(contract), one, None if bias is None else float(bias[i]))
        assert bits.to_hex(got[i]) == bits.to_hex(np.float32(expected)), str(contract)


@given(st.integers(1, 4), st.integers(1, 5), st.data(), contracts())
def test_batch_sum_agrees_with_the_oracle(batch, each, data, contract):
    a, b = data.draw(arrays((batch, each))), data.draw(arrays((batch, each)))
    samples = [[Term(a[n, t : t + 1], b[n, t : t + 1]) for t in range(each)] for n in range(batch)]
    got = batch_sum(Arithmetic(contract), samples, each, batch, (1,))
    pairs = [[(float(a[n, t]), float(b[n, t])) for t in range(each)] for n in range(batch)]
    expected = over_batch(Operators(contract), pairs)
    assert bits.to_hex(got[0]) == bits.to_hex(np.float32(expected)), str(contract)


@given(st.integers(0, 9).flatmap(lambda count: arrays((count, 1))), contracts())
def test_plain_sum_is_sequential_under_every_contract(values, contract):
    got = plain_sum(Arithmetic(contract), list(values), (1,))
    expected = Operators(contract).sum(values.ravel().tolist())
    assert bits.to_hex(got[0]) == bits.to_hex(np.float32(expected)), str(contract)

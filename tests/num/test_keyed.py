"""Sums whose rows have terms of their own: against the dense sum, and worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.num.compare import floats
from tinycl import bits
from tinycl.contract import Contract
from tinycl.num.arithmetic import Arithmetic
from tinycl.num.keyed import ABSENT, keyed_batch_sum, keyed_sum
from tinycl.num.sums import Term, batch_sum, ordered_sum
from tinycl.testing.strategies import arrays, contracts

BIG = 2.0**24


def term_of(a, b=None):
    """Return the terms of rows (rows, T) by their numbers."""
    rows = np.arange(len(a))
    return lambda t: Term(a[rows, t], None if b is None else b[rows, t])


@given(st.data(), contracts())
def test_masked_terms(data, contract):
    """Ascending keys are the dense sum with a mask: two roads to the same bits."""
    rows, total = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 12))
    a, b = (data.draw(arrays((rows, total))) for _ in range(2))
    here = data.draw(st.lists(st.booleans(), min_size=rows * total, max_size=rows * total))
    here = np.array(here).reshape(rows, total)
    one = Arithmetic(contract)
    dense = ordered_sum(
        one, (Term(a[:, t], b[:, t], here[:, t]) for t in range(total)), total, (rows,)
    )
    keys = np.where(here, np.arange(total), ABSENT)
    got = keyed_sum(one, keys, term_of(a, b), (rows,))
    assert bits.equal(got.value, dense)
    assert got.begun[here.any(axis=1)].all()


@given(st.data(), contracts())
def test_whole_batches(data, contract):
    n, rows, each = (data.draw(st.integers(1, 4)) for _ in range(3))
    a = data.draw(arrays((rows, n * each)))
    samples = ([Term(a[:, s * each + t], None) for t in range(each)] for s in range(n))
    dense = batch_sum(Arithmetic(contract), samples, each, n, (rows,))
    keys = np.broadcast_to(np.arange(each), (n, rows, each))
    assert bits.equal(keyed_batch_sum(Arithmetic(contract), keys, term_of(a), (rows,)), dense)


def one_row(values, keys, contract):
    got = keyed_sum(Arithmetic(contract), np.array([keys]), term_of(values[None]), (1,))
    return got.value.item(), bool(got.begun[0])


VALUES = np.array([BIG, 1, -BIG, 1], np.float32)


@pytest.mark.parametrize(
    ("reduction", "keys", "expected"),
    [
        ("sequential", [0, 1, 2, 3], 1),  # ((BIG + 1) - BIG) + 1, BIG + 1 = BIG
        ("sequential", [0, 2, 1, 3], 2),  # ((BIG - BIG) + 1) + 1
        ("sequential", [0, ABSENT, 1, ABSENT], 0),
        ("lanes(2,left)", [3, 2, 1, 0], 2),  # (-BIG + BIG) + (1 + 1)
        ("lanes(2,left)", [0, ABSENT, ABSENT, 1], BIG),  # BIG + 1
        ("blocks(2)", [1, 0, 2, 3], 1),  # (1 + BIG) + (-BIG + 1) = BIG - (BIG - 1)
        ("blocks(3)", [2, 1, 0, 3], 2),  # ((-BIG + 1) + BIG) + 1
    ],
)
def test_by_hand(reduction, keys, expected):
    assert one_row(VALUES, keys, Contract(reduction=reduction)) == (expected, True)


@given(contracts())
def test_nothing_is_zero(contract):
    value, begun = one_row(VALUES, [ABSENT] * 4, contract)
    assert bits.to_hex(np.float32(value)) == "00000000"
    grouped = contract.reduction.kind == "grouped" and contract.start == "zero"
    assert begun == grouped


def test_absent_terms_never_matter():
    hard = floats([0x7FC00000, 0x7F800000, 0x3F800000])
    assert one_row(hard, [ABSENT, ABSENT, 0], Contract()) == (1.0, True)


def test_a_sample_without_terms_is_left_out():
    """With start=first_product an empty sample's +0.0 would turn -0.0 into +0.0."""
    a = np.array([[-0.0, -0.0]], np.float32)
    keys = np.array([[[ABSENT]], [[0]]])
    contract = Contract(batch="per_sample", start="first_product")
    got = keyed_batch_sum(Arithmetic(contract), keys, term_of(a), (1,))
    assert bits.to_hex(got[0]) == "80000000"

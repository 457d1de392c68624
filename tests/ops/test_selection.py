"""top_k as an operation: ties, zeros, NaN, ends; parts of tensors; gates."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.num.compare import floats
from tests.ops.agreement import assert_agrees
from tests.ops.examples import error, i32, ramp, refused
from tinycl import bits, ops
from tinycl.contract import Contract
from tinycl.testing.strategies import arrays, contracts

HEAP = Contract(selection_order="heap")
ORDERS = (Contract(), HEAP)
# Ties of all kinds: zeros of both signs, least subnormals, ones, Inf and NaNs of both signs.
FEW = floats([0, 0x80000000, 1, 0x3F800000, 0xBF800000, 0x7F800000, 0x7FC00000, 0xFF800001])


def f32(*values):
    return np.array(values, np.float32)


@pytest.mark.parametrize("contract", ORDERS, ids=["ascending", "heap"])
@pytest.mark.parametrize("k", [0, 1, 2, 3, 4])
def test_every_row_of_four(k, contract):
    """All rows of four from eight values that tie, against the heap written from its words."""
    assert_agrees("top_k", (np.array(list(product(FEW, repeat=4))), None), {"k": k}, contract)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.data())
def test_long_rows_of_few_magnitudes(sizes, data):
    signs = data.draw(st.lists(st.sampled_from((-1, 1)), min_size=len(sizes), max_size=len(sizes)))
    a = (np.array(sizes) * np.array(signs)).astype(np.float32)[None]
    case = (a, i32(data.draw(st.integers(0, len(sizes)))))
    for contract in ORDERS:
        assert_agrees("top_k", case, {"k": data.draw(st.integers(0, len(sizes)))}, contract)


@given(st.data(), contracts())
def test_survivors_are_the_largest(data, contract):
    """None that is left out is larger than one that survives; both orders keep the same sizes."""
    a = data.draw(arrays((3, data.draw(st.integers(1, 9)))))
    m = a.shape[1]
    count, index = ops.top_k(a, k=data.draw(st.integers(1, m)), contract=contract)
    sizes = np.nan_to_num(np.abs(a.astype(np.float64)), nan=2e39, posinf=1e39)
    if contract.subnormals == "flush":
        sizes[sizes < 2.0**-126] = 0
    for row, k, places in zip(sizes, count, index, strict=True):
        kept = places[:k]
        assert len(set(kept.tolist())) == k
        assert row[kept].min() >= np.delete(row, kept).max(initial=0)


def test_written_rows():
    a = f32(1, 1, 2, -5, 3, 4)[None]
    for contract, listed in ((Contract(), [3, 4, 5]), (HEAP, [4, 3, 5])):
        count, index = ops.top_k(a, k=3, contract=contract)
        assert (count.tolist(), index.tolist()) == ([3], [listed])
    # [1, 1, 2]: the later of two equal ones survives the heap.
    assert ops.top_k(f32(1, 1, 2)[None], k=2)[1].tolist() == [[0, 2]]
    assert ops.top_k(f32(1, 1, 2)[None], k=2, contract=HEAP)[1].tolist() == [[1, 2]]


@pytest.mark.parametrize("contract", ORDERS, ids=["ascending", "heap"])
def test_ends(contract):
    one = f32(7).reshape(1, 1)
    for k in (0, 1, 9):
        assert ops.top_k(one, k=k, contract=contract)[1].tolist() == [[0]]
    a = ramp(2, 5)
    for k in (0, 5, 6, 2**31 - 1):
        count, index = ops.top_k(a, k=k, contract=contract)
        assert (count.tolist(), index.tolist()) == ([5, 5], [[0, 1, 2, 3, 4]] * 2)
    count, index = ops.top_k(a, i32(0, 9), k=3, contract=contract)
    assert (count.tolist(), index[0].tolist()) == ([0, 3], [-1, -1, -1])


def test_flushed_magnitudes_tie():
    a = floats([0x00000001, 0x007FFFFF])[None]
    assert ops.top_k(a, k=1)[1].tolist() == [[1]]
    assert ops.top_k(a, k=1, contract=Contract(subnormals="flush"))[1].tolist() == [[0]]


def test_negative_numbers_wanted():
    assert "wanted[1] is -1" in error("top_k", tensors=(ramp(2, 5), i32(1, -1)))
    refused("top_k", "wanted", "(2,)", tensors=(ramp(2, 5), i32(1)))


@given(st.data())
def test_gather_undoes_scatter(data):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple))
    axis = data.draw(st.integers(0, len(shape) - 1))
    places = data.draw(st.lists(st.integers(0, shape[axis] - 1), min_size=1, unique=True))
    index, x = i32(places), data.draw(arrays(shape))
    y = data.draw(arrays((*shape[:axis], len(places), *shape[axis + 1 :])))
    made = ops.scatter(x, y, index, axis=axis)
    assert bits.equal(ops.gather(made, index, axis=axis), y)
    back = ops.scatter(made, ops.gather(x, index, axis=axis), index, axis=axis)
    assert bits.equal(back, x)


def test_the_last_one_stays():
    x = ops.scatter(np.zeros((3, 2), np.float32), ramp(3, 2), i32([1, 1, 1]), axis=0)
    assert x.tolist() == [[0, 0], ramp(3, 2)[2].tolist(), [0, 0]]


def test_wrong_places():
    x = ramp(2, 3)
    for bad in (-1, 3, 2**31 - 1):
        told = "index", f"is {bad}", "0 to 2"
        refused("gather", *told, tensors=(x, i32([0, bad])), axis=1)
        refused("scatter", *told, tensors=(x, ramp(2, 2), i32([0, bad])), axis=1)
    refused("gather", "axis is 2", "0 to 1", tensors=(x, i32([0])), axis=2)
    refused("gather", "(1, k)", tensors=(x, i32([0], [1])), axis=1)
    refused("scatter", "(2, 1)", "(2, 2)", tensors=(x, ramp(2, 1), i32([0, 1])), axis=1)


@given(st.data(), contracts())
def test_gates_are_those_of_the_activations(data, contract):
    shape = data.draw(st.sampled_from(((), (1,), (31,), (32,), (33,), (5, 13), (2, 1, 3, 11))))
    x, dy = data.draw(arrays(shape)), data.draw(arrays(shape))
    for below, gradient in ((np.inf, ops.relu_input_grad), (6.0, ops.relu6_input_grad)):
        kept = ops.gate_bits(x, below=below, contract=contract)
        got = ops.gate_grad(kept, dy, contract=contract)
        assert bits.equal(got, gradient(x, dy, contract=contract))


def test_words_of_gates():
    x = np.zeros(34, np.float32)
    x[[0, 31, 33]] = f32(1, 2, np.inf)
    assert ops.gate_bits(x, below=np.inf).tolist() == [1 - 2**31, 2]
    assert ops.gate_bits(x, below=2.0).tolist() == [1, 0]
    x[33] = 3
    assert ops.gate_bits(x, below=6.0).tolist() == [1 - 2**31, 2]
    assert ops.gate_bits(f32(np.nan, -1, 1), below=np.nan).tolist() == [0]
    refused("gate_grad", "(2,)", "(1,)", "32", tensors=(i32(0, 0), ramp(32)))

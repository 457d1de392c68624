"""The order of the terms of sparse gradients, and what padding gives them, on written numbers."""

import math

import numpy as np
import pytest

from tests.ops.examples import EXAMPLES, call, i32, outputs, ramp
from tinycl import bits, ops
from tinycl.contract import Contract

BIG = 2.0**24


def f32(*values):
    return np.array(values, np.float32)


@pytest.mark.parametrize(("index", "expected"), [([2, 0, 3, 1], 1), ([2, 0, 1], 0), ([0, 1, 2], 1)])
def test_a_full_sample_has_the_dense_order_under_heap(index, expected):
    """Four features all survive: BIG - BIG + 1 + 0; three of them: as the list says."""
    dy = f32(BIG, -BIG, 1, 0).reshape(1, 4)
    dx, _ = ops.linear_sparse_input_grad(
        np.ones((4, 1), np.float32),
        dy,
        i32(len(index)),
        i32(index),
        contract=Contract(selection_order="heap"),
    )
    assert dx.item() == expected


@pytest.mark.parametrize(("index", "expected"), [([0, 1, 2], 1), ([2, 0, 1], 0)])
def test_order_of_weight_and_bias_gradients(index, expected):
    dy, contract = f32(BIG, -BIG, 1, 7).reshape(1, 1, 1, 4), Contract(selection_order="heap")
    x, lists = np.ones((1, 1, 1, 4), np.float32), (i32(3), i32(index))
    dw, _ = ops.pointwise_sparse_weight_grad(x, dy, *lists, contract=contract)
    assert dw.item() == ops.sparse_bias_grad(dy, *lists, contract=contract).item() == expected


def test_channels_enter_by_the_list():
    """Of three channels 2 and then 0: 1 + BIG, or in dense order with -BIG in a second tap."""
    w = f32(BIG, -BIG, 1, 1).reshape(4, 1, 1, 1)
    dy = np.ones((1, 4, 1, 1), np.float32)
    got = {}
    for index in ([0, 1, 2], [2, 0, 1]):
        dx, _ = ops.conv2d_sparse_input_grad(
            w,
            dy,
            i32(3),
            i32(index),
            size=(1, 1),
            channels=1,
            contract=Contract(selection_order="heap"),
        )
        got[index[0]] = dx.item()
    assert got == {0: 1, 2: 0}


def test_lanes_do_not_shift():
    """Features 0, 1 and 3 survive of four: two lanes hold 0 and 1, 3 as in the dense sum."""
    dy, contract = f32(BIG, 1, 5, 1).reshape(1, 4), Contract(reduction="lanes(2,left)")
    dx, _ = ops.linear_sparse_input_grad(
        np.ones((4, 1), np.float32), dy, i32(3), i32([0, 1, 3]), contract=contract
    )
    assert dx.item() == BIG + 2  # BIG + (1 + 1); one after the other would give BIG


@pytest.mark.parametrize("padding", ["multiply", "skip"])
def test_a_survivor_on_the_padding(padding):
    """Its tap outside the image multiplies +0.0, an infinite dy makes it a NaN."""
    contract = Contract(padding=padding)
    x, dy = np.ones((1, 1, 1, 1), np.float32), f32(np.inf, 1).reshape(1, 1, 1, 2)
    dw, effort = ops.conv2d_sparse_weight_grad(
        x, dy, i32(1), i32([0]), kernel=(1, 2), padding=(0, 0, 1, 1), contract=contract
    )
    outside = math.nan if padding == "multiply" else 0.0
    assert bits.equal(dw.ravel(), f32(outside, math.inf))
    assert effort.tolist() == [2]


@pytest.mark.parametrize("padding", ["multiply", "skip"])
@pytest.mark.parametrize(("count", "full"), [(1, False), (2, True)])
def test_zeros_around_dy_are_terms_where_everything_survives(padding, count, full):
    """An infinite weight meets the places between the strides only then, and with multiply."""
    w, dy = f32(2, np.inf).reshape(1, 1, 1, 2), np.ones((1, 1, 1, 2), np.float32)
    dx, _ = ops.conv2d_sparse_input_grad(
        w,
        dy,
        i32(count),
        i32([0, 1]),
        size=(1, 4),
        stride=(1, 2),
        contract=Contract(padding=padding),
    )
    dense = [math.nan, math.inf] * 2 if padding == "multiply" else [2, math.inf, 2, math.inf]
    assert bits.equal(dx.ravel(), f32(*(dense if full else [2, math.inf, 0, 0])))


@pytest.mark.parametrize("name", sorted(n for n in EXAMPLES if "_sparse_" in n))
def test_a_shared_list_is_the_list_of_each_sample(name):
    (a, dy, *_), attrs = EXAMPLES[name]
    index = i32([0, 2, -1])
    one = outputs(call(name, a, dy, i32(2), index, **attrs))
    each = outputs(call(name, a, dy, i32(2, 2), np.repeat(index, 2, 0), **attrs))
    assert all(bits.equal(*pair) for pair in zip(one, each, strict=True))


def test_sampled_bias():
    dy = ramp(3, 2, 2)
    assert ops.sampled_bias_grad(dy, i32(0, 3, 0)).tolist() == dy[1].sum(axis=1).tolist()
    assert bits.words(ops.sampled_bias_grad(-dy, i32(0, 0, 0))).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("start", "expected"), [("first_product", "80000000"), ("zero", "00000000")]
)
def test_a_sample_without_terms_is_left_out(start, expected):
    """Its empty sum of +0.0, added to -0.0, would give +0.0."""
    contract = Contract(batch="per_sample", start=start)
    x, dy = np.ones((2, 1), np.float32), f32(-0.0, -0.0).reshape(2, 1)
    lists = i32(0, 1), i32([-1], [0])
    dw, _ = ops.linear_sparse_weight_grad(x, dy, *lists, contract=contract)
    assert bits.to_hex(dw) == expected
    assert bits.to_hex(ops.sparse_bias_grad(dy, *lists, contract=contract)) == expected
    assert bits.to_hex(ops.sampled_bias_grad(dy, i32(0, 1), contract=contract)) == expected

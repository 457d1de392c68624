"""Every field of the contract shows: its settings give different bits on a small example."""

import math

import numpy as np
import pytest

from tinycl import bits, ops
from tinycl.contract import Contract
from tinycl.num.arithmetic import Arithmetic
from tinycl.num.selection import top_k
from tinycl.num.sums import plain_sum

BIG = 2.0**24  # BIG + 1 rounds to BIG


def f32(*values):
    return np.array(values, np.float32)


def linear(x, w, b=None, **fields):
    """Return the one output of a linear layer, as a float."""
    b = None if b is None else f32(b)
    y = ops.linear_forward(f32(*x)[None], f32(*w)[None], b, contract=Contract(**fields))
    return float(y[0, 0])


@pytest.mark.parametrize(
    ("mac", "expected"),
    [
        # (1 + 2^-12)^2 - (1 + 2^-11) = 2^-24 exactly; the rounded product is 1 + 2^-11.
        ("fma", 2.0**-24),
        ("mul_add", 0.0),
        ("fma_via_double", 2.0**-24),
    ],
)
def test_mac_one_rounding_or_two(mac, expected):
    a = 1 + 2.0**-12
    assert linear([1, a], [-(1 + 2.0**-11), a], mac=mac) == expected


@pytest.mark.parametrize(
    ("mac", "expected"),
    [("fma", "3fc00001"), ("mul_add", "3fc00002"), ("fma_via_double", "3fc00002")],
)
def test_mac_through_binary64(mac, expected):
    # (1 + 2^-23) * 1.5 is in the middle of 3fc00001 and 3fc00002; -2^-149 decides, if it is seen.
    y = ops.mac(f32(1 + 2.0**-23), f32(1.5), f32(-(2.0**-149)), contract=Contract(mac=mac))
    assert bits.to_hex(y[0]) == expected


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        ("sequential", 9),
        ("lanes(2,left)", 12),
        ("lanes(4,left)", 11),
        ("grouped(4)", 8),
        ("blocks(3)", 10),
        ("split(2)", 8),
    ],
)
def test_reduction(reduction, expected):
    x = [BIG, 5, 1, 5, -BIG, 1, -BIG, BIG]
    assert linear(x, [1] * 8, reduction=reduction) == expected


def test_reduction_join():
    x = [BIG, 1, 1, 1]
    assert linear(x, [1] * 4, reduction="lanes(4,left)") == BIG
    assert linear(x, [1] * 4, reduction="lanes(4,pairwise)") == BIG + 2


def test_groups_and_blocks_begin_otherwise():
    """The bias begins block 0, but the accumulator to which groups are added."""
    fields = {"bias": "start"}
    assert linear([1, 1], [1, 1], BIG, reduction="blocks(2)", **fields) == BIG
    assert linear([1, 1], [1, 1], BIG, reduction="grouped(2)", **fields) == BIG + 2


def test_start():
    """A sum that is only -0.0 stays so if nothing began at +0.0."""
    assert math.copysign(1, linear([-0.0], [1], start="zero")) == 1
    assert math.copysign(1, linear([-0.0], [1], start="first_product")) == -1


def test_bias():
    assert linear([1, 1], [1, 1], BIG, bias="after") == BIG + 2
    assert linear([1, 1], [1, 1], BIG, bias="start") == BIG


@pytest.mark.parametrize(("taps", "expected"), [("channel_major", 1), ("spatial_major", 0)])
def test_taps(taps, expected):
    # Channel 0 is (BIG, -BIG), channel 1 is (1, 0): BIG - BIG + 1 + 0, or BIG + 1 - BIG + 0.
    x = f32(BIG, -BIG, 1, 0).reshape(1, 2, 1, 2)
    w = np.ones((1, 2, 1, 2), np.float32)
    assert ops.conv2d_forward(x, w, contract=Contract(taps=taps)).item() == expected


@pytest.mark.parametrize("name", ["conv2d_input_grad", "depthwise_input_grad"])
@pytest.mark.parametrize(("order", "expected"), [("by_output", 0), ("by_weight", 1)])
def test_input_grad_taps(name, order, expected):
    # Three outputs read the only position: BIG + 1 - BIG ascending in wo, -BIG + 1 + BIG in kw.
    w = np.ones((1, 1, 1, 3) if name.startswith("conv2d") else (1, 1, 3), np.float32)
    dy = f32(BIG, 1, -BIG).reshape(1, 1, 1, 3)
    dx = getattr(ops, name)(
        w, dy, size=(1, 1), padding=(0, 0, 2, 2), contract=Contract(input_grad_taps=order)
    )
    assert dx.item() == expected


@pytest.mark.parametrize("padding", ["multiply", "skip"])
def test_padding(padding):
    contract = Contract(padding=padding, start="first_product")
    x = np.full((1, 1, 1, 1), -0.0, np.float32)
    ones = np.ones((1, 1, 1, 2), np.float32)
    y = ops.conv2d_forward(x, ones, padding=(0, 0, 1, 0), contract=contract)
    assert bits.to_hex(y[0, 0, 0, 0]) == ("00000000" if padding == "multiply" else "80000000")
    # An infinite weight on the tap outside the image, and in dx on a place between the strides.
    w = f32(np.inf, 1).reshape(1, 1, 1, 2)
    y = ops.conv2d_forward(x, w, padding=(0, 0, 1, 0), contract=contract)
    assert math.isnan(y.item()) == (padding == "multiply")
    w, dy = f32(2, np.inf).reshape(1, 1, 1, 2), np.ones((1, 1, 1, 2), np.float32)
    dx = ops.conv2d_input_grad(w, dy, size=(1, 4), stride=(1, 2), contract=contract)
    between = [2, math.inf, 2, math.inf] if padding == "skip" else [math.nan, math.inf] * 2
    assert bits.equal(dx.ravel(), f32(*between))


@pytest.mark.parametrize("padding", ["multiply", "skip"])
@pytest.mark.parametrize("family", ["conv2d", "depthwise"])
def test_padding_of_gradients(family, padding):
    """In dw an infinite dy, in dx an infinite w meets what lies outside the image, or does not."""
    contract = Contract(padding=padding)
    geometry = {"padding": (0, 0, 1, 0), "contract": contract}
    one, dy = np.ones((1, 1, 1, 1), np.float32), f32(np.inf).reshape(1, 1, 1, 1)
    dw = getattr(ops, f"{family}_weight_grad")(one, dy, kernel=(1, 2), **geometry)
    outside = math.nan if padding == "multiply" else 0.0
    assert bits.equal(dw.ravel(), f32(outside, math.inf))
    w = f32(np.inf, 2).reshape((1, 1, 1, 2) if family == "conv2d" else (1, 1, 2))
    dx = getattr(ops, f"{family}_input_grad")(w, one, size=(1, 1), **geometry)
    assert bits.equal(dx.ravel(), f32(math.nan if padding == "multiply" else 2))


@pytest.mark.parametrize(("batch", "expected"), [("chain", 2.0**-24), ("per_sample", 0.0)])
def test_batch(batch, expected):
    # Two samples, -(1 + 2^-11) * 1 and (1 + 2^-12)^2: the second product is rounded, or is not.
    a = 1 + 2.0**-12
    x, dy = f32(-(1 + 2.0**-11), a).reshape(2, 1), f32(1, a).reshape(2, 1)
    assert ops.linear_weight_grad(x, dy, contract=Contract(batch=batch)).item() == expected
    image = (2, 1, 1, 1)
    dw = ops.conv2d_weight_grad(
        x.reshape(image), dy.reshape(image), kernel=(1, 1), contract=Contract(batch=batch)
    )
    assert dw.item() == expected


@pytest.mark.parametrize(("batch", "expected"), [("chain", BIG), ("per_sample", BIG + 2)])
def test_batch_of_a_bias_gradient(batch, expected):
    dy = f32(BIG, 0, 1, 1).reshape(2, 1, 1, 2)
    assert ops.conv2d_bias_grad(dy, contract=Contract(batch=batch)).item() == expected


@pytest.mark.parametrize("subnormals", ["keep", "flush"])
def test_subnormals(subnormals):
    contract = Contract(subnormals=subnormals)
    keep = subnormals == "keep"
    tiny, least, half = f32(-(2.0**-149)), f32(-(2.0**-126)), f32(0.5)
    assert bits.to_hex(ops.mul(least, half, contract=contract)[0]) == (
        "80400000" if keep else "80000000"
    )
    assert ops.mul(tiny, f32(2.0**126), contract=contract)[0] == (-(2.0**-23) if keep else 0)
    assert ops.compare(tiny, f32(0), contract=contract)[0] == (1 if keep else 2)
    assert bits.to_hex(ops.flatten_forward(tiny.reshape(1, 1, 1, 1), contract=contract)) == (
        "80000001"  # moves bits
    )


@pytest.mark.parametrize(
    ("order", "survivors", "expected"),
    [("ascending", [0, 2, 3], 1), ("heap", [3, 0, 2], 0)],  # BIG - BIG + 1, or 1 + BIG - BIG
)
def test_selection_order(order, survivors, expected):
    values = f32(BIG, 0.5, -BIG, 1)
    chosen = top_k(values, 3, Contract(selection_order=order).selection_order)
    assert chosen.tolist() == survivors
    terms = [values[i] for i in chosen]
    assert plain_sum(Arithmetic(), terms, ()) == expected

"""Where an optimiser's attribute rounds, underflows, or is left out."""

import numpy as np
import pytest

from tinycl import bits, ops
from tinycl.contract import Contract


def f32(*values):
    return np.array(values, np.float32)


def one_step(name, w, g, contract=None, **attrs):
    """Return the new weight, momentum or velocity of a single weight, as hexadecimal."""
    contract = contract or Contract()
    zero = f32(0)
    if name == "sgd":
        made = ops.sgd(f32(w), f32(g), -zero, lr=0.0, momentum=1.0, contract=contract, **attrs)
    else:
        k = f32(1, 1)
        attrs = {"beta1": 0.0, "beta2": 0.5, **attrs}
        made = ops.adam(f32(w), f32(g), -zero, zero, k, lr=0.0, contract=contract, **attrs)
    return [bits.to_hex(m[0]) for m in made[:2]]


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_weight_decay_is_left_out_where_it_is_zero(name):
    """0*w + g would turn a gradient of -0.0 into +0.0, and an infinite weight into a NaN."""
    w, g = float("inf"), -0.0
    for decay in (0.0, -0.0):
        assert one_step(name, w, g, weight_decay=decay)[1] == "80000000"
    # A decimal is rounded once: 1e-60 is 0.
    assert one_step(name, w, g, weight_decay=1e-60)[1] == "80000000"


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_a_subnormal_weight_decay_is_zero_where_subnormals_are_flushed(name):
    """A comparison, here with 0, sees flushed operands."""
    flush = Contract(subnormals="flush")
    for decay in (2.0**-149, 2.0**-127):
        assert one_step(name, 1.0, -0.0, flush, weight_decay=decay)[1] == "80000000"
        assert one_step(name, 1.0, 0.0, weight_decay=decay)[1] != "00000000"


def test_momentum_that_rounds_to_zero_needs_no_velocity():
    w, velocity = ops.sgd(f32(1), f32(0.5), lr=1.0, momentum=1e-60)
    assert w.tolist() == [0.5]


def test_adam_complements_are_exact_differences_rounded_once():
    """c1 = 1 - b1 of the binary32 b1: 1 - 3f666666 = 3dccccd0, not 0.1 = 3dcccccd."""
    _, m, v = ops.adam(f32(0), f32(1), f32(0), f32(0), f32(1, 1), lr=0.0, beta1=0.9, beta2=0.999)
    assert (bits.to_hex(m[0]), bits.to_hex(v[0])) == ("3dccccd0", "3a831200")


def test_sgd_on_written_numbers():
    # g' = 0.5*2 + 1 = 2; v = 0.5*4 + 2 = 4; w = 2 - 0.25*4 = 1.
    w, v = ops.sgd(f32(2), f32(1), f32(4), lr=0.25, momentum=0.5, weight_decay=0.5)
    assert (w.tolist(), v.tolist()) == ([1.0], [4.0])
    w, _ = ops.sgd(f32(2), f32(1), lr=0.25, weight_decay=0.5)
    assert w.tolist() == [1.5]

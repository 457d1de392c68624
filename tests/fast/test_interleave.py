"""Gradients of a depthwise layer in turns: the same bits, in memory that others share."""

import numpy as np
import pytest

import tinycl
from tests.fast.test_engine import differing
from tinycl import nn
from tinycl.contract import DEFAULT
from tinycl.fast.fuse import fuse
from tinycl.fast.interleave import CACHE, find_turns
from tinycl.fast.program import Program
from tinycl.plan import Op, Tensor

SHAPE = (5, 131, 29, 31)


def backward(used=("dw", "db", "dx"), shape=SHAPE):
    """Return a plan with the gradients of a depthwise layer between operations that pass on."""
    b = nn.Builder()
    x = b.tensor("x", shape, role="input")
    dy = b.tensor("dy", shape, role="input")
    w = b.tensor("w", (shape[1], 3, 3), role="weight")
    (r,) = (b.emit("relu_forward", (x,), ("r",)),)
    (g,) = (b.emit("hard_swish_forward", (dy,), ("g",)),)
    attrs = {"stride": (1, 1), "padding": (1, 1, 1, 1)}
    b.emit("depthwise_weight_grad", (r, g), ("dw",), kernel=(3, 3), **attrs)
    b.emit("conv2d_bias_grad", (g,), ("db",))
    dx = b.emit("depthwise_input_grad", (w, g), ("dx",), size=shape[2:], **attrs)
    b.emit("relu_input_grad", (x, dx), ("passed",))
    b.emit("add", (dx, dx), ("twice",))
    b.close("go")
    names = {"dw": "dw", "db": "db", "dx": "twice"}
    plan = b.plan([("go", 2)], tuple(names[n] for n in used))
    rng = np.random.default_rng(3)
    given = [t for t in plan.tensors.values() if t.given]
    return plan, {t.name: rng.standard_normal(t.shape, np.float32) for t in given}


@pytest.mark.parametrize("used", [("dw", "db", "dx"), ("dx",), ("dw",)], ids=str)
@pytest.mark.parametrize("cores", [1, 2, 3])
def test_turns_change_no_bits(cores, used):
    plan, inputs = backward(used)
    program = Program(plan, DEFAULT, False, cores)
    assert [len(t) for t in program.fused.turns.values()] == [1]
    assert program.fused.turns["go"][0].turns % cores == 0
    wanted = tinycl.run(plan, inputs, target="numba", checked=True).tensors()
    got = tinycl.run(plan, inputs, target="numba", checked=False, cores=cores).tensors()
    assert differing({n: wanted[n] for n in got}, got) == []


def test_turns_equal_the_specification():
    plan, inputs = backward(shape=(2, 32, 37, 41))
    assert fuse(plan).turns["go"]
    wanted = tinycl.run(plan, inputs, checked=False).tensors()
    got = tinycl.run(plan, inputs, target="numba", checked=False, cores=2).tensors()
    assert differing(wanted, got) == []


def test_what_fits_the_cache_takes_no_turns():
    assert not fuse(backward(shape=(1, 64, 8, 8))[0]).turns["go"]
    assert not fuse(backward(shape=(4, 20, 64, 64))[0], cores=2).turns["go"]  # few channels


def test_operations_that_read_another_gradient_do_not_join():
    shape = (4, 64, CACHE >> 14, 16)
    tensors = {n: Tensor(n, shape) for n in ("x", "a", "b", "dx")}
    tensors |= {n: Tensor(n, (64, 3, 3)) for n in ("w", "dw")} | {"db": Tensor("db", (64,))}
    weight = Op("depthwise_weight_grad", ("x", "a"), ("dw",))
    for gradient, turns in (("a", 1), ("b", 0)):
        ops = [weight, Op("conv2d_bias_grad", (gradient,), ("db",))]
        assert len(find_turns(ops, [True, True], tensors, 1)) == turns
    assert not find_turns(
        [weight, Op("conv2d_bias_grad", ("a",), ("db",))], [True, False], tensors, 1
    )

"""Depthwise kernels of the engine: equal bits to the specification."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fast.fields import check_case, check_large, fields, same, values
from tests.ops.cases import CASES
from tinycl import ops
from tinycl.contract import DEFAULT
from tinycl.fast.program import Program
from tinycl.plan import Body, Op, Plan, Run, Tensor
from tinycl.testing.strategies import Layer

NAMES = ("depthwise_forward", "depthwise_weight_grad", "depthwise_input_grad")


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_small_hard_cases(name, data):
    check_case(name, *data.draw(CASES[name]), data)


# Channels that fill a vector or do not; rows of four, of less than a vector, of several; strips.
LARGE = (
    Layer(2, 16, 16, (8, 8), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(1, 8, 8, (8, 8), (3, 3), (2, 2), (1, 1, 1, 1)),
    Layer(3, 9, 9, (4, 4), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(2, 24, 24, (7, 4), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(2, 17, 17, (7, 7), (3, 3), (2, 2), (0, 1, 0, 1)),
    Layer(1, 8, 8, (33, 41), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(2, 11, 11, (64, 64), (3, 3), (2, 2), (1, 1, 1, 1)),
    Layer(1, 8, 8, (40, 40), (5, 5), (1, 1), (2, 2, 2, 2)),
    Layer(2, 8, 8, (13, 29), (4, 7), (3, 1), (3, 0, 5, 2)),
    Layer(1, 16, 16, (30, 12), (2, 1), (1, 3), (0, 4, 3, 0)),
    Layer(1, 8, 8, (70, 300), (3, 3), (1, 2), (1, 0, 0, 1)),
    Layer(1, 3, 3, (12, 9), (1, 1), (2, 2), (0, 0, 0, 0)),
    # Rows around the length of a vector, and images that are read where they lie.
    Layer(2, 5, 5, (16, 16), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(1, 3, 3, (5, 15), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(1, 3, 3, (6, 17), (3, 3), (2, 2), (1, 1, 1, 1)),
    Layer(1, 2, 2, (67, 64), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(1, 2, 2, (64, 71), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(1, 2, 2, (66, 80), (3, 3), (3, 1), (1, 1, 1, 1)),
    # Images one after another; strided rows of eight and sixteen, begun inside or outside.
    Layer(2, 40, 40, (4, 4), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(2, 33, 33, (8, 8), (3, 3), (2, 2), (0, 1, 0, 1)),
    Layer(1, 9, 9, (7, 16), (3, 3), (2, 2), (1, 1, 1, 1)),
    Layer(1, 3, 3, (9, 8), (3, 3), (3, 3), (1, 1, 1, 1)),
    Layer(2, 7, 7, (1, 1), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(1, 2, 2, (1, 35), (3, 3), (1, 2), (1, 1, 1, 1)),
)
# Of sixteen lanes: rows of one less and one more, more columns than a step takes, images of a few
# positions, strips that go round the kept rows, channels that leave lanes or cores without work.
WIDE = (
    Layer(2, 17, 17, (15, 15), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(1, 31, 31, (5, 17), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(2, 33, 33, (64, 64), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(3, 16, 16, (64, 17), (3, 3), (2, 2), (1, 1, 1, 1)),
    Layer(2, 2, 2, (33, 19), (3, 3), (3, 3), (1, 1, 1, 1)),
    Layer(3, 20, 20, (1, 1), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(2, 16, 16, (1, 37), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(2, 16, 16, (50, 1), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(2, 18, 18, (41, 7), (5, 4), (1, 2), (2, 2, 2, 2)),
    Layer(1, 16, 16, (120, 14), (3, 3), (1, 1), (4, 3, 2, 2)),
)


@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize("layer", LARGE, ids=str)
def test_forward(layer, special):
    x, w, bias = values(
        special, (layer.n, layer.ci, *layer.size), (layer.ci, *layer.kernel), (layer.ci,)
    )
    check_large(NAMES[0], (x, w, bias), {"stride": layer.stride, "padding": layer.padding})


@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize("layer", LARGE + WIDE, ids=str)
def test_weight_grad(layer, special):
    x, dy = values(special, (layer.n, layer.ci, *layer.size), (layer.n, layer.ci, *layer.out))
    attrs = {"kernel": layer.kernel, "stride": layer.stride, "padding": layer.padding}
    check_large(NAMES[1], (x, dy), attrs)


@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize("layer", LARGE + WIDE, ids=str)
def test_weight_grad_with_the_gradient_of_the_bias(layer, special):
    x, dy = values(special, (layer.n, layer.ci, *layer.size), (layer.n, layer.ci, *layer.out))
    attrs = {"kernel": layer.kernel, "stride": layer.stride, "padding": layer.padding}
    plan = beside(x.shape, dy.shape, attrs)
    for contract in fields(NAMES[1]):
        dw = ops.depthwise_weight_grad(x, dy, **attrs, contract=contract)
        db = ops.conv2d_bias_grad(dy, contract=contract)
        for cores in (1, 2, 3):
            program = Program(plan, contract, False, cores)
            assert "conv2d_bias_grad" not in program.kernels
            program.load({"x": x, "dy": dy})
            program.run_body("go", 1)
            told = (contract.text, cores)
            same(program.memory["dw"], dw, told)
            same(program.memory["db"], db, told)


def beside(x, dy, attrs, first=False, dy_of_bias="dy"):
    """Return a plan: the gradients of depthwise weights and of biases, beside each other."""
    tensors = {n: Tensor(n, s, role="input") for n, s in (("x", x), ("dy", dy), ("e", dy))}
    tensors |= {"dw": Tensor("dw", (x[1], *attrs["kernel"])), "db": Tensor("db", x[1:2])}
    weight = Op("depthwise_weight_grad", ("x", "dy"), ("dw",), attrs)
    bias = Op("conv2d_bias_grad", (dy_of_bias,), ("db",))
    pair = (bias, weight) if first else (weight, bias)
    return Plan(tensors, {"go": Body("go", pair)}, (Run("go", 1),), ("dw", "db"))


def test_which_bias_gradients_are_computed_beside():
    attrs = {"kernel": (3, 3), "stride": (1, 1), "padding": (1, 1, 1, 1)}
    image = (2, 5, 7, 7)

    def kernels(contract=DEFAULT, **how):
        return Program(beside(image, image, attrs, **how), contract, False, 1).kernels

    for first in (False, True):
        assert "conv2d_bias_grad" not in kernels(first=first)
    assert "conv2d_bias_grad" in kernels(dy_of_bias="e")
    assert "conv2d_bias_grad" in kernels(dy_of_bias="x")
    assert "plain_conv2d_bias_grad" in kernels(DEFAULT.but(batch="per_sample"))


@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize("layer", LARGE, ids=str)
def test_input_grad(layer, special):
    w, dy = values(special, (layer.ci, *layer.kernel), (layer.n, layer.ci, *layer.out))
    attrs = {"size": layer.size, "stride": layer.stride, "padding": layer.padding}
    check_large(NAMES[2], (w, dy), attrs)

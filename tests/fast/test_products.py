"""Pointwise, conv2d and linear kernels of the engine: equal bits to the specification."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fast.fields import check_case, check_large, values
from tests.ops.cases import CASES
from tinycl.testing.strategies import Layer

NAMES = [
    f"{layer}_{direction}"
    for layer in ("pointwise", "conv2d", "linear")
    for direction in ("forward", "weight_grad", "input_grad")
]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_small_hard_cases(name, data):
    check_case(name, *data.draw(CASES[name]), data)


# n, ci, co, h, w: tiles full and cut, whole and short; panels within and across samples; several
# blocks of terms, of panels and of tiles.
POINTWISE = (
    (1, 32, 64, 8, 8),
    (2, 7, 13, 5, 5),
    (3, 20, 49, 4, 4),
    (8, 33, 16, 4, 4),
    (2, 300, 10, 3, 7),
    (1, 17, 2, 31, 40),
    (1, 5, 260, 1, 3),
    (2, 40, 67, 20, 16),
    # Panels in place and copied, by rows and their distance; weights that are packed, or are not.
    (1, 5, 70, 33, 35),
    (1, 70, 5, 33, 35),
    (3, 130, 67, 5, 11),
    (2, 130, 67, 5, 11),
    (4, 130, 67, 2, 2),
)
LINEAR = ((1, 10, 7), (3, 300, 45), (17, 33, 64), (40, 64, 10), (300, 5, 6), (2, 250, 301))
CONV2D = (
    Layer(1, 3, 32, (32, 32), (3, 3), (2, 2), (1, 1, 1, 1)),
    Layer(2, 16, 10, (16, 16), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(3, 5, 7, (9, 8), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(2, 30, 17, (7, 7), (3, 3), (2, 2), (0, 1, 0, 1)),
    Layer(1, 2, 9, (20, 41), (5, 4), (1, 2), (2, 2, 3, 0)),
    Layer(2, 3, 4, (13, 29), (2, 7), (3, 3), (3, 0, 5, 2)),
    Layer(5, 4, 12, (4, 4), (3, 3), (1, 1), (1, 1, 1, 1)),
    Layer(1, 50, 6, (1, 33), (1, 3), (1, 1), (0, 0, 1, 1)),
    Layer(2, 5, 6, (11, 13), (3, 5), (2, 2), (1, 1, 2, 2)),
    Layer(1, 1, 3, (7, 4), (3, 3), (1, 2), (2, 2, 2, 2)),
    Layer(1, 7, 2, (19, 70), (4, 9), (1, 1), (0, 3, 4, 0)),
)


def check_three(special, family, x, w, y, forward, weight, backward):
    """Check all directions of a layer; x, w, y are the shapes, the rest attributes."""
    tensors = values(special, x, w, w[:1], y)
    check_large(f"{family}_forward", tensors[:3], forward)
    check_large(f"{family}_weight_grad", (tensors[0], tensors[3]), weight)
    check_large(f"{family}_input_grad", (tensors[1], tensors[3]), backward)


@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize("shape", POINTWISE, ids=str)
def test_pointwise(shape, special):
    n, ci, co, *size = shape
    check_three(special, "pointwise", (n, ci, *size), (co, ci), (n, co, *size), {}, {}, {})


@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize("shape", LINEAR, ids=str)
def test_linear(shape, special):
    n, fi, fo = shape
    check_three(special, "linear", (n, fi), (fo, fi), (n, fo), {}, {}, {})


@pytest.mark.parametrize("special", [False, True])
@pytest.mark.parametrize("layer", CONV2D, ids=str)
def test_conv2d(layer, special):
    attrs = {"stride": layer.stride, "padding": layer.padding}
    check_three(
        special,
        "conv2d",
        (layer.n, layer.ci, *layer.size),
        (layer.co, layer.ci, *layer.kernel),
        (layer.n, layer.co, *layer.out),
        attrs,
        {"kernel": layer.kernel, **attrs},
        {"size": layer.size, **attrs},
    )

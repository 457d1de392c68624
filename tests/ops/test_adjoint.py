"""The adjoint identity <Jx, y> = <x, J'y>, exactly, under every contract.

Tensors hold small whole numbers, so that nothing is ever rounded: all contracts must then give the
same numbers, and both sides must be equal as integers.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinycl import ops
from tinycl.testing.strategies import contracts, conv2d_layers, depthwise_layers, pool_layers

# Products are at most 25 and sums have fewer than 2^12 terms: far below 2^24.
WHOLE = st.integers(-5, 5)


def whole(draw, *shape, unit=1):
    """Draw a float32 tensor of multiples of `unit`."""
    size = int(np.prod(shape))
    values = draw(st.lists(WHOLE, min_size=size, max_size=size))
    return (np.array(values, np.float32) * np.float32(unit)).reshape(shape)


def inner(a, b):
    """Return <a, b> as a Python integer; both hold whole numbers."""
    assert a.shape == b.shape
    pairs = zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)
    return sum(int(x) * int(y) for x, y in pairs if whole_number(x) and whole_number(y))


def whole_number(x):
    assert x == int(x)
    return True


def assert_adjoint(y, dy, x, dx, w, dw):
    """Check <y, dy> = <x, dx> = <w, dw> for a y that is linear in x and in w."""
    assert inner(y, dy) == inner(x, dx) == inner(w, dw)


@pytest.mark.parametrize("family", ["conv2d", "depthwise"])
@given(st.data())
def test_convolutions(family, data):
    draw = data.draw
    s = draw(conv2d_layers(2, 2, 4) if family == "conv2d" else depthwise_layers(2, 2, 4))
    contract = draw(contracts())
    x, dy = whole(draw, s.n, s.ci, *s.size), whole(draw, s.n, s.co, *s.out)
    w = whole(draw, *((s.co, s.ci) if family == "conv2d" else (s.ci,)), *s.kernel)
    common = {"stride": s.stride, "padding": s.padding, "contract": contract}
    forward, input_grad, weight_grad = (
        getattr(ops, f"{family}_{d}") for d in ("forward", "input_grad", "weight_grad")
    )
    dx = input_grad(w, dy, size=s.size, **common)
    dw = weight_grad(x, dy, kernel=s.kernel, **common)
    assert_adjoint(forward(x, w, **common), dy, x, dx, w, dw)
    bias, db = whole(draw, s.co), ops.conv2d_bias_grad(dy, contract=contract)
    alone = forward(np.zeros_like(x), w, bias, **common)
    assert inner(alone, dy) == inner(bias, db)


@pytest.mark.parametrize("family", ["pointwise", "linear"])
@given(st.data())
def test_dense(family, data):
    draw = data.draw
    contract = draw(contracts())
    n, fi, fo = (draw(st.integers(1, 4)) for _ in range(3))
    image = (2, 3) if family == "pointwise" else ()
    x, w, dy = whole(draw, n, fi, *image), whole(draw, fo, fi), whole(draw, n, fo, *image)
    forward, input_grad, weight_grad = (
        getattr(ops, f"{family}_{d}") for d in ("forward", "input_grad", "weight_grad")
    )
    dx, dw = input_grad(w, dy, contract=contract), weight_grad(x, dy, contract=contract)
    assert_adjoint(forward(x, w, contract=contract), dy, x, dx, w, dw)
    bias_grad = ops.linear_bias_grad if family == "linear" else ops.conv2d_bias_grad
    bias, db = whole(draw, fo), bias_grad(dy, contract=contract)
    assert inner(forward(np.zeros_like(x), w, bias, contract=contract), dy) == inner(bias, db)


@given(pool_layers(), st.data(), contracts())
def test_pools(s, data, contract):
    # Windows count 1, 2, 3, 4, 6 or 9 positions: multiples of 36 are divided exactly.
    x = whole(data.draw, s.n, s.ci, *s.size, unit=36)
    dy = whole(data.draw, s.n, s.ci, *s.out, unit=36)
    attrs = {"kernel": s.kernel, "stride": s.stride, "padding": s.padding, "contract": contract}
    y, index = ops.max_pool_forward(x, **attrs)
    assert inner(y, dy) == inner(x, ops.max_pool_input_grad(dy, index, size=s.size, **attrs))
    y = ops.avg_pool_forward(x, **attrs)
    assert inner(y, dy) == inner(x, ops.avg_pool_input_grad(dy, size=s.size, **attrs))


@pytest.mark.parametrize("error", ["flipped taps", "wrong channel", "other side of the padding"])
def test_identity_fails_on_planted_errors(error):
    x = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)
    w = np.arange(12, dtype=np.float32).reshape(1, 2, 2, 3) - 4
    dy = np.array([[[[3, -1, 2], [0, 5, -2]]]], np.float32)
    geometry, size = {"stride": (2, 2), "padding": (1, 0, 2, 1)}, {"size": (3, 4)}
    y = ops.conv2d_forward(x, w, **geometry)
    dx = ops.conv2d_input_grad(w, dy, **geometry, **size)
    assert inner(y, dy) == inner(x, dx)
    if error == "flipped taps":
        dx = ops.conv2d_input_grad(w[:, :, ::-1, ::-1], dy, **geometry, **size)
    elif error == "wrong channel":
        dx = dx[:, ::-1]
    else:
        dx = ops.conv2d_input_grad(w, dy, stride=(2, 2), padding=(0, 1, 1, 2), **size)
    assert inner(y, dy) != inner(x, dx)

"""Gradients are gradients: central differences in binary64, and the checker itself is checked."""

import numpy as np
import pytest

from tests.ops import float64
from tests.ops.float64 import numerical_gradient
from tinycl import ops

# Central differences err by about STEP^2 (the third derivative) and 2^-52/STEP: some 1e-10.
STEP = 1e-5
# A value in binary32 here is below 16 and sums up to 18 terms, each rounded to 2^-24 of it.
FORWARD = {"rtol": 0.0, "atol": 16 * 18 * 2.0**-24}
# A gradient in binary32 sums up to 60 terms, each rounded to 2^-24 of the largest one.
TOLERANCE = 60 * 2.0**-24
# A maximum, or a bend of an activation, must not lie within a step of a value.
AWAY_FROM_BENDS = 1e-3

GEOMETRIES = [
    {"stride": (1, 1), "padding": (0, 0, 0, 0)},
    {"stride": (2, 1), "padding": (1, 0, 2, 1)},
    {"stride": (3, 2), "padding": (0, 3, 1, 4)},  # wider than the kernel on two sides
]
POOLS = [
    {"kernel": (2, 3), "stride": (1, 2), "padding": (0, 1, 2, 0)},
    {"kernel": (3, 2), "stride": (2, 3), "padding": (2, 0, 1, 1)},
]


@pytest.fixture
def draw():
    """Draw a float32 tensor of normal values; the same ones in every run."""
    source = np.random.Generator(np.random.PCG64(7))
    return lambda *shape: source.standard_normal(shape).astype(np.float32)


def disagreement(function, x, claimed):
    """Return how far a gradient is from the central differences, relative to its largest value."""
    expected = numerical_gradient(function, x.astype(np.float64), STEP)
    assert claimed.shape == expected.shape
    return np.abs(claimed - expected).max() / np.abs(expected).max()


def assert_gradient(function, x, claimed):
    """Check a gradient; written so that a NaN fails."""
    assert disagreement(function, x, claimed) < TOLERANCE


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("family", ["conv2d", "depthwise"])
def test_convolutions(family, geometry, draw):
    x, bias = draw(2, 3, 5, 4), draw(4 if family == "conv2d" else 3)
    w = draw(4, 3, 2, 3) if family == "conv2d" else draw(3, 2, 3)
    forward = getattr(float64, family)
    y = forward(x, w, bias, **geometry)
    assert np.allclose(getattr(ops, f"{family}_forward")(x, w, bias, **geometry), y, **FORWARD)
    dy = draw(*y.shape)

    def loss(x=x, w=w, bias=bias):
        return np.sum(forward(x, w, bias, **geometry) * dy)

    weight_grad, input_grad = (getattr(ops, f"{family}_{d}_grad") for d in ("weight", "input"))
    assert_gradient(lambda x: loss(x=x), x, input_grad(w, dy, size=(5, 4), **geometry))
    assert_gradient(lambda w: loss(w=w), w, weight_grad(x, dy, kernel=(2, 3), **geometry))
    assert_gradient(lambda b: loss(bias=b), bias, ops.conv2d_bias_grad(dy))


@pytest.mark.parametrize("family", ["pointwise", "linear"])
def test_dense(family, draw):
    image = (3, 2) if family == "pointwise" else ()
    x, w, bias, dy = draw(2, 5, *image), draw(4, 5), draw(4), draw(2, 4, *image)
    forward = getattr(float64, family)
    got = getattr(ops, f"{family}_forward")(x, w, bias)
    assert np.allclose(got, forward(x, w, bias), **FORWARD)

    def loss(x=x, w=w, bias=bias):
        return np.sum(forward(x, w, bias) * dy)

    weight_grad, input_grad = (getattr(ops, f"{family}_{d}_grad") for d in ("weight", "input"))
    bias_grad = ops.conv2d_bias_grad if family == "pointwise" else ops.linear_bias_grad
    assert_gradient(lambda x: loss(x=x), x, input_grad(w, dy))
    assert_gradient(lambda w: loss(w=w), w, weight_grad(x, dy))
    assert_gradient(lambda b: loss(bias=b), bias, bias_grad(dy))


@pytest.mark.parametrize("family", ["relu", "relu6", "hard_swish", "sigmoid"])
def test_activations(family, draw):
    x, dy = 4 * draw(60), draw(60)
    for bend in (-3, 0, 3, 6):
        assert np.abs(x - bend).min() > AWAY_FROM_BENDS
    forward = getattr(float64, family)
    y = getattr(ops, f"{family}_forward")(x)
    assert np.allclose(y, forward(x.astype(np.float64)), **FORWARD)
    claimed = getattr(ops, f"{family}_input_grad")(y if family == "sigmoid" else x, dy)
    assert_gradient(lambda x: np.sum(forward(x) * dy), x, claimed)


@pytest.mark.parametrize("geometry", POOLS)
@pytest.mark.parametrize("family", ["max_pool", "avg_pool"])
def test_pools(family, geometry, draw):
    x = draw(2, 3, 4, 6)
    assert np.diff(np.sort(x.ravel())).min() > 2 * STEP  # no two values change places
    forward = getattr(float64, family)
    y = forward(x.astype(np.float64), **geometry)
    made = getattr(ops, f"{family}_forward")(x, **geometry)
    index = (made[1],) if family == "max_pool" else ()
    assert np.allclose(made[0] if index else made, y, **FORWARD)
    dy = draw(*y.shape)
    claimed = getattr(ops, f"{family}_input_grad")(dy, *index, size=(4, 6), **geometry)
    assert_gradient(lambda x: np.sum(forward(x, **geometry) * dy), x, claimed)


def test_softmax_cross_entropy(draw):
    z, target = draw(3, 5), np.array([4, 0, 2], np.int32)
    p, loss = ops.softmax_cross_entropy_forward(z, target)
    assert np.allclose(p.sum(axis=1), 1, **FORWARD)
    assert np.allclose(loss, float64.softmax_cross_entropy(z, target), **FORWARD)
    # Two microbatches of three: the gradient of the mean over six.
    claimed = ops.softmax_cross_entropy_input_grad(p, target, batch=6)
    assert_gradient(lambda z: np.sum(float64.softmax_cross_entropy(z, target)) / 6, z, claimed)


@pytest.mark.parametrize("shape", [(3,), (3, 5), (3, 2, 4)])
def test_mean_squared_error(shape, draw):
    y, t = draw(*shape), draw(*shape)
    loss = ops.mean_squared_error_forward(y, t)
    assert np.allclose(loss, float64.mean_squared_error(y, t), **FORWARD)
    claimed = ops.mean_squared_error_input_grad(y, t, batch=6)
    assert_gradient(lambda y: np.sum(float64.mean_squared_error(y, t)) / 6, y, claimed)


PLANTED = {
    "negated": lambda g: -g,
    "flipped": lambda g: g[:, :, ::-1, ::-1],
    "shifted": lambda g: np.roll(g, 1, axis=3),
    "scaled by 1.0001": lambda g: g * np.float32(1.0001),
    "one element lost": lambda g: np.where(np.arange(g.size).reshape(g.shape) == 17, 0, g),
    "all zero": np.zeros_like,
    "not a number": lambda g: np.where(np.arange(g.size).reshape(g.shape) == 3, np.nan, g),
}


@pytest.mark.parametrize("error", PLANTED)
def test_checker_finds_planted_errors(error, draw):
    geometry = GEOMETRIES[1]
    x, w, bias = draw(2, 3, 5, 4), draw(4, 3, 2, 3), draw(4)
    dy = draw(*float64.conv2d(x, w, bias, **geometry).shape)

    def loss(x):
        return np.sum(float64.conv2d(x, w, bias, **geometry) * dy)

    right = ops.conv2d_input_grad(w, dy, size=(5, 4), **geometry)
    assert_gradient(loss, x, right)
    with pytest.raises(AssertionError):
        assert_gradient(loss, x, PLANTED[error](right))

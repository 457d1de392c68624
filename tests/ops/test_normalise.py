"""Normalisation: gradients by differences, PyTorch's numbers, what folding keeps."""

import numpy as np
import pytest

from tests.ops import float64
from tests.ops.test_gradients import TOLERANCE, assert_gradient, disagreement
from tinycl import bits, ops

EPS = 1e-5
SHAPES = [(4, 3, 3, 2), (7, 5)]
# Sums of 24 terms, differences of numbers below 4, a division by a deviation of about 1.
CLOSE = {"rtol": 0.0, "atol": 64 * 2.0**-24}


@pytest.fixture
def draw():
    """Draw a float32 tensor of normal values; the same ones in every run."""
    source = np.random.Generator(np.random.PCG64(17))
    return lambda *shape: source.standard_normal(shape).astype(np.float32)


def layer(draw, shape):
    """Return x, dy, mean, std, gamma, beta, r, d; r is near 1."""
    c = shape[1]
    x, dy = draw(*shape), draw(*shape)
    mean, var = ops.channel_moments(x)
    r = 1 + np.float32(0.1) * draw(c)
    return x, dy, mean, ops.deviation(var, eps=EPS), draw(c), draw(c), r, draw(c)


@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_statistics_of_the_batch_have_a_gradient(shape, corrected, draw):
    x, dy, mean, std, gamma, beta, *rd = layer(draw, shape)
    rd = rd if corrected else []
    y = ops.normalise_forward(x, mean, std, gamma, beta, *rd)

    x64 = x.astype(np.float64)

    def forward(x=x64, gamma=gamma, beta=beta):
        return float64.batch_norm(x, gamma, beta, EPS, *rd)

    def loss(**changed):
        return np.sum(forward(**changed) * dy)

    assert np.allclose(y, forward(), **CLOSE)
    dgamma, dbeta = ops.normalise_weight_grad(x, mean, std, dy, *rd)
    assert_gradient(lambda t: loss(gamma=t), gamma, dgamma)
    assert_gradient(lambda t: loss(beta=t), beta, dbeta)
    dx = ops.batch_norm_input_grad(x, mean, std, gamma, dy, *rd[:1])
    assert_gradient(lambda t: loss(x=t), x, dx)


@pytest.mark.parametrize("shape", SHAPES)
def test_statistics_that_are_constants(shape, draw):
    x, dy, mean, std, gamma, beta, r, d = layer(draw, shape)
    for corrections in ((), (r, d)):

        def loss(x, corrections=corrections):
            return np.sum(float64.normalise(x, mean, std, gamma, beta, *corrections) * dy)

        dx = ops.normalise_input_grad(std, gamma, dy, *corrections[:1])
        assert_gradient(loss, x, dx)


def test_the_two_gradients_are_not_one(draw):
    """The gradient of constant statistics is not that of the batch's."""
    x, dy, mean, std, gamma, beta, *_ = layer(draw, SHAPES[0])

    def loss(x):
        return np.sum(float64.batch_norm(x, gamma, beta, EPS) * dy)

    assert disagreement(loss, x, ops.normalise_input_grad(std, gamma, dy)) > 100 * TOLERANCE


def test_channel_scale(draw):
    x, s, dy = draw(2, 3, 4, 2), draw(2, 3, 1, 1), draw(2, 3, 4, 2)
    assert bits.equal(ops.channel_scale_forward(x, s), x * s)
    gradient = ops.channel_scale_gate_grad(x, dy)
    assert_gradient(lambda t: np.sum(x.astype(np.float64) * t * dy), s, gradient)
    gradient = ops.channel_scale_input_grad(s, dy)
    assert_gradient(lambda t: np.sum(t * s * dy), x, gradient)


def test_moments_of_values_far_from_zero(draw):
    """Two passes: a variance of 1 beside a mean of 4096 keeps its digits."""
    x = draw(16, 3, 4, 4) + np.float32(4096)
    mean, var = ops.channel_moments(x)
    right = float64.moments(x.astype(np.float64))
    assert np.abs(mean - right[0]).max() < 0.1
    assert np.abs(var / right[1] - 1).max() < 1e-2


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", ["conv2d", "depthwise", "pointwise", "linear"])
def test_folded_layers_do_the_same(kind, bias, draw):
    """Within rounding what the layer and its normalisation do; what it is made of, bit for bit."""
    c = 4
    shape = {"conv2d": (c, 3, 2, 3), "depthwise": (c, 2, 3)}.get(kind, (c, 5))
    attrs = {"stride": (1, 2), "padding": (1, 0, 0, 1)} if len(shape) > 2 else {}
    image = {"conv2d": (3, 5, 4), "depthwise": (c, 5, 4), "pointwise": (5, 3, 2), "linear": (5,)}
    x, w, b = draw(2, *image[kind]), draw(*shape), draw(c) if bias else None
    gamma, beta, mean, std = draw(c), draw(c), draw(c), np.abs(draw(c)) + 1
    forward = getattr(ops, f"{kind}_forward")
    whole = ops.normalise_forward(forward(x, w, b, **attrs), mean, std, gamma, beta)
    folded, shift = ops.fold_norm(w, b, gamma, beta, mean, std)
    assert np.allclose(forward(x, folded, shift, **attrs), whole, rtol=0, atol=64 * 2.0**-22)
    factor = gamma / std
    assert bits.equal(folded, w * factor.reshape(-1, *[1] * (w.ndim - 1)))
    start = np.zeros(c, np.float32) if b is None else b
    assert bits.equal(shift, ops.mac(start - mean, factor, beta))


def test_an_absent_bias_is_a_positive_zero():
    one, nothing = np.ones(1, np.float32), np.zeros(1, np.float32)
    shift = ops.fold_norm(one, None, one, -nothing, nothing, one)[1]
    assert bits.equal(shift, nothing)
    assert bits.equal(shift, ops.fold_norm(one, nothing, one, -nothing, nothing, one)[1])


def test_corrections_by_hand():
    rows = [np.array(v, np.float32) for v in ([1, 9, 0, np.nan], [2, 1, 8, 1], [0, 1, 2, 0])]
    mean, std, moving_mean = rows
    moving_std = np.array([2, 4, 1, 1], np.float32)
    r, d = ops.renorm_corrections(mean, std, moving_mean, moving_std, rmax=3.0, dmax=1.5)
    assert bits.equal(r, np.array([1, np.float32(1) / np.float32(3), 3, 1], np.float32))
    assert bits.equal(d, np.array([0.5, 1.5, -1.5, np.nan], np.float32))


@pytest.mark.parametrize("shape", SHAPES)
def test_pytorch_agrees(shape, draw):
    torch = pytest.importorskip("torch")
    x, dy, mean, std, gamma, beta, *_ = layer(draw, shape)
    norm = (torch.nn.BatchNorm2d if len(shape) == 4 else torch.nn.BatchNorm1d)(shape[1], EPS)
    with torch.no_grad():
        norm.weight.copy_(torch.from_numpy(gamma))
        norm.bias.copy_(torch.from_numpy(beta))
    image = torch.from_numpy(x.copy()).requires_grad_()
    out = norm(image)
    out.backward(torch.from_numpy(dy))
    count = x.size // shape[1]
    zero, one = np.zeros(shape[1], np.float32), np.ones(shape[1], np.float32)
    var = ops.channel_moments(x)[1]
    ours = {
        "y": (ops.normalise_forward(x, mean, std, gamma, beta), out),
        "dx": (ops.batch_norm_input_grad(x, mean, std, gamma, dy), image.grad),
        "dgamma": (ops.normalise_weight_grad(x, mean, std, dy)[0], norm.weight.grad),
        "dbeta": (ops.normalise_weight_grad(x, mean, std, dy)[1], norm.bias.grad),
        "mean": (ops.moving_average(zero, mean, rate=0.1, scale=1.0), norm.running_mean),
        "var": (
            ops.moving_average(one, var, rate=0.1, scale=count / (count - 1)),
            norm.running_var,
        ),
    }
    for name, (got, wanted) in ours.items():
        assert np.allclose(got, wanted.detach().numpy(), rtol=1e-5, atol=1e-5), name


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_renormalisation_agrees_with_automatic_differentiation(shape, draw):
    torch = pytest.importorskip("torch")
    x, dy, mean, std, gamma, beta, *_ = layer(draw, shape)
    steps = np.linspace(-1, 1, shape[1], dtype=np.float32)
    moving_mean, moving_std = mean + steps, std * (1 + steps / 2)
    bounds = {"rmax": 1.25, "dmax": 0.5}
    r, d = ops.renorm_corrections(mean, std, moving_mean, moving_std, **bounds)
    assert len(np.unique(r)) > 2
    assert len(np.unique(d)) > 2
    image, g, b = (torch.from_numpy(t.copy()).requires_grad_() for t in (x, gamma, beta))
    axes, wide = (0, *range(2, x.ndim)), (-1, *[1] * (x.ndim - 2))
    m = image.mean(axes)
    s = ((image - m.reshape(wide)) ** 2).mean(axes).add(EPS).sqrt()
    mm, ms = torch.from_numpy(moving_mean), torch.from_numpy(moving_std)
    ratio = (s / ms).clamp(1 / bounds["rmax"], bounds["rmax"]).detach()
    shift = ((m - mm) / ms).clamp(-bounds["dmax"], bounds["dmax"]).detach()
    m, s, ratio, shift = (t.reshape(wide) for t in (m, s, ratio, shift))
    out = g.reshape(wide) * ((image - m) * ratio / s + shift) + b.reshape(wide)
    out.backward(torch.from_numpy(dy))
    dgamma, dbeta = ops.normalise_weight_grad(x, mean, std, dy, r, d)
    for got, wanted in (
        (ops.normalise_forward(x, mean, std, gamma, beta, r, d), out.detach()),
        (ops.batch_norm_input_grad(x, mean, std, gamma, dy, r), image.grad),
        (dgamma, g.grad),
        (dbeta, b.grad),
    ):
        assert np.allclose(got, wanted.numpy(), rtol=1e-5, atol=1e-5)

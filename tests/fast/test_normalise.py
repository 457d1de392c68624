"""Normalisation of many channels: whole groups, rests of channels and positions, each contract."""

import numpy as np
import pytest

from tests.fast.test_kernels import SINGLE, assert_agrees
from tinycl.contract import DEFAULT
from tinycl.testing.strategies import HARD

SHAPES = [(2, 37, 3, 7), (1, 8, 4, 4), (3, 24, 1, 3), (2, 19, 1, 1), (5, 3, 2, 9), (4, 41)]
HARD_PATTERNS = np.array([p for kind in HARD.values() for p in kind], np.uint32).view(np.float32)


def ordinary(random, shape):
    return random.standard_normal(shape).astype(np.float32)


def hard(random, shape):
    """Every third value is hard: a zero, a subnormal, an infinity, a NaN."""
    values = ordinary(random, shape)
    chosen = random.choice(HARD_PATTERNS, shape)
    return np.where(random.random(shape) < 0.3, chosen, values).astype(np.float32)


def cases(random, shape, draw):
    """Yield each operation with tensors of a shape, with and without its corrections."""
    x, dy = draw(random, shape), draw(random, shape)
    mean, std, gamma, beta, r, d = (draw(random, shape[1:2]) for _ in range(6))
    yield "channel_moments", (x,)
    for rd in ((), (r, d), (None, d), (r, None)):
        yield "normalise_forward", (x, mean, std, gamma, beta, *rd)
        yield "normalise_weight_grad", (x, mean, std, dy, *rd)
        yield "normalise_input_grad", (std, gamma, dy, *rd[:1])
        yield "batch_norm_input_grad", (x, mean, std, gamma, dy, *rd[:1])
    if len(shape) == 4:
        s = draw(random, (*shape[:2], 1, 1))
        yield "channel_scale_forward", (x, s)
        yield "channel_scale_input_grad", (s, dy)
        yield "channel_scale_gate_grad", (x, dy)
    yield "fold_norm", (np.moveaxis(x, 1, 0).copy(), r, gamma, beta, mean, std)
    yield "fold_norm", (np.moveaxis(x, 1, 0).copy(), None, gamma, beta, mean, std)


@pytest.mark.parametrize("cores", [1, 2, 3])
@pytest.mark.parametrize("mac", ["fma", "mul_add", "fma_via_double"])
@pytest.mark.parametrize("draw", [ordinary, hard])
@pytest.mark.parametrize("shape", SHAPES)
def test_many_channels(shape, draw, mac, cores):
    random = np.random.default_rng(len(shape) + sum(shape))
    for subnormals in ("keep", "flush"):
        contract = DEFAULT.but(mac=mac, subnormals=subnormals)
        for name, tensors in cases(random, shape, draw):
            assert_agrees(SINGLE[name], name, name, (tensors, {}), contract, cores)

"""Norms in a PyTorch state_dict and in files: weights and moving statistics."""

import numpy as np
import pytest

from tinycl import nn
from tinycl.bits import equal
from tinycl.errors import ShapeError
from tinycl.models import from_state_dict, read_weights, to_state_dict, write_weights
from tinycl.models.weights import SUFFIXES

SAMPLE = (3, 12, 12)


def normed(norm):
    return nn.Sequential(
        nn.Frozen(nn.Conv2d(3, 4, 3, bias=False), norm(4, eps=1e-3), nn.ReLU()),
        nn.Residual(nn.Pointwise(4, 4, bias=False), norm(4), nn.SqueezeExcite(4, 2, bias=False)),
        nn.GlobalAvgPool2d(),
        nn.Flatten(),
        nn.Linear(4, 5),
    )


def trained(**changes):
    """A state_dict with two norms as torch would list it."""
    shapes = {"conv": (4, 3, 3, 3), "bn0": 4, "expand": (4, 4, 1, 1), "bn1": 4}
    shapes |= {"down": (2, 4, 1, 1), "up": (4, 2, 1, 1), "fc": (5, 4)}
    rng, made = np.random.default_rng(5), {}
    for name, shape in shapes.items():
        parts = ("weight", "bias", "running_mean", "running_var") if shape == 4 else ("weight",)
        made |= {f"{name}.{part}": rng.uniform(0, 2, shape).astype(np.float32) for part in parts}
        if shape == 4:
            made[f"{name}.num_batches_tracked"] = np.array(7)
    return made | {"fc.bias": np.ones(5, np.float32)} | changes


def test_norms_and_their_moving_statistics():
    state = trained()
    weights = from_state_dict(normed(nn.BatchNorm), SAMPLE, state)
    assert list(weights)[:5] == [
        "frozen0.conv2d0.weight",
        "frozen0.batch_norm1.gamma",
        "frozen0.batch_norm1.beta",
        "frozen0.batch_norm1.moving_mean",
        "frozen0.batch_norm1.moving_var",
    ]
    assert equal(weights["residual1.batch_norm1.moving_var"], state["bn1.running_var"])
    counted = [key for key in state if not key.endswith("tracked")]
    back = to_state_dict(normed(nn.BatchNorm), SAMPLE, weights, list(state))
    assert list(back) == counted
    assert all(equal(back[key], state[key]) for key in counted)


def test_renormalisation_keeps_deviations():
    """sqrt(variance + the layer's own eps), and back; deviations are taken as they are."""
    layer = normed(nn.BatchRenorm)
    variances = np.array([0, 1e-3, 1.0, 3.0e38], np.float32)
    state = trained(**{"bn0.running_var": variances, "bn1.running_var": variances})
    weights = from_state_dict(layer, SAMPLE, state)
    for name, eps in (("frozen0.batch_renorm1", 1e-3), ("residual1.batch_renorm1", 1e-5)):
        wanted = np.sqrt(variances.astype(np.float64) + eps).astype(np.float32)
        assert equal(weights[f"{name}.moving_std"], wanted)
    back = to_state_dict(layer, SAMPLE, weights, list(state))
    np.testing.assert_allclose(back["bn0.running_var"], variances, rtol=1e-6, atol=1e-9)
    assert (back["bn0.running_var"] >= 0).all()
    own = to_state_dict(layer, SAMPLE, weights)
    again = from_state_dict(layer, SAMPLE, own)
    assert all(equal(again[name], value) for name, value in weights.items())
    deviations = [key.replace("running_var", "running_std") for key in state]
    stored = to_state_dict(layer, SAMPLE, weights, deviations)
    assert equal(stored["bn0.running_std"], weights["frozen0.batch_renorm1.moving_std"])
    again = from_state_dict(layer, SAMPLE, stored)
    assert all(equal(again[name], value) for name, value in weights.items())


def test_norms_that_do_not_fit():
    negative = trained(**{"bn0.running_var": np.array([1, -1, 1, 1], np.float32)})
    with pytest.raises(ShapeError, match=r"'bn0.running_var' are variances, .* below 0"):
        from_state_dict(normed(nn.BatchRenorm), SAMPLE, negative)
    short = {k: v for k, v in trained().items() if not k.startswith("bn1.running")}
    with pytest.raises(ShapeError, match=r"parameter 8, residual1.batch_norm1.moving_mean"):
        from_state_dict(normed(nn.BatchNorm), SAMPLE, short)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_moving_statistics_are_in_files(tmp_path, suffix):
    layer = normed(nn.BatchNorm)
    weights = from_state_dict(layer, SAMPLE, trained())
    write_weights(tmp_path / f"a{suffix}", weights)
    found = read_weights(tmp_path / f"a{suffix}")
    assert list(found) == list(weights)
    assert all(equal(found[name], value) for name, value in weights.items())

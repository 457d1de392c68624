"""Nets become plans: gradients in the right order, runs that resume, constants rounded once."""

import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinycl
from tinycl import bits, nn
from tinycl.errors import PlanError, ShapeError
from tinycl.num.exact import one_minus_powers, round_to_f32

RNG = np.random.default_rng(11)
IMAGES = RNG.standard_normal((64, 2, 6, 5), np.float32)
LABELS = RNG.integers(0, 3, 64, np.int32)


def small_net():
    return nn.Sequential(
        nn.Conv2d(2, 3, (3, 2), stride=(1, 2), padding=(1, 0, 1, 0)),
        nn.HardSwish(),
        nn.Residual(nn.Depthwise(3, 3, padding=1), nn.ReLU6(), nn.Pointwise(3, 3)),
        nn.AvgPool2d(2, stride=1),
        nn.ReLU(),
        nn.MaxPool2d((2, 1), padding=(1, 0, 0, 0)),
        nn.Flatten(),
        nn.Linear(12, 3),
    )


def run(training, steps, data, first=0, values=None):
    values = training.values(7) if values is None else values
    streams = training.stream(IMAGES, LABELS, steps, first)
    return tinycl.run(training.plan(steps), values | streams, checked=False)


@pytest.mark.parametrize("microbatches", [1, 2])
@pytest.mark.parametrize("optimiser", [nn.SGD(0.1, 0.9, 1e-3), nn.SGD(0.1), nn.Adam(0.01)])
def test_resuming_changes_nothing(optimiser, microbatches):
    training = nn.Training(
        small_net(), nn.SoftmaxCrossEntropy(), optimiser, (3, 2, 6, 5), microbatches
    )
    whole = run(training, 6, None)
    half = run(training, 3, None)
    rest = run(training, 3, None, first=3, values=dict(half.outputs))
    assert whole.outputs.keys() == rest.outputs.keys()
    for name, value in whole.outputs.items():
        assert bits.equal(value, rest.outputs[name]), name
    losses = np.concatenate([half.records["train/loss"], rest.records["train/loss"]])
    assert bits.equal(losses, whole.records["train/loss"])


def test_training_lowers_the_loss():
    net = nn.Sequential(nn.Flatten(), nn.Linear(60, 8), nn.Sigmoid(), nn.Linear(8, 3))
    training = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.Adam(0.05), (64, 2, 6, 5))
    learnable = IMAGES[:, :, 0, 0].argmax(axis=1).astype(np.int32)
    again = {"x": np.stack([IMAGES] * 12), "target": np.stack([learnable] * 12)}
    again |= training.optimiser.stream_values(12)
    losses = tinycl.run(training.plan(12), training.values(3) | again, checked=False).records[
        "train/loss"
    ]
    assert losses[-1] < 0.5 * losses[0]


def test_two_microbatches_accumulate():
    training = nn.Training(small_net(), nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (2, 2, 6, 5), 2)
    plan = training.plan(1)
    result = tinycl.run(plan, training.values(7) | training.stream(IMAGES, LABELS, 1))
    parts = [e.value for e in result.trace if e.tensor == "linear7.dweight"]
    totals = [e.value for e in result.trace if e.tensor == "linear7.dweight.total"]
    assert len(parts) == 2
    zero = np.zeros_like(parts[0])
    assert bits.equal(totals[0], zero)
    assert bits.equal(totals[2], (zero + parts[0]) + parts[1])


def test_backward_stops_at_the_lowest_layer_that_trains():
    plan = nn.Training(small_net(), nn.MeanSquaredError(), nn.SGD(0.1), (1, 2, 6, 5)).plan()
    assert "conv2d0.dx" not in plan.tensors
    assert "hard_swish1.dx" in plan.tensors
    frozen = nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(60, 3))
    plan = nn.Training(frozen, nn.MeanSquaredError(), nn.SGD(0.1), (1, 2, 6, 5)).plan()
    kinds = [op.kind for op in plan.bodies["train"].ops]
    assert "relu_input_grad" not in kinds
    assert "linear_input_grad" not in kinds


def test_a_single_layer_is_a_net():
    training = nn.Training(nn.Linear(3, 2), nn.MeanSquaredError(), nn.SGD(0.1), (4, 3))
    assert "linear0.weight" in training.plan().tensors


def test_one_layer_in_two_places_is_rejected():
    shared = nn.ReLU()
    net = nn.Sequential(shared, nn.Linear(3, 3), shared)
    with pytest.raises(PlanError, match="stands in the net twice"):
        nn.Training(net, nn.MeanSquaredError(), nn.SGD(0.1), (4, 3)).plan()


def test_shapes_that_do_not_fit_name_the_operation():
    net = nn.Sequential(nn.Linear(4, 3))
    with pytest.raises(ShapeError, match="linear_forward: x has 3 features, w takes 4"):
        nn.Training(net, nn.MeanSquaredError(), nn.SGD(0.1), (4, 3)).plan()


def test_too_few_samples():
    training = nn.Training(small_net(), nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (16, 2, 6, 5))
    with pytest.raises(ShapeError, match=re.escape("take 80 samples; there are 64 images")):
        training.stream(IMAGES, LABELS, 5)


def test_evaluation_records_scores():
    training = nn.Training(small_net(), nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (4, 2, 6, 5))
    data = training.values(1) | training.stream(IMAGES, LABELS, 1)
    data["evaluate.x"] = IMAGES[:8].reshape(2, 4, 2, 6, 5)
    result = tinycl.run(training.plan(1, evaluations=2), data, checked=False)
    assert result.records["evaluate/evaluate.linear7.y"].shape == (2, 4, 3)


@given(st.fractions(0, 1), st.integers(-40, 40))
def test_constants_are_rounded_once(fraction, exponent):
    value = fraction * Fraction(2) ** exponent
    got = round_to_f32(value)
    error = abs(Fraction(float(got)) - value)
    for other in (np.nextafter(got, np.float32(-1e30)), np.nextafter(got, np.float32(1e30))):
        distance = abs(Fraction(float(other)) - value)
        assert error < distance or (error == distance and got.view(np.uint32) % 2 == 0)


@pytest.mark.parametrize("base", [0.0, 0.5, 0.9, 0.999])
def test_bias_corrections(base):
    exact = Fraction(float(np.float32(base)))
    got = one_minus_powers(base, 60)
    assert got == [round_to_f32(1 - exact**t) for t in range(1, 61)]


@pytest.mark.parametrize("base", [1.0, -0.1, 2.0])
def test_bias_corrections_need_a_base_below_one(base):
    with pytest.raises(ValueError, match="at least 0 and below 1"):
        one_minus_powers(base, 3)

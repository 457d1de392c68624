"""Nets with normalisation: the same bits everywhere, runs that resume, statistics that move."""

import numpy as np
import pytest

from tests.nn.norm_nets import NETS, differing, run, training
from tinycl import bits, nn, ops
from tinycl.errors import PlanError, ShapeError
from tinycl.target.registry import get

CORES = {"numba": (1, 2, 3), "host": (1, 3), "qemu": (1, 4)}


@pytest.mark.parametrize("target", CORES)
@pytest.mark.parametrize("name", NETS)
def test_every_executor_gives_the_same_bits(name, target):
    reason = get(target).available()
    if reason is not None:
        pytest.skip(f"target {target} is not available: {reason}")
    for checked in (True, False):
        wanted = run(training(name), name, 6, evaluations=2, checked=checked)
        for cores in CORES[target]:
            options = {"checked": checked, "target": target, "cores": cores}
            got = run(training(name), name, 6, evaluations=2, **options)
            assert differing(wanted, got) == [], f"{cores} cores"


@pytest.mark.parametrize("microbatches", [1, 2])
@pytest.mark.parametrize("name", NETS)
def test_resuming_changes_nothing(name, microbatches):
    job = training(name, microbatches, nn.SGD(0.05, momentum=0.9))
    if microbatches == 2 and name in ("top_k", "channels"):
        job = training(name, 1, nn.Adam(0.01))
    options = {"target": "host", "checked": False}
    whole, half = run(job, name, 6, **options), run(job, name, 3, **options)
    rest = run(job, name, 3, first=3, values=half.outputs, choose=False, **options)
    assert whole.outputs.keys() == rest.outputs.keys()
    assert [n for n, v in whole.outputs.items() if not bits.equal(v, rest.outputs[n])] == []


@pytest.mark.parametrize("name", ["batch_norm", "batch_renorm", "perceptron"])
def test_training_lowers_the_loss(name):
    job = training(name, optimiser=nn.Adam(0.02))
    values, losses = job.values(5), []
    for _ in range(12):
        done = run(job, name, 16, values=values, target="host", checked=False)
        values = done.outputs
        losses.append(float(done.records["train/loss"].mean()))
    assert losses[-1] < 0.5 * losses[0]


def test_statistics_move_in_training_only():
    job = training("batch_norm")
    first = job.values(5)
    done = run(job, "batch_norm", 1, evaluations=3)
    seen = {e.key.rpartition("/")[2]: e.value for e in done.trace if "evaluate" not in e.key}
    for norm, count in (("batch_norm1", 4 * 9), ("residual3.batch_norm1", 4 * 9)):
        for what, batch, scale in (("mean", "mean", 1.0), ("var", "var", count / (count - 1))):
            state = f"{norm}.moving_{what}"
            moved = ops.moving_average(first[state], seen[f"{norm}.{batch}"], rate=0.1, scale=scale)
            assert bits.equal(done.outputs[state], moved), state
            assert not bits.equal(done.outputs[state], first[state]), state


def test_evaluation_and_frozen_layers_use_the_moving_statistics():
    job = training("partly_frozen")
    plan = job.plan(2, evaluations=1)
    kinds = [op.kind for op in plan.bodies["train"].ops]
    assert kinds.count("channel_moments") == 1  # of the norm that is live
    assert kinds.count("moving_average") == 2
    assert kinds.count("batch_norm_input_grad") == kinds.count("normalise_input_grad") == 1
    assert kinds.count("normalise_weight_grad") == 1  # of the renormalisation
    seen = [op.kind for op in plan.bodies["evaluate"].ops]
    assert seen.count("normalise_forward") == 3
    assert not {"channel_moments", "moving_average", "renorm_corrections"} & set(seen)
    done = run(job, "partly_frozen", 2, checked=False)
    first = job.values(5)
    still = [n for n, v in done.outputs.items() if bits.equal(v, first[n])]
    assert {n for n in still if "moving" in n} == {
        "frozen0.batch_norm1.moving_mean",
        "frozen0.batch_norm1.moving_var",
        "batch_renorm2.moving_mean",
        "batch_renorm2.moving_std",
    }
    assert "batch_norm5.gamma" in still
    assert "batch_renorm2.gamma" not in still


def test_a_batch_is_normalised():
    done = run(training("batch_norm"), "batch_norm", 1)
    y = next(e.value for e in done.trace if e.key.endswith("/batch_norm1.y")).astype(np.float64)
    assert np.abs(y.mean(axis=(0, 2, 3))).max() < 1e-6
    assert np.abs(y.var(axis=(0, 2, 3)) - 1).max() < 1e-3


def test_parameters_begin_at_one_and_zero():
    values = training("batch_renorm").values(9)
    for norm in ("batch_renorm1", "residual3.batch_renorm1"):
        for what, first in (("gamma", 1), ("beta", 0), ("moving_mean", 0), ("moving_std", 1)):
            assert bits.equal(values[f"{norm}.{what}"], np.full(5, first, np.float32))


def test_one_value_a_channel_has_no_variance():
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm(4))
    with pytest.raises(PlanError, match=r"batch_norm1: a batch of \(1, 4\) has one value"):
        nn.Training(net, nn.MeanSquaredError(), nn.SGD(0.1), (1, 3)).plan()
    still = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm(4, frozen=True))
    nn.Training(still, nn.MeanSquaredError(), nn.SGD(0.1), (1, 3)).plan()


def test_another_number_of_channels_is_told():
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm(5))
    with pytest.raises(ShapeError, match=r"x has 4 channels, so it needs \(4,\)"):
        nn.Training(net, nn.MeanSquaredError(), nn.SGD(0.1), (2, 3)).plan()


def test_dropout_draws_anew_in_each_pass_of_training():
    job = training("dropout", microbatches=2)
    done = run(job, "dropout", 2, evaluations=1)
    assert done.outputs["dropout0.turn"].tolist() == done.outputs["dropout3.turn"].tolist() == [4]
    masks = [e.value for e in done.trace if e.tensor == "dropout3.mask"]
    assert len(masks) == 4
    assert {float(v) for m in masks for v in m.ravel()} == {0.0, 2.0}
    for i, one in enumerate(masks):
        wanted = ops.dropout_forward(one, seed=3, stream=(2 << 16) + i, rate=0.5)[1]
        assert bits.equal(one, wanted)
        assert not any(bits.equal(one, other) for other in masks[:i])
    kinds = [op.kind for op in job.plan(1, evaluations=1).bodies["evaluate"].ops]
    assert kinds == ["linear_forward", "relu_forward", "linear_forward"]
    gradient = next(e.value for e in done.trace if e.tensor == "dropout3.dx")
    assert ((gradient == 0) == (masks[0] == 0)).all()


def test_dropout_at_the_bottom_and_inside_frozen_layers():
    plan = training("dropout").plan()
    assert "dropout0.dx" not in plan.tensors
    net = nn.Sequential(nn.Frozen(nn.Dropout(0.5, 1, 2)), nn.Linear(7, 3))
    plan = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (2, 7)).plan()
    assert "frozen0.dropout0.y" not in plan.tensors


def test_squeeze_excite_below_everything_has_no_input_gradient():
    net = nn.Sequential(nn.SqueezeExcite(2, 3), nn.Flatten(), nn.Linear(60, 3))
    plan = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (2, 2, 6, 5)).plan()
    assert "squeeze_excite0.pointwise1.dweight" in plan.tensors
    assert "squeeze_excite0.dx" not in plan.tensors
    frozen = nn.Sequential(nn.Frozen(nn.SqueezeExcite(2, 3)), nn.Flatten(), nn.Linear(60, 3))
    plan = nn.Training(frozen, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (2, 2, 6, 5)).plan()
    assert "frozen0.squeeze_excite0.y" in plan.tensors
    assert "frozen0.squeeze_excite0.ds" not in plan.tensors

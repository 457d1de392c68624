"""The papers' nets with their norms against PyTorch: outputs, a training step, counts."""

import numpy as np
import pytest

import tinycl
from tinycl import nn
from tinycl.models import from_state_dict, layer_table, make_model, to_state_dict
from tinycl.models.table import forward_plan, totals

torch = pytest.importorskip("torch")
from tests.models import torch_nets  # noqa: E402

SAMPLE = (3, 32, 32)
FULL = {"compatible": False}
NETS = {
    "mobilenet_v1": ({"width": 0.125}, lambda: torch_nets.mobilenet_v1(0.125, 5)),
    "mobilenet_v2": ({"width": 0.1}, lambda: torch_nets.mobilenet_v2(0.1, 5)),
    "phinet": (FULL, lambda: torch_nets.phinet(0.2, 5)),
    "phinet, compatible": ({}, lambda: torch_nets.phinet(0.2, 5, compatible=True)),
}


def both(name, norm="batch", **more):
    """Return our net and torch's, whose norms have been through some training."""
    options, make = NETS[name]
    ours, _ = make_model(name.partition(",")[0], 32, classes=5, norm=norm, **options, **more)
    torch.manual_seed(7)
    theirs = make()
    for module in theirs.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for tensor, low, high in (
                (module.weight, 0.5, 1.5),
                (module.bias, -0.3, 0.5),
                (module.running_mean, -0.3, 0.3),
                (module.running_var, 0.1, 0.6),
            ):
                torch.nn.init.uniform_(tensor, low, high)
    return ours, theirs, {k: v.numpy().copy() for k, v in theirs.state_dict().items()}


def images(count):
    return np.random.default_rng(2).standard_normal((count, *SAMPLE), np.float32)


@pytest.mark.parametrize("norm", ["batch", "renorm"])
@pytest.mark.parametrize("name", NETS)
def test_outputs_in_evaluation(name, norm):
    """The state_dict comes over by order; BatchRenorm gets the deviations of its variances."""
    ours, theirs, state = both(name, norm)
    weights = from_state_dict(ours, SAMPLE, state)
    x = images(1)
    plan = forward_plan(ours, SAMPLE)
    run = tinycl.run(plan, weights | {"x": x[None]}, target="numba", checked=False)
    (got,) = run.records.values()
    with torch.no_grad():
        wanted = theirs.eval()(torch.from_numpy(x)).numpy()
    assert np.abs(wanted).max() > 0.05
    np.testing.assert_allclose(got[0], wanted, rtol=0, atol=2e-5 * np.abs(wanted).max())
    back = to_state_dict(ours, SAMPLE, weights, list(theirs.state_dict()))
    for key, value in back.items():
        close = norm == "renorm" and key.endswith("running_var")
        np.testing.assert_allclose(value, state[key], rtol=1e-6 if close else 0)


@pytest.mark.parametrize("name", NETS)
def test_a_step_of_training(name):
    """Loss, every updated parameter and every moving statistic.

    A shift in front of the next norm, with no activation between them, has the gradient 0 but for
    rounding; all else moves.
    """
    ours, theirs, state = both(name)
    batch = (12, *SAMPLE)
    training = nn.Training(ours, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), batch)
    x, labels = images(batch[0]), np.arange(batch[0], dtype=np.int32) % 5
    inputs = training.values(1) | from_state_dict(ours, SAMPLE, state)
    inputs |= {"x": x[None], "target": labels[None]}
    run = tinycl.run(training.plan(1), inputs, target="numba", checked=False)
    optimiser = torch.optim.SGD(theirs.train().parameters(), 0.1)
    scores = theirs(torch.from_numpy(x))
    loss = torch.nn.functional.cross_entropy(scores, torch.from_numpy(labels).long())
    loss.backward()
    optimiser.step()
    np.testing.assert_allclose(run.records["train/loss"], loss.item(), rtol=1e-4)
    after = to_state_dict(ours, SAMPLE, run.outputs, list(theirs.state_dict()))
    still = []
    for key, value in after.items():
        wanted = theirs.state_dict()[key].numpy()
        moved = np.abs(wanted - state[key]).max()
        still += [key] if moved < 1e-5 else []
        atol = 2e-6 + 2e-3 * moved
        np.testing.assert_allclose(value, wanted, rtol=0, atol=atol, err_msg=key)
    assert all(key.endswith(".bias") for key in still)
    assert len(still) < 0.1 * len(after)


@pytest.mark.parametrize("name", NETS)
def test_counts(name):
    ours, theirs, _ = both(name)
    macs = []

    def count(module, _, y):
        macs.append(y.numel() * module.weight[0].numel())

    for module in theirs.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            module.register_forward_hook(count)
    theirs.eval()(torch.zeros(1, *SAMPLE))
    sums = totals(layer_table(ours, SAMPLE))
    assert sums["parameters"] == sum(p.numel() for p in theirs.parameters())
    assert sums["macs"] == sum(macs)
    renormed, _, _ = both(name, "renorm")
    assert totals(layer_table(renormed, SAMPLE)) == sums
    bare, _, _ = both(name, head_bias=False)
    assert totals(layer_table(bare, SAMPLE))["parameters"] == sums["parameters"] - 5


def test_a_net_with_frozen_parts_takes_the_same_state_dict():
    """Under other names, and it gives the same scores."""
    whole, _, state = both("mobilenet_v1")
    cut, _, _ = both("mobilenet_v1", train_from="conv5_6/sep")
    x = images(1)[None]
    scores = []
    for net in (whole, cut):
        weights = from_state_dict(net, SAMPLE, state)
        run = tinycl.run(forward_plan(net, SAMPLE), weights | {"x": x}, target="numba")
        scores.append(next(iter(run.records.values())))
    assert tinycl.bits.equal(*scores)
    assert "frozen0.batch_norm1.moving_var" in weights

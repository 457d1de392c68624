"""The first learning batch counts for Synaptic Intelligence, too: its path, step by step."""

import numpy as np
import pytest

from tests.cl.worlds import blobs
from tinycl import cl, nn
from tinycl.cl.session import Experiment
from tinycl.cl.session.phases import Pretraining
from tinycl.cl.session.session import Session
from tinycl.target import registry

TABLE = {
    "net": "conv:3-5,head_bias=false",
    "target": "numpy",
    "first": {"epochs": 2, "minibatch": 6, "lr": 0.05, "weight_decay": 0.01},
    "stage": {"below": "pointwise4"},
    "strategy": {"kind": "ar1_star", "epochs": 1, "minibatch": 6, "importance_clip": 9.0},
    "replay": {"slots": 4},
}


def session(**changes):
    scenario = cl.new_classes(blobs(), tasks=2, classes=2)
    return Session(Experiment.from_table(TABLE | changes), scenario)


def phases(one, count):
    """Go on to the start of a phase; return its state."""
    state = one.begin()
    while state.phase < count:
        state = one.advance(state, 1000)
    return state


def plain_path(one, weight):
    """Sum gradient * change over the steps of a training that knows nothing of paths."""
    traced = one._pretraining
    s = one.experiment.first
    plain = nn.Training(
        traced.training.net, traced.training.loss, nn.SGD(s.lr, s.momentum, s.weight_decay),
        traced.training.input_shape,
    )  # fmt: skip
    phase = Pretraining(plain, traced.samples, traced.epochs, traced.seed)
    tensors, path = phase.values({}), 0.0
    first = tensors[weight]
    for run in range(phase.runs):
        plan, given = phase.piece(run, 1, one.scenario.batch(0))
        result = registry.run(plan, tensors | given, target="numpy")
        (gradient,) = (r.value for r in result.trace if r.key.endswith(f"{weight[:-7]}.dweight"))
        after = result.outputs[weight]
        path = path + gradient.astype(np.float64) * (after - tensors[weight])
        tensors = tensors | result.outputs
    return path, tensors[weight].astype(np.float64) - first


def test_the_first_batch_makes_weights_important():
    one = session()
    state = phases(one, 2)
    weight = "pointwise1.weight"
    path, moved = plain_path(one, weight)
    wanted = np.clip(-path / (moved**2 + 1e-7), 0, 9)
    got = state.tensors[f"{weight}.importance"]
    np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-6)
    assert (got > 0).sum() > 0
    assert len(np.unique(got)) > 3


@pytest.mark.parametrize(("strength", "same"), [(0.0, True), (1e4, False)])
def test_the_second_batch_is_held(strength, same):
    """A pull of nothing is AR1*free; a strong one is felt in the first batch that could forget."""
    free = phases(session(strategy=TABLE["strategy"] | {"kind": "ar1_star_free"}), 3)
    held = phases(session(strategy=TABLE["strategy"] | {"strength": strength}), 3)
    name = "pointwise1.weight"
    assert np.array_equal(free.tensors[name], held.tensors[name]) == same

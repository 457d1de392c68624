"""Memory by kind and multiply-accumulates by stage, counted by hand."""

import pytest

from tinycl import nn, sparse
from tinycl.cl.costs import Memory, Work, memory, work
from tinycl.errors import PlanError
from tinycl.plan import Body, Op, Plan, Run, Tensor, layout


def small(optimiser, microbatches=1):
    """Frozen 8 to 4, then 4 to 3 in training; batches of 2."""
    net = nn.Sequential(nn.Frozen(nn.Linear(8, 4), nn.ReLU()), nn.Linear(4, 3))
    return nn.Training(net, nn.SoftmaxCrossEntropy(), optimiser, (2, 8), microbatches)


FROZEN, ADAPTIVE = 8 * 4 + 4, 4 * 3 + 3


@pytest.mark.parametrize(
    ("optimiser", "states"),
    [(nn.SGD(0.1), 0), (nn.SGD(0.1, 0.9), ADAPTIVE), (nn.Adam(), 2 * ADAPTIVE)],
)
def test_kinds(optimiser, states):
    found = memory(small(optimiser).plan(3))
    assert found.frozen_weights == 4 * FROZEN
    assert found.adaptive_weights == 4 * ADAPTIVE
    assert found.optimiser == 4 * states
    assert (found.latents, found.other) == (0, 0)
    assert found.activations > 0


def test_the_fullest_moment_by_hand():
    """Dead before z is written: x. Alive while it is: y (5 words), z (6) and the i32 k (1)."""
    tensors = [
        Tensor("x", (5,), role="input"),
        Tensor("w", (5,), role="weight"),
        Tensor("y", (5,)),
        Tensor("z", (5,)),
        Tensor("u", (5,)),
    ]
    ops = (
        Op("add", ("x", "w"), ("y",)),
        Op("add", ("y", "w"), ("z",)),
        Op("add", ("y", "z"), ("u",)),
    )
    plan = Plan(
        {t.name: t for t in tensors}, {"b": Body("b", ops, ("x",), ("u",))}, (Run("b", 2),), ()
    )
    assert memory(plan) == Memory(frozen_weights=20, activations=60)  # y, z, u
    named = memory(plan, {"w": "latents", "z": "other"}, {"frozen_weights": 100, "latents": 7})
    assert named == Memory(latents=27, frozen_weights=100, activations=40, other=20)
    assert named.total == 187


def test_bytes_are_counted_in_words():
    tensors = [Tensor("m", (1, 7), "u8", role="state"), Tensor("x", (2,), role="input")]
    plan = Plan({t.name: t for t in tensors}, {"b": Body("b", (), ("x",))}, (Run("b", 1),), ("m",))
    assert memory(plan, {"m": "latents"}) == Memory(latents=8, activations=8)


def test_gradients_of_microbatches_are_gradients():
    one, three = memory(small(nn.SGD(0.1)).plan()), memory(small(nn.SGD(0.1), 3).plan())
    assert three.gradients >= 4 * ADAPTIVE  # the totals last
    assert (three.optimiser, three.other) == (0, 0)
    assert one.gradients <= 4 * ADAPTIVE


def test_states_of_policies_are_other():
    net = sparse.attach(nn.Sequential(nn.Linear(8, 4), nn.Linear(4, 3)), sparse.TinyProp())
    training = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1, 0.9), (2, 8))
    found = memory(training.plan())
    assert found.other == 4 * 2  # the running maximum of each layer
    assert found.optimiser == 4 * (8 * 4 + 4 + 4 * 3 + 3)


@pytest.mark.parametrize("steps", [1, 5])
def test_never_more_than_an_arena(steps):
    plan = small(nn.SGD(0.1, 0.9)).plan(steps, evaluations=2)
    found = memory(plan)
    assert found == memory(small(nn.SGD(0.1, 0.9)).plan(1, evaluations=1))
    assert found.total <= 4 * layout(plan, checked=False).words


def test_work():
    plan = small(nn.SGD(0.1)).plan(5)
    assert work(plan) == Work(frozen=5 * 2 * 32, forward=5 * 2 * 12, backward=5 * 2 * 12)
    evaluated = small(nn.SGD(0.1)).plan(5, evaluations=3)
    assert work(evaluated).frozen == 8 * 2 * 32
    assert work(evaluated).total == evaluated.macs()
    deep = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3))
    plan = nn.Training(deep, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (2, 1, 4, 4)).plan(1)
    assert work(plan) == Work(0, 2 * (72 + 24), 2 * (72 + 24 + 24))


@pytest.mark.parametrize(
    ("kinds", "more", "told"),
    [
        ({"x": "latent"}, {}, "no kind 'latent'; choose from latents"),
        ({}, {"weights": 3}, "no kind 'weights'"),
        ({"nothing": "latents"}, {}, "the plan has no tensor 'nothing'"),
        ({}, {"latents": -1}, "cannot be below 0"),
    ],
)
def test_odd_input_is_refused(kinds, more, told):
    with pytest.raises(PlanError, match=told):
        memory(small(nn.SGD(0.1)).plan(), kinds, more)

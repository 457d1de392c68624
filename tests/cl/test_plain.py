"""Learning batches against the plain learner; the only tolerance is that of its float64."""

import numpy as np
import pytest

from tests.cl.plain import BODY, HEAD, PlainLearner
from tests.cl.worlds import CLASSES
from tinycl import nn
from tinycl.cl.learning import Learner, Replay, Strategy
from tinycl.cl.session.phases import Learning
from tinycl.ops.latents import dequantise_latents
from tinycl.target import registry

IMAGE, SEED = (2, 3, 3), 23
BATCHES = ((0, 1) * 5, (2,) * 7, (1, 3) * 4, (2, 0, 3) * 3)  # classes come, and come back


def net():
    return nn.Sequential(
        nn.Frozen(nn.Pointwise(2, 5), nn.ReLU()),
        nn.Pointwise(5, 6),
        nn.BatchRenorm(6),
        nn.ReLU(),
        nn.GlobalAvgPool2d(),
        nn.Flatten(),
        nn.Linear(6, CLASSES, bias=False),
    )


def batches(cumulative=False):
    """Yield images and labels of each learning batch, or of all so far."""
    random = np.random.default_rng(7)
    patterns = random.standard_normal((CLASSES, *IMAGE))
    images, all_labels = np.empty((0, *IMAGE), np.float32), np.empty(0, np.int32)
    for labels in BATCHES:
        y = np.array(labels, np.int32)
        x = (patterns[y] + 0.3 * random.standard_normal((len(y), *IMAGE))).astype(np.float32)
        images, all_labels = np.concatenate([images, x]), np.concatenate([all_labels, y])
        yield (images, all_labels) if cumulative else (x, y)


def first_weights(learner):
    """Return random weights, of the stage too."""
    random = np.random.default_rng(9)
    plan = learner.plan(learner.sizes((4, 4)))
    shapes = {n: t.shape for n, t in plan.tensors.items() if t.role == "weight"}
    return {n: (0.6 * random.standard_normal(s)).astype(np.float32) for n, s in shapes.items()}


def learned(learner, tensors):
    """Yield all tensors and the losses behind each learning batch."""
    counts = tuple(len(y) for y in BATCHES)
    for number, (x, y) in enumerate(batches(learner.strategy.kind == "cumulative")):
        phase = Learning(learner, learner.sizes(counts[: number + 1]), number == 0)
        tensors = tensors | phase.values(tensors)
        plan, given = phase.piece(0, phase.runs, (x, y))
        lasting = {
            n: tensors[n]
            for n, t in plan.tensors.items()
            if t.given and n not in given and n not in plan.streamed
        }
        result = registry.run(plan, lasting | given, target="numpy", checked=False)
        tensors = tensors | result.outputs
        yield tensors, result.records.get("step/loss", np.empty(0, np.float32))


def near(got, wanted):
    np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-5)


def check_memory(tensors, plain):
    """Compare the replays and their labels."""
    filled = len(plain.memory)
    labels = [label for _, label in plain.memory]
    assert tensors["replay.labels"].tolist() == labels + [-1] * (plain.slots - filled)
    kept = tensors["replay.latents"][:filled]
    if plain.bits < 32:
        scale, latent = tensors["replay.scale"], (5, *IMAGE[1:])
        kept = dequantise_latents(kept, scale, bits=plain.bits, image=latent)
    near(kept, [plain.unpacked(place) for place in range(filled)])


@pytest.mark.parametrize(
    ("kind", "slots", "bits"),
    [
        ("ar1_star_free", 9, 8),
        ("ar1_star_free", 6, 32),
        ("ar1_star_free", 3, 5),
        ("ar1_star", 8, 6),
        ("cwr_star", 9, 7),
        ("fine_tuning", 7, 8),
        ("cumulative", 0, 32),
        ("cwr_star", 0, 32),
        ("ar1_star_free", 0, 32),
    ],
)
def test_a_learner_does_what_the_plain_one_does(kind, slots, bits):
    strategy = Strategy(
        kind, epochs=2, minibatch=6, lr=0.05, head_lr=3.0, weight_decay=0.01,
        renorm_rate=0.1, renorm_rmax=1.1, renorm_dmax=0.2, strength=50.0, importance_clip=0.1,
    )  # fmt: skip
    replay = Replay(slots, bits) if slots else None
    learner = Learner(net(), IMAGE, strategy, replay, seed=SEED)
    weights = first_weights(learner)
    plain = PlainLearner(weights, strategy, slots, bits, SEED)

    given = batches(kind == "cumulative")
    for (x, y), (tensors, losses) in zip(given, learned(learner, weights), strict=True):
        before = len(plain.losses)
        plain.learn(x, y)
        near(losses, plain.losses[before:])
        for name in (*BODY, HEAD):
            near(tensors[name], plain.w[name])
        if len(losses):
            near(tensors["batch_renorm2.moving_mean"], plain.mean)
            near(tensors["batch_renorm2.moving_std"], plain.std)
        if slots:
            check_memory(tensors, plain)
        for c in range(CLASSES if plain.consolidates else 0):
            assert tensors["head.past"][c] == plain.past.get(c, 0)
            near(tensors["head.saved"][c], plain.saved.get(c, np.zeros(6)))
        if kind == "ar1_star" and len(plain.losses):
            for name in BODY[:2]:
                near(tensors[f"{name}.importance"], plain.importance[name])
    assert len(plain.losses) >= 6

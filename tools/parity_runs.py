"""The training runs on real digits that `tools/parity.py` compares."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinycl import nn, sparse
from tinycl.bits import Array
from tinycl.cl.learning import Learner, Replay, Strategy
from tinycl.cl.learning.bodies import PASSING
from tinycl.contract import DEFAULT, Contract
from tinycl.data import digits, epochs
from tinycl.models import digits_training
from tinycl.plan import Plan
from tinycl.target.registry import Target, run

EPOCH, EVALUATIONS, BATCH, SEED = 89, 22, 16, 1
SPARSE_STEPS, CLUSTER_STEPS, SPARSE_BATCH = 200, 100, 4
POLICIES = {"TinyProp": sparse.TinyProp(), "TinyPropv2": sparse.TinyPropV2()}
CLUSTER_POLICIES = {"dense": None, "channels": sparse.Channels(0.5), **POLICIES}
LEARNT = (24, 16)  # samples of two learning batches, of classes 0 and 1, 2 and 3
Trained = tuple[Plan, dict[str, Array]]


def train(
    target: Target, cores: int, steps: int, checked: bool, contract: Contract = DEFAULT
) -> Trained:
    """Train the digits net, and at the end of an epoch score the test images."""
    data, training = digits(), digits_training(BATCH)
    images, labels = epochs(data, -(-steps // EPOCH), EPOCH * BATCH)
    evaluations = 0 if checked else EVALUATIONS
    plan = training.plan(steps, evaluations)
    inputs = training.values(SEED) | training.stream(images, labels, steps)
    if evaluations:
        scored = data.test_images[: evaluations * BATCH]
        inputs["evaluate.x"] = scored.reshape(evaluations, BATCH, *scored.shape[1:])
    options = {"target": target, "cores": cores, "contract": contract}
    return plan, run(plan, inputs, checked=checked, **options).tensors()


def train_sparse(
    policy: nn.Update | None, steps: int, target: Target, cores: int, contract: Contract = DEFAULT
) -> Trained:
    """Train a net on digits that the specification runs in seconds; the state is an output."""
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Depthwise(4, 3, padding=1),
        nn.ReLU(),
        nn.Pointwise(4, 8),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(128, 10),
    )
    training = nn.Training(
        net if policy is None else sparse.attach(net, policy),
        nn.SoftmaxCrossEntropy(),
        nn.SGD(0.02, momentum=0.5),
        (SPARSE_BATCH, 1, 8, 8),
    )
    plan = training.plan(steps)
    images, labels = epochs(digits(), 1, steps * SPARSE_BATCH)
    inputs = training.values(SEED) | training.stream(images, labels, steps)
    options = {"target": target, "cores": cores, "contract": contract}
    return plan, run(plan, inputs, checked=False, **options).tensors()


def learn(target: Target, cores: int, contract: Contract = DEFAULT) -> Trained:
    """Fill a replay memory with one learning batch, then learn a second one with replays."""
    net = nn.Sequential(
        nn.Frozen(nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.ReLU()),
        nn.Depthwise(4, 3, padding=1, bias=False),
        nn.BatchRenorm(4),
        nn.ReLU(),
        nn.Pointwise(4, 8),
        nn.ReLU(),
        nn.GlobalAvgPool2d(),
        nn.Flatten(),
        nn.Linear(8, 10, bias=False),
    )
    strategy = Strategy(
        "ar1_star", 2, 8, lr=0.02, train_depthwise=True, policy=sparse.TinyProp(), renorm_rate=0.05
    )
    learner = Learner(net, (1, 8, 8), strategy, Replay(20, 7), SEED)
    whole = nn.Training(learner.net, nn.SoftmaxCrossEntropy(), nn.SGD(0.02), (2, 1, 8, 8))
    tensors, data = whole.values(SEED), digits()
    for number, count in enumerate(LEARNT):
        sizes, first = learner.sizes(LEARNT[: number + 1]), number == 0
        plan = learner.plan(sizes, first)
        chosen = np.flatnonzero(data.labels // 2 == number)[:count]
        images = data.images[chosen].reshape(-1, sizes.chunk, 1, 8, 8)
        inputs = learner.values(sizes, tensors, first) | tensors
        inputs |= {"take.x": images, "new.labels": data.labels[chosen]}
        given = {n: inputs[n] for n, t in plan.tensors.items() if t.given or n in plan.streamed}
        options = {"target": target, "cores": cores, "contract": contract}
        result = run(plan, given, checked=False, **options)
        tensors |= {n: v for n, v in result.outputs.items() if not n.startswith(PASSING)}
    return plan, result.tensors()


def learnt(tensors: Mapping[str, Array]) -> str:
    """Tell what the net has learnt: the loss before and after, the share of right answers."""
    losses = tensors["record/train/loss"]
    scores = next(v for k, v in tensors.items() if k.startswith("record/evaluate/"))
    labels = digits().test_labels[: EVALUATIONS * BATCH]
    right = float(np.mean(scores.reshape(len(labels), -1).argmax(axis=1) == labels))
    return (
        f"loss {losses[0]:.3f} -> {losses[-10:].mean():.3f} (mean of the last 10 steps), "
        f"{right:.1%} of {len(labels)} test images right"
    )


def sparsity(tensors: Mapping[str, Array]) -> tuple[str, bool]:
    """Tell how much survived, and whether ratios and the samples that train vary at all.

    A run in which nothing varies or is skipped proves little.
    """
    ratios = [v for k, v in tensors.items() if k.endswith(".ratio")]
    masks = [v for k, v in tensors.items() if k.endswith(".trained")]
    shares = ", ".join(f"{float(ratio.mean()):.2f}" for ratio in ratios)
    skipped = f", {1 - float(masks[0].mean()):.0%} of the samples skipped" if masks else ""
    losses = tensors["record/train/loss"]
    told = (
        f"mean ratios {shares}{skipped}, "
        f"loss {losses[:20].mean():.3f} -> {losses[-20:].mean():.3f} (means of 20 steps)"
    )
    return told, bool(ratios) and all(len(np.unique(varied)) > 1 for varied in (*ratios, *masks))

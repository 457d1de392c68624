"""Training steps with sparse updates: every policy, selected in both orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tinycl.contract import DEFAULT, Contract
from tinycl.golden.catalogue.case import Case
from tinycl.golden.catalogue.selection import HEAP
from tinycl.golden.catalogue.steps import training_case
from tinycl.nn import (
    SGD,
    Conv2d,
    Depthwise,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    Pointwise,
    ReLU,
    ReLU6,
    Sequential,
    SoftmaxCrossEntropy,
    Training,
    Update,
)
from tinycl.sparse import Channels, LayerWise, TinyProp, TinyPropV2, TopK, attach

PLAIN, MOMENTUM = SGD(0.3), SGD(0.2, momentum=0.5)


@dataclass(frozen=True)
class Sparse:
    """A few steps with a policy.

    Attributes
    ----------
    policy : Update
    hardness : {"plain", "hard"}
    optimiser : SGD
    contract : Contract
    steps : int
    """

    policy: Update
    hardness: str = "plain"
    optimiser: SGD = PLAIN
    contract: Contract = DEFAULT
    steps: int = 2


PERCEPTRONS = {
    "layer_wise": Sparse(LayerWise(weights=1, biases=2)),
    "channels": Sparse(Channels(0.5, "both"), "hard", MOMENTUM),
    "top_k": Sparse(TopK(ratio=0.4, unified=True, rows=True), "hard"),
    "tinyprop": Sparse(TinyProp(0.2, 0.9, 0.8), "hard"),
    "tinyprop_heap": Sparse(TinyProp(0.4, 1.0, 0.9), contract=HEAP),
    "tinypropv2": Sparse(TinyPropV2(threshold=0.8), optimiser=MOMENTUM, steps=3),
}
CONVOLUTIONS = {
    "channels_input": Sparse(Channels(0.5, "input")),
    "channels_output": Sparse(Channels(0.5, "output", by="gradient"), "hard"),
    "channels_both": Sparse(Channels(0.6, "both", by="random", seed=3)),
    "top_k": Sparse(TopK(k=9), "hard"),
    "tinyprop": Sparse(TinyProp(bias_gradient="masked")),
    "tinyprop_channels": Sparse(TinyProp(0.3, 1.0, 0.9, units="channels"), "hard"),
    "tinyprop_heap": Sparse(TinyProp(0.3, 0.9, 0.9), "hard", contract=HEAP),
    "tinypropv2": Sparse(TinyPropV2(threshold=0.8, remember=False), "hard"),
}


def perceptron(sparse: Sparse) -> Training:
    """Return the training of a net of two linear layers."""
    net = Sequential(Linear(7, 6), ReLU(), Linear(6, 3))
    return _training(net, sparse, (3, 7))


def convolution(sparse: Sparse) -> Training:
    """Return the training of a net that ends in a pointwise layer and its mean."""
    net = Sequential(
        Conv2d(2, 4, 3, padding=1, stride=2),
        ReLU6(),
        Depthwise(4, 3, padding=(0, 0, 1, 1), bias=False),
        Pointwise(4, 3),
        GlobalAvgPool2d(),
        Flatten(),
    )
    return _training(net, sparse, (3, 2, 5, 7))


def cases() -> list[Case]:
    """Return the cases."""
    return [
        training_case(
            f"sparse_{net}_{label}",
            partial(build, sparse),
            sparse.hardness,
            steps=sparse.steps,
            contract=sparse.contract,
        )
        for net, build, policies in NETS
        for label, sparse in policies.items()
    ]


NETS: tuple[tuple[str, Callable[[Sparse], Training], dict[str, Sparse]], ...] = (
    ("perceptron", perceptron, PERCEPTRONS),
    ("convolution", convolution, CONVOLUTIONS),
)


def _training(net: Sequential, sparse: Sparse, shape: tuple[int, ...]) -> Training:
    return Training(attach(net, sparse.policy), SoftmaxCrossEntropy(), sparse.optimiser, shape)

"""Small nets, their data, and runs of them with policies."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinycl import nn
from tinycl.bits import Array, equal
from tinycl.contract import DEFAULT, Contract
from tinycl.sparse import (
    BiasOnly,
    Channels,
    Dense,
    LayerWise,
    TinyProp,
    TinyPropV2,
    TopK,
    attach,
)
from tinycl.target import registry
from tinycl.target.result import Result

CLASSES = 3
SHAPES = {"perceptron": (11,), "convolution": (2, 6, 4)}
SGD = nn.SGD(0.1, momentum=0.5)


def perceptron() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(11, 9), nn.ReLU(), nn.Linear(9, 7), nn.Sigmoid(), nn.Linear(7, CLASSES)
    )


def convolution() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1),
        nn.ReLU(),
        nn.Residual(nn.Depthwise(4, 3, padding=1), nn.ReLU6(), nn.Pointwise(4, 4)),
        nn.HardSwish(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(24, CLASSES),
    )


NETS = {"perceptron": perceptron, "convolution": convolution}

POLICIES = {
    "dense": Dense(),
    "bias_only": BiasOnly(),
    "layer_wise": LayerWise(weights=2, biases=3),
    "channels_input": Channels(0.5),
    "channels_output": Channels(0.4, "output", by="gradient"),
    "channels_both": Channels(0.6, "both", by="random", seed=5),
    "channels_given": Channels(side="both", by=(1, 0), restrict_input_grad=False),
    "top_k": TopK(k=3),
    "top_k_unified": TopK(ratio=0.3, unified=True),
    "tinyprop": TinyProp(),
    "tinyprop_channels": TinyProp(
        0.2, 1, 0.75, units="channels", bias_gradient="masked", rounding="half_even"
    ),
    "tinyprop_dense_output": TinyProp(sparsify_output=False),
    "tinypropv2": TinyPropV2(threshold=0.6),
    "tinypropv2_masked": TinyPropV2(
        bias_gradient="masked", threshold=0.6, d_min=0.1, remember=False
    ),
    "tinypropv2_channels": TinyPropV2(
        0.1, 1, 1, units="channels", threshold=0.6, sparsify_output=False
    ),
}


@dataclass(frozen=True)
class Work:
    """A training with a policy, and the data of its steps."""

    kind: str
    training: nn.Training

    def data(self, steps: int, first: int = 0, choose: bool = True) -> dict[str, Array]:
        rng, shape = np.random.default_rng(17), (1000, *SHAPES[self.kind])
        labels = rng.integers(0, CLASSES, 1000).astype(np.int32)
        images = rng.standard_normal(shape, np.float32) * np.float32(0.5)
        # Each sample tells its class, in the feature, or the row of channel 0, that it names.
        first_feature = images if images.ndim == 2 else images[:, 0]
        first_feature[np.arange(1000), labels] += np.float32(1)
        streams = self.training.stream(images, labels, steps, first)
        return streams | (self.training.calibration(images, labels) if choose else {})

    def run(
        self,
        steps: int,
        first: int = 0,
        values: dict[str, Array] | None = None,
        checked: bool = False,
        choose: bool = True,
        target: str = "numpy",
        cores: int = 1,
        contract: Contract = DEFAULT,
    ) -> Result:
        values = self.training.values(3) if values is None else dict(values)
        return registry.run(
            self.training.plan(steps, choose=choose),
            values | self.data(steps, first, choose),
            target=target,
            contract=contract,
            checked=checked,
            cores=cores,
            timeout=240,
        )


def work(
    kind: str,
    policy: nn.Update,
    layers: dict[str, nn.Update] | None = None,
    optimiser: nn.Optimiser = SGD,
    batch: int = 4,
    microbatches: int = 1,
    relu_bits: bool | None = None,
) -> Work:
    net = attach(NETS[kind](), policy, layers, relu_bits)
    shape = (batch, *SHAPES[kind])
    return Work(kind, nn.Training(net, nn.SoftmaxCrossEntropy(), optimiser, shape, microbatches))


def differing(one: Result, other: Result) -> list[str]:
    """Names of the tensors that are not bit for bit the same in both results."""
    a, b = one.tensors(), other.tensors()
    assert a.keys() == b.keys()
    return [name for name in a if not equal(a[name], b[name])]


def written(result: Result, tensor: str) -> list[Array]:
    """What a checked run wrote to a tensor, in order."""
    return [entry.value for entry in result.trace if entry.tensor == tensor]


def lean(result: Result) -> Result:
    return replace(result, trace=())


__all__ = ["NETS", "POLICIES", "SGD", "Work", "differing", "lean", "work", "written"]

"""Training steps of nets with normalisation, squeeze-excite and dropout."""

from __future__ import annotations

from functools import partial

from tinycl.golden.catalogue.case import KINDS, Case
from tinycl.golden.catalogue.steps import training_case
from tinycl.nn import (
    SGD,
    Adam,
    BatchNorm,
    BatchRenorm,
    Conv2d,
    Depthwise,
    Dropout,
    Flatten,
    Frozen,
    GlobalAvgPool2d,
    HardSwish,
    Linear,
    Pointwise,
    ReLU,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    SqueezeExcite,
    Training,
)


def trainings() -> dict[str, Training]:
    """Return small nets that together hold these layers, live and frozen."""
    return {
        "batch_norm": Training(
            Sequential(
                Conv2d(2, 3, 3, stride=2, padding=1, bias=False),
                BatchNorm(3),
                HardSwish(),
                Residual(Depthwise(3, 3, padding=1), BatchNorm(3), SqueezeExcite(3, 2)),
                GlobalAvgPool2d(),
                Flatten(),
                Dropout(0.25, seed=5, stream=1 << 16),
                Linear(3, 4),
            ),
            SoftmaxCrossEntropy(),
            SGD(0.1, momentum=0.9),
            input_shape=(3, 2, 6, 5),
        ),
        "batch_renorm": Training(
            Sequential(
                Frozen(Conv2d(2, 4, 3, bias=False), BatchNorm(4), ReLU()),
                Pointwise(4, 5, bias=False),
                BatchRenorm(5, rate=0.05, rmax=1.25, dmax=0.5),
                ReLU(),
                Pointwise(5, 3),
                BatchNorm(3, frozen=True),
                GlobalAvgPool2d(),
                Flatten(),
                Linear(3, 3),
            ),
            SoftmaxCrossEntropy(),
            Adam(0.02),
            input_shape=(2, 2, 5, 4),
        ),
    }


def cases() -> list[Case]:
    """Return the cases."""
    return [
        training_case(label, partial(_training, label), hardness, evaluations=1)
        for label in trainings()
        for hardness in KINDS
    ]


def _training(label: str) -> Training:
    return trainings()[label]

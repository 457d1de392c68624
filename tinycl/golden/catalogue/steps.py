"""Whole training steps: forward, loss, backward, update, and what the next step makes of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from tinycl.bits import Array
from tinycl.contract import DEFAULT, Contract
from tinycl.golden.catalogue.case import KINDS, Case, Inputs
from tinycl.golden.catalogue.values import Shape, hard, labels, plain
from tinycl.nn import (
    SGD,
    Adam,
    Conv2d,
    Depthwise,
    Flatten,
    GlobalAvgPool2d,
    HardSwish,
    Linear,
    MaxPool2d,
    MeanSquaredError,
    Pointwise,
    ReLU,
    ReLU6,
    Residual,
    Sequential,
    Sigmoid,
    SoftmaxCrossEntropy,
    Training,
)
from tinycl.plan import Plan

STEPS = 2


def trainings() -> dict[str, Training]:
    """Return small nets that together hold every layer, loss and optimiser."""
    return {
        "linear_sgd": Training(
            Sequential(Linear(7, 3)), SoftmaxCrossEntropy(), SGD(0.1), input_shape=(2, 7)
        ),
        "perceptron_momentum": Training(
            Sequential(Linear(5, 6), ReLU(), Residual(Linear(6, 6), Sigmoid()), Linear(6, 2)),
            MeanSquaredError(),
            SGD(0.05, momentum=0.9, weight_decay=0.001),
            input_shape=(3, 5),
        ),
        "convolution_adam": Training(
            Sequential(
                Conv2d(1, 3, 3, stride=(1, 2), padding=(1, 0, 1, 1)),
                ReLU6(),
                MaxPool2d(2),
                Flatten(),
                Linear(9, 4),
            ),
            SoftmaxCrossEntropy(),
            Adam(0.01),
            input_shape=(2, 1, 7, 5),
        ),
        "mobile_accumulated": Training(
            Sequential(
                Conv2d(2, 3, 2, stride=2, bias=False),
                Depthwise(3, 3, padding=1),
                HardSwish(),
                Pointwise(3, 5),
                GlobalAvgPool2d(),
                Flatten(),
                Linear(5, 3),
            ),
            SoftmaxCrossEntropy(),
            SGD(0.1, momentum=0.5),
            input_shape=(1, 2, 6, 8),
            microbatches=2,
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


def training_case(
    label: str,
    build: Callable[[], Training],
    hardness: str,
    *,
    steps: int = STEPS,
    evaluations: int = 0,
    contract: Contract = DEFAULT,
) -> Case:
    """Return the case of a few steps of training, on images that are drawn.

    Parameters
    ----------
    label : str
    build : callable
        Returns the training.
    hardness : {"plain", "hard"}
    steps : int
    evaluations : int
        Batches that the trained net evaluates in the end.
    contract : Contract
    """

    def make(seed: int) -> tuple[Plan, Inputs]:
        training = build()
        samples = steps * training.microbatches * training.input_shape[0]
        plan = training.plan(steps, evaluations=evaluations)
        shape = (samples, *training.input_shape[1:])
        images = _images(seed, 1 << 20, shape, hardness)
        targets = _targets(training, plan, seed, samples)
        streams = training.stream(images, targets, steps) | training.calibration(images, targets)
        if evaluations:
            seen = (evaluations, *training.input_shape)
            streams["evaluate.x"] = _images(seed, 1 << 21, seen, hardness)
        return plan, {**training.values(seed), **streams}

    return Case(f"training/{label}_{hardness}", make, contract)


def _images(seed: int, stream: int, shape: Shape, hardness: str) -> Array:
    """Draw images; in hard ones every third value is a subnormal or a zero of either sign."""
    images = plain(seed, stream, shape)
    if hardness == "hard":
        images.flat[::3] = hard(seed, stream + 2, shape, "subnormal").flat[::3]
    return images


def _targets(training: Training, plan: Plan, seed: int, samples: int) -> Array:
    """Draw classes or values of the shape that the loss takes; streams of their own."""
    shape: Shape = (samples, *plan.tensors["target"].shape[1:])
    if training.loss.target_dtype == "i32":
        classes = plan.tensors["loss.p"].shape[1]
        return labels(seed, 1 << 22, math.prod(shape), classes)
    return plain(seed, 1 << 22, shape)

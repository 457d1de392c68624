"""Whole training steps: forward, backward, SGD with momentum, on the same net."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycl import nn
from tinycl.bench.twin import torch, twin
from tinycl.contract import DEFAULT
from tinycl.fast.program import Program
from tinycl.models import digits_net, mobilenet_v1
from tinycl.nn.builder import Shape
from tinycl.plan import check_inputs

LR, MOMENTUM = 0.01, 0.9


@dataclass(frozen=True)
class Step:
    """A net and a batch."""

    name: str
    net: Callable[[], nn.Layer]
    shape: Shape
    classes: int


def steps(batches: tuple[int, ...] = (1, 8, 128)) -> list[Step]:
    """Return the steps that are measured."""
    found = [Step("digits", digits_net, (16, 1, 8, 8), 10)]
    for n in batches:
        image = (n, 3, 128, 128)
        found.append(Step("MobileNetV1-128", mobilenet_v1, image, 50))
        found.append(
            Step(
                "MobileNetV1-128 from conv5_4",
                lambda: mobilenet_v1(train_from="conv5_4"),
                image,
                50,
            )
        )
    if 128 in batches:
        found += [Step(f"NICv2-391 learning step{told}", make, LATENTS, 50) for told, make in NICV2]
    return found


def _above(norm: str) -> Callable[[], nn.Layer]:
    """Return what makes the layers from conv5_4 upward, of which latents are the input."""

    def make() -> nn.Layer:
        whole = mobilenet_v1(train_from="conv5_4", norm=norm, head_bias=False)
        assert isinstance(whole, nn.Sequential)
        return nn.Sequential(*whole.layers[1:])

    return make


LATENTS = (128, 512, 8, 8)  # a minibatch of MobileNetV1-128
NICV2 = (("", _above("none")), (", batch normalisation", _above("batch")))


def ours(step: Step, threads: int) -> tuple[Callable[[], object], Program]:
    """Return a job that does one step with the engine, and its program."""
    training = nn.Training(step.net(), nn.SoftmaxCrossEntropy(), nn.SGD(LR, MOMENTUM), step.shape)
    plan = training.plan(1)
    rng = np.random.default_rng(1)
    data = training.values(1)
    data["x"] = rng.standard_normal((1, *step.shape), np.float32)
    data["target"] = rng.integers(0, step.classes, (1, step.shape[0]), np.int32)
    program = Program(plan, DEFAULT, False, threads)
    program.load(check_inputs(plan, data))

    def job() -> None:
        program.rewind()
        program.run_body("train", 1)

    return job, program


def theirs(step: Step, threads: int) -> Callable[[], object]:
    """Return a job that does one step with PyTorch, eager."""
    t = torch()
    t.set_num_threads(threads)
    t.manual_seed(1)
    model = twin(step.net())
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = t.optim.SGD(trained, LR, MOMENTUM)
    x = t.randn(step.shape)
    target = t.randint(0, step.classes, (step.shape[0],))

    def job() -> Any:
        optimiser.zero_grad()
        loss = t.nn.functional.cross_entropy(model(x), target)
        loss.backward()
        optimiser.step()
        return loss

    return job

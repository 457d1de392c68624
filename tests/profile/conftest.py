"""Small plans, and reports of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.profile.planted import Planted
from tinycl import nn, sparse
from tinycl.num.generator import uniform
from tinycl.profile import Report, Work, measure
from tinycl.target.registry import TARGETS

STEPS = 3


def small(name: str = "dense", policy: nn.Update | None = None, steps: int = STEPS) -> Work:
    """Two linear layers, batches of 2."""
    net = sparse.attach(nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3)), policy)
    training = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1, 0.9), (2, 6))
    x = uniform(3, 0, 0, 2 * steps * 6).reshape(2 * steps, 6)
    y = (np.arange(2 * steps) % 3).astype(np.int32)
    inputs = training.values(1) | training.calibration(x, y) | training.stream(x, y, steps)
    return Work(name, training.plan(steps), inputs, steps)


@pytest.fixture
def planted(monkeypatch):
    """Return executors by place, made as they are asked for; `gvsoc` is one of them."""
    made: dict[int, Planted] = {}

    def make(target: str, local: int = 0, **keywords) -> Planted:
        made[local] = Planted(True, local, **keywords)
        return made[local]

    monkeypatch.setitem(TARGETS, "gvsoc", "tests.profile.planted:Planted")
    make.made = made
    return make


@pytest.fixture
def report(planted) -> Callable[..., Report]:
    """Return a function that profiles the small net, and one with TinyPropV2."""

    def run(works=None, places=(0, -1), cores=(1, 4), **keywords) -> Report:
        chosen = works or [small(), small("tinypropv2", sparse.TinyPropV2())]
        return measure(
            chosen,
            target="gvsoc",
            what="a small net",
            cores=cores,
            places=places,
            make=lambda target, local: planted(target, local, **keywords),
        )

    return run

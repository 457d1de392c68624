"""The frozen layers of MobileNetV1 on bytes against the same in float32, both the engine's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from tinycl.bits import Array
from tinycl.contract import DEFAULT
from tinycl.errors import TinyclError
from tinycl.fast.program import Program
from tinycl.models import mobilenet_v1
from tinycl.nn import Sequential
from tinycl.nn.builder import Builder, Shape
from tinycl.nn.layer import Layer
from tinycl.nn.training import initial_values
from tinycl.plan import Plan, check_inputs
from tinycl.quant import calibrate

CUT, SIDE, IMAGES = "conv5_4", 128, 8


class Comparison(NamedTuple):
    """One batch through both stages; `macs` of either."""

    what: str
    int8: Callable[[], object]
    f32: Callable[[], object]
    macs: int


def comparisons(batches: tuple[int, ...], threads: int) -> Iterator[Comparison]:
    """Yield what is compared: each batch through the layers below conv5_4."""
    net = mobilenet_v1(train_from=CUT)
    if not isinstance(net, Sequential):
        raise TinyclError(f"bench: MobileNetV1 has no layers below {CUT}")
    frozen = net.layers[0]
    rng = np.random.default_rng(1)
    b, _ = forward(frozen, (1, 3, SIDE, SIDE))
    values = initial_values(b.parameters, {n: b.shape(n) for n in b.parameters}, 1)
    images = rng.standard_normal((IMAGES, 3, SIDE, SIDE), np.float32)
    stage = calibrate(frozen, values, images)
    for n in batches:
        x = rng.standard_normal((n, 3, SIDE, SIDE), np.float32)
        (int8, _), (f32, plan) = (job(layer, values, x, threads) for layer in (stage, frozen))
        what = f"frozen INT8 against FP32: MobileNetV1-{SIDE} below {CUT}, batch {n}"
        yield Comparison(what, int8, f32, plan.macs())


def forward(layer: Layer, shape: Shape) -> tuple[Builder, Plan]:
    """Return the plan of a layer's forward pass over x, and its builder."""
    b = Builder(training=False)
    y = layer.forward(b, b.tensor("x", shape, role="input"))
    b.close("evaluate")
    return b, b.plan([("evaluate", 1)], [y])


def job(
    layer: Layer, values: Mapping[str, Array], x: Array, threads: int
) -> tuple[Callable[[], object], Plan]:
    """Return a job that runs a layer forward once, and its plan."""
    b, plan = forward(layer, x.shape)
    given = {**b.initial, **values, "x": x}
    program = Program(plan, DEFAULT, False, threads)
    program.load(check_inputs(plan, {n: given[n] for n, t in plan.tensors.items() if t.given}))
    return lambda: program.run_body("evaluate", 1), plan

"""ReLU, ReLU6, hard-swish, sigmoid, and their gradients: plain values; all patterns and kinks."""

from __future__ import annotations

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.values import Shape, choice, plain
from tinycl.ops import TABLE
from tinycl.plan import Plan

NAMES = ("relu", "relu6", "hard_swish", "sigmoid")
SHAPES: dict[str, Shape] = {"image": (2, 3, 5, 7), "row": (29,)}


def kinks() -> Array:
    """Places where a rule changes, and their two neighbours: 0, 3, 6, and the ends of exp."""
    places = np.array([0, -3, 3, 6, -6, -1.5, 88.722839, -87.33655, 103.972084, -16.635532], "f4")
    low, high = (np.nextafter(places, np.float32(end)) for end in (-np.inf, np.inf))
    return np.concatenate([places, low, high])


def cases() -> list[Case]:
    """Return the cases."""
    found = []
    for name in NAMES:
        for kind in (f"{name}_forward", f"{name}_input_grad"):
            found += [_plain(kind, label, shape) for label, shape in SHAPES.items()]
            found.append(_hard(kind))
    return found


def _plain(kind: str, label: str, shape: Shape) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        # times 6, so that both sides of 3 and 6 occur
        inputs = {
            a.name: plain(seed, i, shape) * np.float32(6) for i, a in enumerate(TABLE[kind].inputs)
        }
        return one_operation(kind, inputs, {})

    return Case(f"{kind}/{label}_plain", make)


def _hard(kind: str) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        x = np.concatenate([PATTERNS, kinks()])
        inputs = {TABLE[kind].inputs[0].name: x}
        if len(TABLE[kind].inputs) == 2:
            inputs = {n: np.tile(v, 3) for n, v in inputs.items()}
            inputs["dy"] = choice(seed, 1, (3 * x.size,), PATTERNS)
        return one_operation(kind, inputs, {})

    return Case(f"{kind}/patterns_hard", make)

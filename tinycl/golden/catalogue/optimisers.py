"""SGD, Adam, also with samples that do not train, gradient accumulation, clear, copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.values import Shape, choice, from_bits, plain
from tinycl.ops import TABLE
from tinycl.plan import Plan

# Momentum, weight decay: each alone, together, neither; a rate that underflows.
SGD: dict[str, dict[str, float]] = {
    "bare": {"lr": 0.1, "momentum": 0.0, "weight_decay": 0.0},
    "momentum": {"lr": 0.01, "momentum": 0.9, "weight_decay": 0.0},
    "decay": {"lr": 0.1, "momentum": 0.0, "weight_decay": 0.0005},
    "momentum_decay": {"lr": 0.3, "momentum": 0.7, "weight_decay": 0.01},
}
ADAM: dict[str, dict[str, float]] = {
    "usual": {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0},
    "decay": {"lr": 0.01, "beta1": 0.8, "beta2": 0.99, "eps": 1e-6, "weight_decay": 0.01},
}


def cases() -> list[Case]:
    """Return the cases."""
    found = []
    for label, attrs in SGD.items():
        extra = ("velocity",) if "momentum" in label else ()
        found += _pair("sgd", label, ("w", "g", *extra), attrs, (3, 5, 7))
    for label, attrs in ADAM.items():
        found += _pair("adam", label, ("w", "g", "m", "v"), attrs, (5, 3, 2, 4))
    masks = {"sampled": [0, 1, 0], "skipped": [0, 0, 0]}
    for label, trained in masks.items():
        for kind, names, attrs in (
            ("sgd", ("w", "g", "velocity"), SGD["momentum_decay"]),
            ("adam", ("w", "g", "m", "v"), ADAM["decay"]),
        ):
            found += _pair(kind, label, names, attrs, (3, 5, 2), 109, trained)
    found += _pair("accumulate", "sum", ("total", "x"), {}, (7, 11))
    found += _pair("clear", "all", ("x",), {}, (2, 13))
    found += _pair("copy", "all", ("x",), {}, (2, 13))
    return found


def _pair(
    kind: str,
    label: str,
    names: tuple[str, ...],
    attrs: dict[str, Any],
    shape: Shape,
    hard: int = 1009,
    trained: Sequence[int] | None = None,
) -> list[Case]:
    """Return the plain and the hard case; `hard` is the size of the latter."""

    def make(seed: int, inputs: dict[str, Array]) -> tuple[Plan, Inputs]:
        if "v" in inputs:
            inputs["v"] = np.abs(inputs["v"])  # a mean of squares
        if any(a.name == "correction" for a in TABLE[kind].inputs):
            inputs["correction"] = from_bits([0x3E8AC083, 0x3B032B02])  # 0.271, 0.002001
        if trained is not None:
            inputs["trained"] = np.array(trained, np.int32)
        return one_operation(kind, inputs, attrs)

    def make_plain(seed: int) -> tuple[Plan, Inputs]:
        return make(seed, {n: plain(seed, i, shape) for i, n in enumerate(names)})

    def make_hard(seed: int) -> tuple[Plan, Inputs]:
        return make(seed, {n: choice(seed, i, (hard,), PATTERNS) for i, n in enumerate(names)})

    return [Case(f"{kind}/{label}_plain", make_plain), Case(f"{kind}/{label}_hard", make_hard)]

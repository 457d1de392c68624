"""TinyProp's largest sum so far, its decision and its number of survivors."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import KINDS, Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.values import choice, labels, plain
from tinycl.plan import Plan

# Usually a sample that is the largest so far trains. In the others what is large does not, so that
# it shows whether such a sample is remembered.
FALLING = {"d_min": 0.9, "d_max": 0.1, "factor": 0.7, "threshold": 0.3}
DECIDE: dict[str, dict[str, Any]] = {
    "usual": {"d_min": 0.0, "d_max": 1.0, "factor": 1.0, "threshold": 0.5, "remember": 1},
    "remember": {**FALLING, "remember": 1},
    "forget": {**FALLING, "remember": 0},
}
# Entries that binary32 does not hold; a ratio above 1; whole numbers that lie at ties.
COUNT: dict[str, dict[str, Any]] = {
    "cut": {"entries": 1234, "s_min": 0.1, "s_max": 0.9, "zeta": 0.25, "half_even": 0},
    "nearest": {"entries": 8, "s_min": 0.0, "s_max": 1.0, "zeta": 0.5, "half_even": 1},
    "many": {"entries": 2**25 + 3, "s_min": 0.2, "s_max": 3.0, "zeta": 1.0, "half_even": 0},
}
TRAINED = ("nearest",)
EIGHTHS = np.arange(29, dtype=np.float32) / np.float32(8)


def cases() -> list[Case]:
    """Return the cases."""
    found = []
    for hardness in KINDS:
        found.append(_case("running_max", "rising", {}, hardness))
        found += [
            _case("tinyprop_decide", label, attrs, hardness) for label, attrs in DECIDE.items()
        ]
        found += [_count(label, attrs, hardness) for label, attrs in COUNT.items()]
    return found


def rising() -> Array:
    """NaNs, then patterns by magnitude, each followed by its half: ties with a threshold of 1/2."""
    sizes = np.sort(np.abs(PATTERNS[:-2]))
    sizes[:2] = -0.0, -1.0
    each = np.stack([sizes, sizes * np.float32(0.5)], axis=1).reshape(-1)
    return np.concatenate([PATTERNS[-2:], each])


def _case(kind: str, label: str, attrs: dict[str, Any], hardness: str) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        y = rising() if hardness == "hard" else np.abs(plain(seed, 0, (67,)))
        y_max = np.array([0.0 if hardness == "hard" else 0.5], np.float32)
        return one_operation(kind, {"y": y, "y_max": y_max}, attrs)

    return Case(f"{kind}/{label}_{hardness}", make)


def _count(label: str, attrs: dict[str, Any], hardness: str) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        y = np.abs(plain(seed, 0, (67,)))
        inputs = {"y": y, "peak": np.maximum.accumulate(y)}
        if hardness == "hard":
            inputs = {n: choice(seed, i, (307,), PATTERNS) for i, n in enumerate(("y", "peak"))}
            inputs["y"][:29], inputs["peak"][:29] = EIGHTHS, 1  # entries*ratio at ties
        if label in TRAINED:
            inputs["trained"] = labels(seed, 2, inputs["y"].size, 2)
        return one_operation("tinyprop_count", inputs, attrs)

    return Case(f"tinyprop_count/{label}_{hardness}", make)

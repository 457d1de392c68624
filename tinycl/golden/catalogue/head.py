"""Heads kept class by class, and synaptic intelligence: usual sizes, hard values, no class."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import KINDS, Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.values import REGIMES, Shape, choice, hard, labels, plain
from tinycl.plan import Plan

# Samples of each class before and in this batch: known, new and absent classes; none at hand.
AMOUNTS = {
    "known": ((7, 0, 12, 1, 300, 0), (3, 5, 0, 9, 2, 1)),
    "large": ((2**31 - 1, 2**24 + 1, 0, 3, 2**25 + 3, 1), (1, 3, 2**24 + 1, 0, 2**25 + 1, 7)),
    "absent": ((7, 0, 12, 1, 300, 0), (0, 0, -1, 0, 0, 0)),
}
SYNAPSES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "synaptic_path": (("path", "gradient", "before", "after"), {}),
    "synaptic_importance": (
        ("importance", "path", "anchor", "weight"),
        {"factor": 1.0, "eps": 1e-7, "clip": 0.5},
    ),
    "synaptic_pull": (("gradient", "importance", "weight", "anchor"), {"strength": 0.3}),
}
# Other attributes: a kernel that has those above built in differs.
OTHERS: dict[str, dict[str, Any]] = {
    "synaptic_importance": {"factor": 0.3, "eps": 0.125, "clip": 2.0},
    "synaptic_pull": {"strength": 1.0},
}


def cases() -> list[Case]:
    """Return the cases."""
    found = [_counts("five_plain", 37, 5), _counts("some_missing_hard", 5, 9)]
    found.append(_counts("free_places_hard", 41, 6, free=True))
    found += [_load(hardness) for hardness in KINDS]
    found += [_consolidate("known", "plain"), _consolidate("absent", "hard", "zeros")]
    found += [_consolidate("large", "hard", regime) for regime in REGIMES]
    for kind in SYNAPSES:
        found += [_synapses(kind, f"values_{hardness}", SYNAPSES[kind][1]) for hardness in KINDS]
    found += [_synapses(kind, "others_plain", attrs) for kind, attrs in OTHERS.items()]
    return found


def _counts(label: str, count: int, classes: int, free: bool = False) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        drawn = labels(seed, 0, count, classes + free) - np.int32(free)  # -1 is of no class
        inputs = {"labels": drawn}
        return one_operation("class_counts", inputs, {"classes": classes})

    return Case(f"class_counts/{label}", make)


def _values(seed: int, stream: int, shape: Shape, hardness: str) -> Array:
    if hardness == "plain":
        return plain(seed, stream, shape)
    return choice(seed, stream, shape, PATTERNS)


def _load(hardness: str) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        counts = np.array(AMOUNTS["known"][1], np.int32)
        counts[2] = -1
        inputs = {"saved": _values(seed, 0, (6, 13), hardness), "counts": counts}
        return one_operation("load_head", inputs, {})

    return Case(f"load_head/rows_{hardness}", make)


def _consolidate(label: str, hardness: str, regime: str = "") -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        if hardness == "plain":
            saved, w = plain(seed, 0, (6, 11)), plain(seed, 1, (6, 11))
        else:
            saved, w = hard(seed, 1, (6, 11), regime), hard(seed, 0, (6, 11), regime)
        past, counts = (np.array(numbers, np.int32) for numbers in AMOUNTS[label])
        inputs = {"saved": saved, "past": past, "w": w, "counts": counts}
        return one_operation("consolidate_head", inputs, {})

    name = "_".join(part for part in (label, regime, hardness) if part)
    return Case(f"consolidate_head/{name}", make)


def _synapses(kind: str, label: str, attrs: dict[str, Any]) -> Case:
    names, hardness = SYNAPSES[kind][0], label.rpartition("_")[2]

    def make(seed: int) -> tuple[Plan, Inputs]:
        shape = (5, 7, 3) if hardness == "plain" else (17, 29)
        inputs = {name: _values(seed, stream, shape, hardness) for stream, name in enumerate(names)}
        return one_operation(kind, inputs, attrs)

    return Case(f"{kind}/{label}", make)

"""Survivors chosen by magnitude, in both orders, with ties; parts of tensors; gates of ReLU."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.contract import DEFAULT
from tinycl.golden.catalogue.activations import kinks
from tinycl.golden.catalogue.case import KINDS, Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.pooling import FEW
from tinycl.golden.catalogue.values import Shape, choice, plain
from tinycl.num import generator
from tinycl.plan import Plan

HEAP = DEFAULT.but(selection_order="heap")

# Shape, k, numbers wanted: none, more than there are, one, all but one.
TOP_K: dict[str, tuple[Shape, int, tuple[int, ...] | None]] = {
    "some": ((4, 3, 5), 6, None),
    "one": ((3, 17), 1, None),
    "all": ((3, 11), 0, None),
    "ties": ((5, 23), 7, None),
    "wanted": ((6, 19), 0, (7, 0, 25, 1, 18, 4)),
}
# Shape, axis, places; of a place listed twice the last value stays.
SUBSETS: dict[str, tuple[Shape, int, tuple[int, ...]]] = {
    "rows": ((7, 5), 0, (0, 2, 3, 6)),
    "channels": ((3, 5, 2, 3), 1, (1, 4)),
    "repeated": ((2, 3, 7), 2, (5, 0, 5, 3, 0)),
}
# ReLU's gate has no upper end. The words end where the elements do, or behind them.
GATES = {"relu": (float("inf"), (2, 32)), "relu6": (6.0, (3, 5, 7))}


def cases() -> list[Case]:
    """Return the cases."""
    found = [
        _top_k(label, order, hardness)
        for label in TOP_K
        for order in ("ascending", "heap")
        for hardness in KINDS
    ]
    for hardness in KINDS:
        found += [_subset(k, label, hardness) for k in ("gather", "scatter") for label in SUBSETS]
        found += [_gate_bits(label, hardness) for label in GATES]
        found.append(_gate_grad(hardness))
    return found


def _values(seed: int, stream: int, shape: Shape, hardness: str) -> Array:
    return (
        plain(seed, stream, shape) if hardness == "plain" else choice(seed, stream, shape, PATTERNS)
    )


def _top_k(label: str, order: str, hardness: str) -> Case:
    shape, k, numbers = TOP_K[label]

    def make(seed: int) -> tuple[Plan, Inputs]:
        a = _values(seed, 0, shape, hardness)
        if label == "ties":  # multiples of 1/2; a few values, zeros of both signs and Inf
            a = np.rint(a * np.float32(2)) if hardness == "plain" else choice(seed, 0, shape, FEW)
        wanted = None if numbers is None else np.array(numbers, np.int32)
        return one_operation("top_k", {"a": a, "wanted": wanted}, {"k": k})

    name = (
        f"top_k/{label}_{hardness}" if order == "ascending" else f"top_k/{order}_{label}_{hardness}"
    )
    return Case(name, make, DEFAULT if order == "ascending" else HEAP)


def _subset(kind: str, label: str, hardness: str) -> Case:
    shape, axis, places = SUBSETS[label]

    def make(seed: int) -> tuple[Plan, Inputs]:
        x = _values(seed, 0, shape, hardness)
        y = _values(seed, 1, (*shape[:axis], len(places), *shape[axis + 1 :]), hardness)
        index = np.array([places], np.int32)
        inputs = {"x": x, "index": index} | ({"y": y} if kind == "scatter" else {})
        return one_operation(kind, inputs, {"axis": axis})

    return Case(f"{kind}/{label}_{hardness}", make)


def _gate_bits(label: str, hardness: str) -> Case:
    below, shape = GATES[label]

    def make(seed: int) -> tuple[Plan, Inputs]:
        x = plain(seed, 0, shape) * np.float32(6)  # both sides of 6
        if hardness == "hard":
            x = np.concatenate([PATTERNS, kinks()])
        return one_operation("gate_bits", {"x": x}, {"below": below})

    return Case(f"gate_bits/{label}_{hardness}", make)


def _gate_grad(hardness: str) -> Case:
    shape: dict[str, Any] = {"plain": (3, 23), "hard": (2, 64)}

    def make(seed: int) -> tuple[Plan, Inputs]:
        dy = _values(seed, 0, shape[hardness], hardness)
        words = generator.words(seed, 1, 0, -(-dy.size // 32)).view(np.int32)
        return one_operation("gate_grad", {"bits": words, "dy": dy}, {})

    return Case(f"gate_grad/words_{hardness}", make)

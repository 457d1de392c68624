"""Replay memories: rows of bytes, of labels, of values; places that move on with a turn."""

from __future__ import annotations

import math

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import KINDS, Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.values import Shape, choice, plain
from tinycl.num import generator
from tinycl.plan import Plan

# Rows of the memory, what lies behind them, places: in order; repeated, some nowhere.
ROWS: dict[str, tuple[int, Shape, tuple[int, ...]]] = {
    "plain": (6, (13,), (0, 2, 3, 5)),
    "hard": (5, (7,), (4, -1, 4, 0, -1, 0, 2)),
}
# Count, turn, entries of the order.
TURNS = {"plain": (5, 3, 17), "hard": (7, -2, 19)}


def cases() -> list[Case]:
    """Return the cases."""
    found = []
    for hardness in KINDS:
        for kind in ("gather_bytes", "gather_labels", "put_bytes", "put_labels", "put_rows"):
            found.append(_rows(kind, hardness))
        found += [_concat(kind, hardness) for kind in ("concat_rows", "concat_labels")]
        found += [_turn(kind, hardness) for kind in ("turn_places", "take_turn")]
    return found


def bytes_of(seed: int, stream: int, shape: Shape) -> Array:
    """Return random bytes."""
    words = generator.words(seed, stream, 0, math.prod(shape))
    return (words >> np.uint32(24)).astype(np.uint8).reshape(shape)


def _values(kind: str, seed: int, stream: int, shape: Shape, hardness: str) -> Array:
    if kind.endswith("bytes"):
        return bytes_of(seed, stream, shape)
    if kind.endswith("labels"):
        return generator.words(seed, stream, 0, shape[0]).view(np.int32)
    if hardness == "plain":
        return plain(seed, stream, shape)
    return choice(seed, stream, shape, PATTERNS)


def _rows(kind: str, hardness: str) -> Case:
    n, behind, places = ROWS[hardness]

    def make(seed: int) -> tuple[Plan, Inputs]:
        last = () if kind.endswith("labels") else behind
        inputs = {"x": _values(kind, seed, 0, (n, *last), hardness)}
        if kind.startswith("gather"):
            inputs["index"] = np.array([[p for p in places if p >= 0]], np.int32)
        else:
            inputs["y"] = _values(kind, seed, 1, (len(places), *last), hardness)
            inputs["places"] = np.array([places], np.int32)
        return one_operation(kind, inputs, {})

    return Case(f"{kind}/rows_{hardness}", make)


def _concat(kind: str, hardness: str) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        last = () if kind == "concat_labels" else (3, 2, 2)
        shapes = {"a": (3, *last), "b": (5, *last)}
        inputs = {
            name: _values(kind, seed, stream, shape, hardness)
            for stream, (name, shape) in enumerate(shapes.items())
        }
        return one_operation(kind, inputs, {})

    return Case(f"{kind}/rows_{hardness}", make)


def _turn(kind: str, hardness: str) -> Case:
    count, turn, entries = TURNS[hardness]

    def make(seed: int) -> tuple[Plan, Inputs]:
        inputs: dict[str, Array] = {"turn": np.array([turn], np.int32)}
        if kind == "take_turn":
            inputs["order"] = generator.permutation(entries, seed, 0)
        return one_operation(kind, inputs, {"count": count})

    return Case(f"{kind}/slice_{hardness}", make)

"""Places of new samples in a replay memory: free ones, full ones, the ends of the ranges."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.values import labels
from tinycl.plan import Plan

TOP = (1 << 31) - 1
USUAL, LAST = {"seed": 1, "stream": 2}, {"seed": TOP, "stream": TOP}

# A memory that is empty, partly free, full; one entry; all samples kept. Attributes and turn.
RANDOM: dict[str, tuple[dict[str, Any], int | None]] = {
    "empty_plain": ({**USUAL, "slots": 40, "filled": 0, "stored": 23, "count": 23}, None),
    "partly_free_plain": ({**USUAL, "slots": 30, "filled": 19, "stored": 17, "count": 29}, 3),
    "full_plain": ({**USUAL, "slots": 30, "filled": 30, "stored": 10, "count": 41}, 4),
    "all_replaced_hard": ({**LAST, "slots": 17, "filled": 17, "stored": 17, "count": 19}, -1),
    "one_slot_hard": ({**LAST, "slots": 1, "filled": 1, "stored": 1, "count": 33}, 0),
}
RESERVOIR: dict[str, tuple[dict[str, Any], int | None]] = {
    "filling_plain": ({**USUAL, "slots": 20, "seen": 7, "count": 41}, None),
    "full_plain": ({**USUAL, "slots": 20, "seen": 48, "count": 61}, 2),
    "most_samples_hard": ({**LAST, "slots": 1 << 30, "seen": TOP - 53, "count": 53}, -1),
}
# Slots, of which filled, new samples, classes, turn.
BALANCED: dict[str, tuple[int, int, int, int, int | None]] = {
    "filling_plain": (29, 11, 31, 5, None),
    "full_plain": (31, 31, 27, 7, 2),
    "of_one_class_hard": (18, 18, 23, 4, -1),
    "one_slot_hard": (1, 0, 13, 3, 0),
    "last_stream_hard": (19, 16, 29, 7, -1),
}


def cases() -> list[Case]:
    """Return the cases."""
    found = [_chosen("random_places", label, *of) for label, of in RANDOM.items()]
    found += [_chosen("reservoir_places", label, *of) for label, of in RESERVOIR.items()]
    return found + [_balanced(label, *of) for label, of in BALANCED.items()]


def _turn(turn: int | None) -> Any:
    return None if turn is None else np.array([turn], np.int32)


def _chosen(kind: str, label: str, attrs: dict[str, Any], turn: int | None) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        return one_operation(kind, {"turn": _turn(turn)}, attrs)

    return Case(f"{kind}/{label}", make)


def _balanced(
    label: str, slots: int, filled: int, count: int, classes: int, turn: int | None
) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        kept = labels(seed, 0, slots, classes + 1) - np.int32(1)
        new = labels(seed, 1, count, classes)
        if "one_class" in label:  # entries of class 1 alone give way to others
            kept[:] = 1
            kept[0] = -1
        inputs = {"kept": kept, "labels": new, "turn": _turn(turn)}
        attrs = {**(LAST if "last" in label else USUAL), "filled": filled, "classes": classes}
        return one_operation("balanced_places", inputs, attrs)

    return Case(f"balanced_places/{label}", make)

"""Random words, uniforms and permutations: usual addresses, and the ends of their ranges."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.plan import Plan

TOP = (1 << 31) - 1

# A start inside a block of four words; the last addresses, where counters carry.
ADDRESSES: dict[str, dict[str, Any]] = {
    "start_plain": {"seed": 1, "stream": 2, "start": 0, "count": 101},
    "inside_block_plain": {"seed": 12345, "stream": 7, "start": 1003, "count": 62},
    "last_address_hard": {"seed": TOP, "stream": TOP, "start": TOP, "count": 67},
    "one_hard": {"seed": 0, "stream": 0, "start": 3, "count": 1},
    "later_turn_plain": {"seed": 1, "stream": 2, "start": 0, "count": 101},
    "last_turn_hard": {"seed": TOP, "stream": TOP, "start": 5, "count": 67},
}
TURNS = {"later_turn_plain": 9, "last_turn_hard": -1}


def cases() -> list[Case]:
    """Return the cases."""
    found = []
    for kind in ("random_words", "random_uniform", "random_permutation"):
        for label, address in ADDRESSES.items():
            attrs = dict(address)
            if kind == "random_permutation":
                del attrs["start"]
            found.append(_case(f"{kind}/{label}", kind, attrs, TURNS.get(label)))
    found += [_case(f"next_turn/{label}", "next_turn", {}, turn) for label, turn in TURNS.items()]
    return found


def _case(name: str, kind: str, attrs: dict[str, Any], turn: int | None) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        given = None if turn is None else np.array([turn], np.int32)
        return one_operation(kind, {"turn": given}, attrs)

    return Case(name, make)

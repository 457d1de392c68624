"""Dropout: rates, turns, hard values."""

from __future__ import annotations

import numpy as np

from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.values import choice, plain
from tinycl.plan import Plan

RATES = {"quarter": 0.25, "tenth": 0.1, "nearly_all": 0.984375}
TURNS = {"quarter": None, "tenth": 7, "nearly_all": -1}


def cases() -> list[Case]:
    """Return the cases."""
    return [_case(label, kind) for label in RATES for kind in ("plain", "hard")]


def _case(label: str, kind: str) -> Case:
    turn = TURNS[label]

    def make(seed: int) -> tuple[Plan, Inputs]:
        x = plain(seed, 0, (3, 5, 7, 3)) if kind == "plain" else choice(seed, 0, (509,), PATTERNS)
        given = None if turn is None else np.array([turn], np.int32)
        attrs = {"seed": seed, "stream": 11, "rate": RATES[label]}
        return one_operation("dropout_forward", {"x": x, "turn": given}, attrs)

    return Case(f"dropout_forward/{label}_{kind}", make)

"""Sums of magnitudes and of squares, by which sparse training measures gradients and weights."""

from __future__ import annotations

from typing import Any

from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.paired import paired
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.values import REGIMES, Shape, choice
from tinycl.ops import TABLE
from tinycl.plan import Plan

# Operation, label, shape, attributes, regime. Odd numbers of rows and samples do not divide by the
# chains or cores that share them. Magnitudes never cancel: tiny ones, and some with Inf and NaN.
MEASURES: tuple[tuple[str, str, Shape, dict[str, Any], str], ...] = (
    ("magnitude_sum", "image", (5, 3, 4, 7), {}, "subnormal"),
    ("magnitude_sum", "one_row", (1, 41), {}, "huge"),
    ("entry_magnitudes", "image", (7, 2, 5, 3), {}, "subnormal"),
    ("entry_magnitudes", "linear", (3, 19), {}, "huge"),
    ("channel_magnitudes", "image", (3, 5, 2, 7), {}, "subnormal"),
    ("channel_magnitudes", "point", (2, 13, 1, 1), {}, "huge"),
    ("axis_squares", "outputs", (7, 3, 3, 2), {"axis": 0}, "underflow"),
    ("axis_squares", "inputs", (5, 11, 2, 2), {"axis": 1}, "cancelling"),
    ("axis_squares", "linear", (6, 9), {"axis": 1}, "huge"),
)


def cases() -> list[Case]:
    """Return the cases."""
    found = []
    for kind, label, shape, attrs, regime in MEASURES:
        operand = TABLE[kind].inputs[0].name
        found += paired(kind, label, {operand: shape}, attrs, REGIMES.index(regime))
    found.append(Case("axis_squares/patterns_hard", _patterns))
    return found


def _patterns(seed: int) -> tuple[Plan, Inputs]:
    w = choice(seed, 0, (37, 3), PATTERNS)
    return one_operation("axis_squares", {"w": w}, {"axis": 0})

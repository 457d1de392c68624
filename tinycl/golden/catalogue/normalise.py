"""Normalisation with its statistics and gradients, folding, channel scales."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.values import Shape, choice, hard, plain
from tinycl.ops import TABLE
from tinycl.plan import Plan

# Odd numbers of channels and positions do not divide by the chains or cores that share them.
# Shape, regime of the hard case, optional tensors that are there.
NORMS: dict[str, tuple[Shape, str, str]] = {
    "image": ((3, 11, 3, 5), "cancelling", ""),
    "rows_renorm": ((5, 19), "subnormal", "r d"),
    "wide_renorm": ((1, 3, 5, 9), "huge", "r d"),
}
# Either correction alone.
ALONE = {"r_alone": "r", "d_alone": "d"}
IMAGES: dict[str, tuple[Shape, str, str]] = {
    "image": ((3, 5, 3, 5), "cancelling", ""),
    "wide": ((1, 9, 2, 9), "subnormal", ""),
}
SUMS = (
    "channel_moments",
    "normalise_forward",
    "normalise_weight_grad",
    "normalise_input_grad",
    "batch_norm_input_grad",
)
SCALES = ("channel_scale_forward", "channel_scale_input_grad", "channel_scale_gate_grad")
WEIGHTS: dict[str, tuple[Shape, str, str]] = {
    "conv2d": ((5, 3, 2, 3), "cancelling", ""),
    "depthwise": ((7, 3, 3), "subnormal", "bias"),
    "linear": ((4, 9), "huge", "bias"),
}
EACH: dict[str, dict[str, Any]] = {
    "deviation": {"eps": 1e-5},
    "moving_average": {"rate": 0.1, "scale": 1.0625},
    "renorm_corrections": {"rmax": 1.25, "dmax": 0.5},
}
# Other attributes: a kernel that has those above built in differs.
OTHERS: dict[str, dict[str, Any]] = {
    "deviation": {"eps": 0.125},
    "moving_average": {"rate": 0.3, "scale": 1.25},
    "renorm_corrections": {"rmax": 3.0, "dmax": 1.5},
}
POSITIVE = ("std", "moving_std", "var")
# What divides or multiplies: of ordinary size where the others are subnormal.
FACTORS = ("std", "gamma", "r", "s")


def cases() -> list[Case]:
    """Return the cases."""
    found = []
    for kind, attrs in EACH.items():
        found += _pair(kind, "channels", (19,), attrs)
        found += _pair(kind, "others", (19,), OTHERS[kind])
        found.append(_patterns(kind, attrs))
    for label, optional in ALONE.items():
        for kind in ("normalise_forward", "normalise_weight_grad"):
            found += _pair(kind, label, (3, 5, 2, 3), {}, "cancelling", optional)
    for kinds, shapes in ((SUMS, NORMS), (SCALES, IMAGES), (("fold_norm",), WEIGHTS)):
        for kind in kinds:
            for label, (shape, regime, optional) in shapes.items():
                found += _pair(kind, label, shape, {}, regime, optional)
    return found


def _operands(kind: str, shape: Shape, optional: str) -> dict[str, Shape]:
    """Return the shapes of the inputs, of optional ones those that are named."""
    channels = shape[:1] if kind == "fold_norm" else shape[1:2]
    by_axes = {"c": channels, "n c 1 1": (*shape[:2], 1, 1)}
    return {
        a.name: by_axes.get(a.axes, shape)
        for a in TABLE[kind].inputs
        if not a.optional or a.name in optional.split()
    }


def _pair(
    kind: str,
    label: str,
    shape: Shape,
    attrs: dict[str, Any],
    regime: str = "zeros",
    optional: str = "",
) -> list[Case]:
    """Return the plain and the hard case."""
    operands = _operands(kind, shape, optional)
    if kind == "channel_moments" and regime == "subnormal":
        regime = "underflow"  # of the squares
    if kind == "batch_norm_input_grad" and regime == "huge":
        regime = "zeros"  # huge sums would leave nothing but NaN

    def value(seed: int, stream: int, name: str) -> Array:
        drawn = plain(seed, stream, operands[name])
        return np.abs(drawn) + np.float32(0.5) if name in POSITIVE else drawn

    def make_plain(seed: int) -> tuple[Plan, Inputs]:
        inputs = {n: value(seed, i, n) for i, n in enumerate(operands)}
        return one_operation(kind, inputs, attrs)

    def make_hard(seed: int) -> tuple[Plan, Inputs]:
        inputs = {
            n: hard(seed, 2 * i + (n in FACTORS), s, regime)
            for i, (n, s) in enumerate(operands.items())
        }
        if regime == "underflow":
            inputs["x"][0] = hard(seed, 4, shape[1:], "subnormal")
        return one_operation(kind, inputs, attrs)

    found = [Case(f"{kind}/{label}_plain", make_plain)]
    return found if kind in EACH else [*found, Case(f"{kind}/{label}_hard", make_hard)]


def _patterns(kind: str, attrs: dict[str, Any]) -> Case:
    """Return the case of all patterns, drawn for each operand."""

    def make(seed: int) -> tuple[Plan, Inputs]:
        names = [a.name for a in TABLE[kind].inputs]
        inputs = {n: choice(seed, i, (1009,), PATTERNS) for i, n in enumerate(names)}
        return one_operation(kind, inputs, attrs)

    return Case(f"{kind}/patterns_hard", make)

"""Softmax cross-entropy, mean squared error, the mean."""

from __future__ import annotations

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.values import Shape, choice, hard, labels, plain
from tinycl.plan import Plan

INF, NAN, LEAST, MOST = np.inf, np.nan, 2.0**-149, 3.4028234663852886e38


def scores() -> Array:
    """Rows of scores, each hard in its own way, shape (9, 5)."""
    rows = [
        (0.0, -0.0, 0.0, -0.0, LEAST),  # nearly a tie
        (2.0, 2.0, 2.0, 2.0, 2.0),  # a tie
        (1.0, -86.5, -87.5, -100.5, -103.25),  # exp from normal to subnormal to zero
        (MOST, -MOST, 1.0, 0.0, MOST),  # differences overflow
        (INF, 1.0, -1.0, 0.5, 3.0),  # Inf - Inf
        (-INF, 0.25, -INF, 0.5, -0.75),
        (-INF, -INF, -INF, -INF, -INF),
        (1.0, NAN, INF, 0.0, 2.0),
        (16777216.0, 16777217.0, 16777218.0, 16777215.0, 3.0),
    ]
    return np.array(rows, np.float32)


def cases() -> list[Case]:
    """Return the cases."""
    found = []
    for n, classes in ((4, 10), (1, 3), (7, 2)):
        found += _softmax(f"{n}x{classes}_plain", (n, classes), None)
    found += _softmax("rows_hard", scores().shape, scores())
    for label, shape in {"matrix": (4, 11), "image": (3, 2, 5, 3), "vector": (7,)}.items():
        found += _squared(f"{label}_plain", shape, None)
    for regime in ("underflow", "cancelling", "huge"):
        found += _squared(f"{regime}_hard", (5, 7), regime)
    found += _squared("subnormal_hard", (5, 7), "subnormal")[1:]  # the squares are all +0.0
    found += [_mean("batch_plain", None, 7), _mean("accumulated_plain", None, 21)]
    found += [_mean(f"{r}_hard", r, 13) for r in ("subnormal", "cancelling", "huge")]
    return found


def _softmax(label: str, shape: Shape, given: Array | None) -> list[Case]:
    def forward(seed: int) -> tuple[Plan, Inputs]:
        z = plain(seed, 0, shape) * np.float32(4) if given is None else given
        target = labels(seed, 1, *shape)
        return one_operation("softmax_cross_entropy_forward", {"z": z, "target": target}, {})

    def backward(seed: int) -> tuple[Plan, Inputs]:
        p = np.abs(plain(seed, 0, shape)) if given is None else choice(seed, 0, shape, PATTERNS)
        inputs = {"p": p, "target": labels(seed, 1, *shape)}
        return one_operation("softmax_cross_entropy_input_grad", inputs, {"batch": 3 * shape[0]})

    return [
        Case(f"softmax_cross_entropy_forward/{label}", forward),
        Case(f"softmax_cross_entropy_input_grad/{label}", backward),
    ]


def _squared(label: str, shape: Shape, regime: str | None) -> list[Case]:
    def inputs(seed: int) -> Inputs:
        if regime is None:
            return {"y": plain(seed, 0, shape), "t": plain(seed, 1, shape)}
        y, t = hard(seed, 0, shape, regime), hard(seed, 2, shape, regime)
        if regime == "underflow":
            y[0] = hard(seed, 4, shape[1:], "subnormal")
        if regime == "huge":
            y[1:-1] *= np.array([2.0**-20, 1, 2.0**20], np.float32)[:, None]
        return {"y": y, "t": t}

    def forward(seed: int) -> tuple[Plan, Inputs]:
        return one_operation("mean_squared_error_forward", inputs(seed), {})

    def backward(seed: int) -> tuple[Plan, Inputs]:
        return one_operation("mean_squared_error_input_grad", inputs(seed), {"batch": 2 * shape[0]})

    return [
        Case(f"mean_squared_error_forward/{label}", forward),
        Case(f"mean_squared_error_input_grad/{label}", backward),
    ]


def _mean(label: str, regime: str | None, count: int) -> Case:
    def make(seed: int) -> tuple[Plan, Inputs]:
        x = plain(seed, 0, (7,)) if regime is None else hard(seed, 0, (13,), regime)
        return one_operation("mean", {"x": x}, {"count": count})

    return Case(f"mean/{label}", make)

"""Sparse gradients: entries and channels, each sample its own or all the same, both orders."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import Case
from tinycl.golden.catalogue.paired import paired
from tinycl.golden.catalogue.survivors import LISTS, Lists
from tinycl.golden.catalogue.values import REGIMES, Shape, labels
from tinycl.golden.catalogue.windows import Geometry

# Windows: padding on all sides, stride with gaps, whole windows on padding.
GEOMETRIES = (
    Geometry("padded", 4, 2, 5, (5, 4), (3, 3), padding=(1, 1, 1, 1)),
    Geometry("stride2", 4, 3, 4, (6, 7), (3, 2), (2, 2), (0, 1, 1, 0)),
    Geometry("wide_padding", 5, 3, 3, (3, 2), (2, 2), (1, 2), (1, 2, 2, 1)),
)
# n, ci, co, (h, w)
POINTWISE: tuple[tuple[int, int, int, Shape], ...] = (
    (4, 5, 7, (3, 2)),
    (5, 3, 4, (2, 5)),
    (4, 8, 3, (1, 3)),
)
# n, input features, output features
LINEAR = ((5, 7, 11), (4, 13, 5), (6, 3, 9))
SAMPLED: dict[str, tuple[Shape, str]] = {
    "image": ((5, 7, 3, 4), "subnormal"),
    "linear": ((11, 5), "cancelling"),
    "sequence": ((7, 3, 4), "zeros"),
    "prime": ((13, 3), "huge"),
}
BIAS: tuple[Shape, ...] = ((4, 5, 3, 4), (5, 7, 2, 3), (4, 9, 5))


def cases() -> list[Case]:
    """Return the cases."""
    found: list[Case] = []
    for i, lists in enumerate(LISTS):
        g = GEOMETRIES[i % 3]
        for family in ("conv2d", "depthwise"):
            found += _windows(family, g, lists)
        n, ci, co, size = POINTWISE[i % 3]
        x, w, dy = (n, ci, *size), (co, ci), (n, co, *size)
        found += _both("pointwise", lists, x, w, dy, {}, {})
        if not lists.channels:
            n, fi, fo = LINEAR[i % 3]
            found += _both("linear", lists, (n, fi), (fo, fi), (n, fo), {}, {})
        found += _cases("sparse_bias_grad", lists, {"dy": BIAS[i % 3]}, {})
    for label, (dy, regime) in SAMPLED.items():
        place = REGIMES.index(regime)
        found += paired("sampled_bias_grad", label, {"dy": dy}, {}, place, _trained(dy[0]))
    return found


def _trained(n: int) -> Callable[[int], dict[str, Array]]:
    """Return what draws which of n samples train: the first does, the second does not."""
    mask = np.array([1, 0], np.int32)
    return lambda seed: {"trained": np.concatenate([mask, labels(seed, 1000, n - 2, 2)])}


def _windows(family: str, g: Geometry, lists: Lists) -> list[Case]:
    """Return the cases of one family with windows; depthwise has the input's channels alone."""
    own = family == "depthwise"
    w, dy = ((g.ci, *g.kernel), g.ci) if own else ((g.co, g.ci, *g.kernel), g.co)
    weight, inputs = {"kernel": g.kernel, **g.attrs}, {"size": g.size, **g.attrs}
    return _both(family, lists, (g.n, g.ci, *g.size), w, (g.n, dy, *g.out), weight, inputs)


def _both(
    family: str,
    lists: Lists,
    x: Shape,
    w: Shape,
    dy: Shape,
    weight: dict[str, Any],
    inputs: dict[str, Any],
) -> list[Case]:
    """Return the cases of the weight gradient and the input gradient, with their attributes."""
    return [
        *_cases(f"{family}_sparse_weight_grad", lists, {"x": x, "dy": dy}, weight),
        *_cases(f"{family}_sparse_input_grad", lists, {"dy": dy, "w": w}, inputs),
    ]


def _cases(kind: str, lists: Lists, shapes: dict[str, Shape], attrs: dict[str, Any]) -> list[Case]:
    n, c, *positions = shapes["dy"]
    m = c if lists.channels else c * math.prod(positions)
    if not kind.startswith("linear"):
        attrs = {**attrs, "channels": int(lists.channels)}
    place = REGIMES.index(lists.regime)
    pair = paired(
        kind, lists.label, shapes, attrs, place, lambda seed: lists.draw(seed, n, m), lists.contract
    )
    return [case for case in pair if case.name.rpartition("_")[2] in lists.kinds]

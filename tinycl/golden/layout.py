"""The order of a tensor's axes in memory: as in a plan, channels first (chw), or last (hwc)."""

from __future__ import annotations

import numpy as np

from tinycl.bits import Array
from tinycl.errors import ShapeError
from tinycl.plan import Plan

LAYOUTS = ("chw", "hwc")


def leading_axes(plan: Plan, name: str) -> int:
    """How many axes of a tensor of a golden count slices or executions: 1 or 0.

    Parameters
    ----------
    plan : Plan
    name : str
        As in `Golden.everything`, such as ``input/x`` or ``record/train/loss``.
    """
    group, _, rest = name.partition("/")
    return int(group == "record" or (group == "input" and rest in plan.streamed))


def to_layout(value: Array, layout: str, leading: int = 0) -> Array:
    """Return a tensor as it lies in memory.

    ``hwc``: (n, c, h, w) becomes (n, h, w, c), (co, ci, kh, kw) becomes (co, kh, kw, ci),
    (c, kh, kw) becomes (kh, kw, c). Of other ranks, and in ``chw``, nothing changes.

    Parameters
    ----------
    value : ndarray
    layout : {"chw", "hwc"}
    leading : int
        Axes in front that stay where they are.
    """
    order = axis_order(np.ndim(value), layout, leading)
    return np.ascontiguousarray(np.transpose(value, order)).reshape([value.shape[i] for i in order])


def from_layout(value: Array, layout: str, leading: int = 0) -> Array:
    """Return a tensor in the order of the plan: the inverse of `to_layout`."""
    order = np.argsort(axis_order(np.ndim(value), layout, leading)).astype(int)
    return np.ascontiguousarray(np.transpose(value, order)).reshape([value.shape[i] for i in order])


def layout_shape(shape: tuple[int, ...], layout: str, leading: int = 0) -> tuple[int, ...]:
    """Shape of a tensor as it lies in memory."""
    return tuple(shape[i] for i in axis_order(len(shape), layout, leading))


def axis_order(rank: int, layout: str, leading: int = 0) -> list[int]:
    """Which axis of a plan's tensor stands at each place in memory."""
    if layout not in LAYOUTS:
        raise ShapeError(f"layout {layout!r} is not one of {', '.join(LAYOUTS)}")
    leading = min(leading, rank)
    first, inner = list(range(leading)), list(range(leading, rank))
    if layout == "hwc" and len(inner) == 4:
        inner = [inner[0], inner[2], inner[3], inner[1]]
    elif layout == "hwc" and len(inner) == 3:
        inner = [inner[1], inner[2], inner[0]]
    return [*first, *inner]

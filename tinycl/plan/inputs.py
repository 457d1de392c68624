"""The data that a plan is run with: complete, of the right shape and dtype, in range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinycl.bits import DTYPES, Array, canonical
from tinycl.errors import ShapeError
from tinycl.ops import TABLE
from tinycl.plan.plan import Plan

NONE = -1  # a label or place of nothing


def check_inputs(plan: Plan, inputs: Mapping[str, Any]) -> dict[str, Array]:
    """Check the given tensors before any work, and give them contiguous canonical form.

    Parameters
    ----------
    plan : Plan
    inputs : mapping of str to ndarray
        One array for each input, weight and state. A streamed tensor comes as (slices, *shape),
        with at least as many slices as the schedule takes.

    Returns
    -------
    dict of str to ndarray
        Own copies, C-contiguous, every NaN 0x7fc00000; streams cut to the slices that are used.

    Raises
    ------
    ShapeError
        A tensor that is missing, unknown, of a wrong dtype or shape, or an integer out of range.
    """
    needed = {n for n, t in plan.tensors.items() if t.given or n in plan.streamed}
    unknown = sorted(set(inputs) - needed)
    if unknown:
        raise ShapeError(f"inputs: the plan takes no {unknown}; it takes {sorted(needed)}")
    missing = sorted(needed - set(inputs))
    if missing:
        raise ShapeError(f"inputs: missing {missing}; give one array for each")
    checked: dict[str, Array] = {}
    for name in plan.tensors:
        if name not in needed:
            continue
        tensor, value = plan.tensors[name], inputs[name]
        if not isinstance(value, np.ndarray) or value.dtype != DTYPES[tensor.dtype]:
            got = value.dtype if isinstance(value, np.ndarray) else type(value).__name__
            raise ShapeError(
                f"inputs: {name} must be a NumPy array of {DTYPES[tensor.dtype].__name__}, "
                f"got {got}"
            )
        shape = tensor.shape
        if name in plan.streamed:
            slices = plan.slices(name)
            if value.ndim != len(shape) + 1 or value.shape[1:] != shape or len(value) < slices:
                raise ShapeError(
                    f"inputs: {name} is streamed: it needs shape ({slices} or more, "
                    f"{', '.join(map(str, shape))}), got {value.shape}"
                )
            value = value[:slices]
        elif value.shape != shape:
            raise ShapeError(f"inputs: {name} needs shape {shape}, got {value.shape}")
        checked[name] = np.array(canonical(value), order="C", copy=True)
    _check_bounds(plan, checked)
    return checked


def _held(plan: Plan) -> dict[str, set[str]]:
    """Return, for each integer tensor, the inputs and states whose values can be in it."""
    held = {n: {n} for n, t in plan.tensors.items() if t.dtype == "i32" and t.given}
    size = -1
    while size != (size := sum(map(len, held.values()))):
        for body in plan.bodies.values():
            for op in body.ops:
                row = TABLE[op.kind]
                names = dict(zip((a.name for a in row.inputs), op.inputs, strict=False))
                for arg, name in zip(row.outputs, op.outputs, strict=True):
                    if name is not None and arg.moves:
                        sources = (held.get(names[m] or "", set()) for m in arg.moves)
                        held.setdefault(name, set()).update(*sources)
    return held


def _check_bounds(plan: Plan, inputs: Mapping[str, Array]) -> None:
    """Integer inputs that index something must lie inside it: labels, chosen positions.

    They are followed through operations that move them. A state that is moved may hold -1, which
    is none: a memory with free places.
    """
    held = _held(plan)
    for body in plan.bodies.values():
        for op in body.ops:
            row = TABLE[op.kind]
            names = dict(zip((a.name for a in row.inputs), op.inputs, strict=False))
            shapes = {a: plan.tensors[n].shape for a, n in names.items() if n is not None}
            attrs = row.attributes(op.attrs)
            for arg, name in names.items():
                for source in sorted(held.get(name or "", ())):
                    value = inputs[source]
                    if source != name and plan.tensors[source].role == "state":
                        value = np.where(value == NONE, 0, value)
                    found = row.out_of_range({arg: value}, shapes, attrs)
                    if found is not None:
                        _, told, allowed = found
                        raise ShapeError(
                            f"inputs: {source}{told}; {op.kind} takes values from {allowed}"
                        )

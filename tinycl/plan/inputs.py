"""The data that a plan is run with: complete, of the right shape and dtype, in range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinycl.bits import DTYPES, Array, canonical
from tinycl.errors import ShapeError
from tinycl.ops import TABLE
from tinycl.plan.plan import Plan
from tinycl.plan.ranges import moved_ranges


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


def _check_bounds(plan: Plan, inputs: Mapping[str, Array]) -> None:
    """Integer inputs that index something must lie inside it: labels, chosen positions.

    Those that are moved first count where they arrive.
    """
    moved = {n: r for n, r in moved_ranges(plan, inputs).items() if n not in inputs}
    for body in plan.bodies.values():
        for op in body.ops:
            row = TABLE[op.kind]
            names = dict(zip((a.name for a in row.inputs), op.inputs, strict=False))
            shapes = {a: plan.tensors[n].shape for a, n in names.items() if n is not None}
            values = {a: inputs[n] for a, n in names.items() if n is not None and n in inputs}
            found = row.out_of_range(values, shapes, row.attributes(op.attrs))
            if found is not None:
                arg, told, allowed = found
                raise ShapeError(
                    f"inputs: {names[arg]}{told}; {op.kind} takes values from {allowed}"
                )
            for arg, name in names.items():
                for end in moved.get(str(name), ()):
                    one = {arg: np.array([end.value])}
                    found = row.out_of_range(one, shapes, row.attributes(op.attrs))
                    if found is not None:
                        raise ShapeError(
                            f"inputs: {end.where} is {end.value}; it comes to {op.kind}, which "
                            f"takes values from {found[2]}"
                        )

"""The coordinates of every tensor that a run of a plan gives back."""

from __future__ import annotations

from tinycl.ops import TABLE
from tinycl.parity.compare import axis_names
from tinycl.plan import Op, Plan


def result_axes(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Names of the axes of each of `Result.tensors()`, by name.

    A trace entry has the axes of the operation that wrote it; an output or record those of the last
    operation that wrote the tensor; a record begins with the axis ``execution``.
    """
    found: dict[str, tuple[str, ...]] = {}
    last: dict[str, tuple[str, ...]] = {}
    for step, body in enumerate(plan.steps()):
        for index, op in enumerate(body.ops):
            for name, axes in written_axes(plan, op).items():
                found[f"trace/{step}/{body.name}/{index:02d}.{op.kind}/{name}"] = axes
                last[name] = axes

    def of(name: str) -> tuple[str, ...]:
        return last.get(name) or axis_names("i", len(plan.tensors[name].shape))

    for body in plan.bodies.values():
        for name in body.records:
            found[f"record/{body.name}/{name}"] = ("execution", *of(name))
    for name in plan.outputs:
        found[f"output/{name}"] = of(name)
    return found


def written_axes(plan: Plan, op: Op) -> dict[str, tuple[str, ...]]:
    """Names of the axes of each tensor that an operation writes."""
    return {
        name: axis_names(arg.axes, len(plan.tensors[name].shape))
        for arg, name in zip(TABLE[op.kind].outputs, op.outputs, strict=True)
        if name is not None
    }


def input_axes(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Names of the axes of each tensor that goes in, by name: those of its first reader.

    A streamed tensor begins with the axis ``slice``.
    """
    found: dict[str, tuple[str, ...]] = {}
    for body in plan.bodies.values():
        for op in body.ops:
            for arg, name in zip(TABLE[op.kind].inputs, op.inputs, strict=False):
                if name is not None and name not in found:
                    found[name] = axis_names(arg.axes, len(plan.tensors[name].shape))
    first = {name: ("slice",) if name in plan.streamed else () for name in plan.tensors}
    return {
        name: (*first[name], *(found.get(name) or axis_names("i", len(tensor.shape))))
        for name, tensor in plan.tensors.items()
        if tensor.given or first[name]
    }

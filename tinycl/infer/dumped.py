"""Tensors of a dump, put where the calls of a run look for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from tinycl.bits import Array, equal
from tinycl.infer.calls import trace_place
from tinycl.plan import Plan


def placed(plan: Plan, tensors: Mapping[str, Array]) -> dict[str, Array]:
    """Return outputs and records as what the operation left that wrote them last.

    Parameters
    ----------
    plan : Plan
    tensors : mapping of str to ndarray
        Some of ``trace/...``, ``record/...``, ``output/...``.

    Returns
    -------
    dict of str to ndarray
        ``trace/...`` alone. Where the trace itself has a tensor, that one stays.
    """
    found = {name: value for name, value in tensors.items() if name.startswith("trace/")}
    last: dict[str, str] = {}  # by tensor: its newest entry of the trace
    ran: Counter[str] = Counter()
    for step, body in enumerate(plan.steps()):
        for name in body.streams:
            last.pop(name, None)
        for index, op in enumerate(body.ops):
            place = trace_place(step, body.name, index, op)
            last.update({name: f"{place}/{name}" for name in op.writes})
        for name in body.records:
            value = tensors.get(f"record/{body.name}/{name}")
            if value is not None and value.ndim and ran[body.name] < len(value) and name in last:
                found.setdefault(last[name], value[ran[body.name]])
        ran[body.name] += 1
    for name in plan.outputs:
        if f"output/{name}" in tensors and name in last:
            found.setdefault(last[name], tensors[f"output/{name}"])
    return found


def unlike(expected: Mapping[str, Array], got: Mapping[str, Array]) -> set[str]:
    """Return the names of tensors of both that are not equal."""
    return {n for n, value in got.items() if n in expected and not _same(expected[n], value)}


def inputs_with(inputs: Mapping[str, Array], tensors: Mapping[str, Array]) -> dict[str, Array]:
    """Return inputs, with those in their place that a dump has, too, in the right shape."""
    own = {n: tensors.get(f"input/{n}") for n in inputs}
    return {
        name: value if mine is None or not _alike(value, mine) else mine
        for name, value in inputs.items()
        for mine in (own[name],)
    }


def _alike(a: Array, b: Array) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype


def _same(a: Array, b: Array) -> bool:
    return _alike(a, b) and equal(a, b)

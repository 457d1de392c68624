"""Multiply-accumulates of backward passes, as the kernels counted them."""

from __future__ import annotations

from collections.abc import Mapping

from tinycl.bits import Array
from tinycl.plan import Plan


def backward_macs(plan: Plan, records: Mapping[str, Array], body: str = "step") -> int:
    """Return the multiply-accumulates of weight and input gradients in all runs of a body.

    Parameters
    ----------
    plan : Plan
    records : mapping of str to ndarray
        Of its run. What a sparse kernel counted stands in ``body/<gradient>_effort``; a dense one
        costs what the table says.
    body : str
    """
    if body not in plan.bodies:
        return 0
    total, runs = 0, plan.body_executions(body)
    for op in plan.bodies[body].ops:
        if not op.kind.endswith("_grad"):
            continue
        counted = records.get(f"{body}/{op.writes[0]}_effort")
        total += runs * plan.op_macs(op) if counted is None else int(counted.sum(dtype="int64"))
    return total

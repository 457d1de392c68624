"""How many tensors and elements a run of a plan gives back, read off the plan alone."""

from __future__ import annotations

from typing import NamedTuple

from tinycl.plan import Plan


class Count(NamedTuple):
    """Tensors and elements."""

    tensors: int
    elements: int

    def plus(self, other: Count) -> Count:
        """Return the sum."""
        return Count(self.tensors + other.tensors, self.elements + other.elements)


def expected(plan: Plan, checked: bool) -> Count:
    """Count outputs, records and, for a checked run, what every operation writes.

    Records of a body count as one tensor each, whatever the number of executions.
    """
    total = Count(len(plan.outputs), sum(plan.tensors[n].size for n in plan.outputs))
    for body in plan.bodies.values():
        times = plan.body_executions(body.name)
        kept = sum(plan.tensors[n].size for n in body.records) * times
        total = total.plus(Count(len(body.records), kept))
        if checked:
            written = [n for op in body.ops for n in op.writes]
            size = sum(plan.tensors[n].size for n in written)
            total = total.plus(Count(len(written) * times, size * times))
    return total

"""What a run of a plan gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tinycl.bits import Array


class Entry(NamedTuple):
    """One tensor as one operation left it.

    `step` counts body executions from 0, `op_index` is the operation's place in its body.
    """

    step: int
    body: str
    op_index: int
    op: str
    tensor: str
    value: Array

    @property
    def key(self) -> str:
        """Name that is unique in a run, such as ``3/train/07.relu_forward/y1``."""
        return f"{self.step}/{self.body}/{self.op_index:02d}.{self.op}/{self.tensor}"


class Cost(NamedTuple):
    """What one operation took.

    `cycles` go from its fork to its join, 0 where the target counts none; `instructions` are those
    of all cores together; `tiles` says in how many it was cut in local memory, 0 where it worked in
    place. `step` counts body executions from 0, `op_index` is the operation's place in its body.
    """

    step: int
    body: str
    op_index: int
    op: str
    cycles: int
    instructions: int
    tiles: int


@dataclass(frozen=True)
class Result:
    """Outputs, records and, of a checked run, the trace of every operation.

    Attributes
    ----------
    outputs : mapping of str to ndarray
        Final values of the plan's outputs.
    records : mapping of str to ndarray, shape (executions, *shape)
        Under ``body/tensor``: the value at the end of each execution of the body.
    trace : tuple of Entry
        In the order of execution; empty in a lean run.
    instructions : int, optional
        Of all operations together, where the target counts them (`QemuTarget`).
    costs : tuple of Cost
        Of each operation, in the order of execution; empty unless asked for.
    """

    outputs: Mapping[str, Array]
    records: Mapping[str, Array]
    trace: tuple[Entry, ...] = ()
    instructions: int | None = None
    costs: tuple[Cost, ...] = ()

    def tensors(self) -> dict[str, Array]:
        """Return everything under one name each: ``trace/...``, ``record/...``, ``output/...``."""
        found = {f"trace/{entry.key}": entry.value for entry in self.trace}
        found.update({f"record/{name}": value for name, value in self.records.items()})
        found.update({f"output/{name}": value for name, value in self.outputs.items()})
        return found

"""The lines that a golden expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tinycl.bits import Array, crc32
from tinycl.golden.layout import to_layout
from tinycl.golden.schema import Golden
from tinycl.plan import Plan
from tinycl.trace.line import Line

INPUT = "input"


@dataclass(frozen=True)
class Hash:
    """One tensor as one operation left it, or as it went in.

    Attributes
    ----------
    step : int
        Counts executions of bodies from 0.
    place : int
        Of the operation in its body; -1 for what goes in.
    operation : str
        ``input`` for what goes in: before the first step, or the slice of a step.
    tensor : str
    words, crc32 : int
        Number of elements, CRC-32 of their bits.
    key : str
        In the golden: ``trace/0/main/00.linear_forward/y``, ``input/x``.
    counted : bool
        Whether `place` is the place in the body; else it counts the lines of the step.
    """

    step: int
    place: int
    operation: str
    tensor: str
    words: int
    crc32: int
    key: str
    counted: bool = True

    @property
    def optional(self) -> bool:
        """Whether nobody misses it: what goes in need not be printed."""
        return self.operation == INPUT

    def line(self, sequence: int, core: int = 0) -> Line:
        """Return the line that a device prints."""
        return Line(sequence, core, self.step, self.operation, self.tensor, self.words, self.crc32)


def expected(golden: Golden, layout: str = "chw") -> list[Hash]:
    """Return every hash of a golden in the order of execution.

    Parameters
    ----------
    golden : Golden
    layout : {"chw", "hwc"}
        How tensors lie in the memory of the device.
    """
    return hashes_of(golden.plan, golden.inputs, golden.tensors, layout)


def hashes_of(
    plan: Plan,
    inputs: Mapping[str, Array],
    tensors: Mapping[str, Array],
    layout: str = "chw",
    first: int = 0,
) -> list[Hash]:
    """Return every hash of a run, or of a part of one, in the order of execution.

    Parameters
    ----------
    plan : Plan
    inputs : mapping of str to ndarray
    tensors : mapping of str to ndarray
        `Result.tensors()` of a checked run.
    layout : {"chw", "hwc"}
    first : int
        Executions of bodies before this part. What a later part goes on with goes in no more.
    """

    def of(step: int, place: int, operation: str, tensor: str, key: str, value: Array) -> Hash:
        value = to_layout(value, layout)
        return Hash(first + step, place, operation, tensor, value.size, crc32(value), key)

    streamed = plan.streamed
    found = [
        of(0, -1, INPUT, name, f"input/{name}", value)
        for name, value in inputs.items()
        if name not in streamed and not first
    ]
    taken = dict.fromkeys(streamed, 0)
    for step, body in enumerate(plan.steps()):
        for name in body.streams:
            value = np.asarray(inputs[name])[taken[name]]
            found.append(of(step, -1, INPUT, name, f"input/{name}", value))
            taken[name] += 1
        for place, op in enumerate(body.ops):
            for name in op.writes:
                key = f"trace/{step}/{body.name}/{place:02d}.{op.kind}/{name}"
                found.append(of(step, place, op.kind, name, key, tensors[key]))
    return found

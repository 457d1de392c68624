"""The lines that a golden expects."""

from __future__ import annotations

from dataclasses import dataclass

from tinycl.bits import crc32
from tinycl.golden.layout import leading_axes, to_layout
from tinycl.golden.schema import Golden
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
    """

    step: int
    place: int
    operation: str
    tensor: str
    words: int
    crc32: int
    key: str

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
    plan, everything = golden.plan, golden.everything

    def of(step: int, place: int, operation: str, tensor: str, key: str, at: int = -1) -> Hash:
        value = everything[key]
        if at >= 0:
            value = value[at]
        else:
            assert not leading_axes(plan, key)
        value = to_layout(value, layout)
        return Hash(step, place, operation, tensor, value.size, crc32(value), key)

    streamed = plan.streamed
    found = [
        of(0, -1, INPUT, name, f"input/{name}") for name in golden.inputs if name not in streamed
    ]
    taken = dict.fromkeys(streamed, 0)
    for step, body in enumerate(plan.steps()):
        for name in body.streams:
            found.append(of(step, -1, INPUT, name, f"input/{name}", taken[name]))
            taken[name] += 1
        for place, op in enumerate(body.ops):
            for name in op.writes:
                key = f"trace/{step}/{body.name}/{place:02d}.{op.kind}/{name}"
                found.append(of(step, place, op.kind, name, key))
    return found

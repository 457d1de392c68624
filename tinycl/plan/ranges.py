"""Where integers go that a plan only moves: labels, places. Kernels index with them unchecked.

Values that an operation computes lie in range by its rule. Those that are given may be anything;
`moved_ranges` follows them through the operations that move them, over all bodies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from tinycl.bits import Array
from tinycl.plan.plan import Op, Plan


class End(NamedTuple):
    """A least or largest value, and where it was given."""

    value: int
    where: str


class Range(NamedTuple):
    """What lies in a tensor at any time."""

    least: End
    most: End

    def __or__(self, other: Range) -> Range:
        return Range(
            min(self.least, other.least, key=lambda end: end.value),
            max(self.most, other.most, key=lambda end: end.value),
        )


def moved_ranges(plan: Plan, inputs: Mapping[str, Array]) -> dict[str, Range]:
    """Return the ranges of integer tensors that hold given values or random places, as moved.

    Parameters
    ----------
    plan : Plan
    inputs : mapping of str to ndarray
        What is given, streams with all their slices.

    Returns
    -------
    dict of str to Range
        By tensor. One that another operation writes, too, is left out: nothing is known of it.
    """
    found = {n: _given(n, v) for n, v in inputs.items() if v.dtype == np.int32 and v.size}
    ops = [op for body in plan.bodies.values() for op in body.ops]
    put: dict[str, Range] = {}  # what comes into a tensor besides the given values
    for name in _computed(ops):
        found.pop(name, None)
    before: tuple[object, object] | None = None
    while before != (found, put):  # ranges only grow, towards ends that were given
        before = dict(found), dict(put)
        for op in ops:
            made = _moved(op, found, put, inputs)
            if made is None:
                continue
            target = op.outputs[0]
            assert target is not None
            found[target] = found.get(target, made) | made
            if op.kind == "put_labels":
                put[target] = put.get(target, made) | made
    return found


_MOVING = {  # each with the inputs that its output's range comes from
    "random_permutation": (),
    "take_turn": (0,),
    "gather_labels": (0, 1),
    "concat_labels": (0, 1),
    "put_labels": (0, 1),
}


def _computed(ops: list[Op]) -> set[str]:
    """Return what other operations write, and all that is made of it by moving."""
    names = {n for op in ops if op.kind not in _MOVING for n in op.writes}
    before = -1
    while before != len(names):
        before = len(names)
        for op in ops:
            if names & {str(op.inputs[place]) for place in _MOVING.get(op.kind, ())}:
                names.update(op.writes)
    return names


def _given(name: str, value: Array, begin: int = 0) -> Range:
    """Return the range of given values; the first axis is counted from `begin`."""

    def end(place: int) -> End:
        index = [int(i) for i in np.unravel_index(place, value.shape)]
        told = f"{name}{[begin + index[0], *index[1:]]}" if index else name
        return End(int(value.flat[place]), told)

    return Range(end(int(value.argmin())), end(int(value.argmax())))


def _moved(
    op: Op, found: Mapping[str, Range], put: Mapping[str, Range], inputs: Mapping[str, Array]
) -> Range | None:
    """Return the range of what one operation moves, None as long as it is not known."""
    if op.kind == "random_permutation":
        name = str(op.outputs[0])
        return Range(End(0, name), End(int(op.attrs["count"]) - 1, name))
    if op.kind not in _MOVING:
        return None
    first, second = (found.get(str(name)) for name in op.inputs[:2])
    if op.kind == "take_turn":
        return first
    if op.kind == "put_labels":
        return second
    if op.kind == "concat_labels":
        return None if first is None or second is None else first | second
    name = str(op.inputs[0])
    if first is None or second is None:
        return None
    if name not in inputs or inputs[name].ndim != 1:
        return first
    begin, end = max(0, second.least.value), second.most.value + 1
    if begin >= min(end, len(inputs[name])):
        return first
    taken = _given(name, inputs[name][begin:end], begin)
    return taken | put[name] if name in put else taken

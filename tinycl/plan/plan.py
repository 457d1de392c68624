"""A computation as data: tensors that persist, bodies of operations, a schedule.

A plan says what it does and no more: there are no branches and no optimisation passes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from tinycl.bits import DTYPES, Array
from tinycl.errors import PlanError, ShapeError
from tinycl.ops import TABLE

Shape = tuple[int, ...]
ROLES = ("input", "weight", "activation", "gradient", "state")


@dataclass(frozen=True)
class Tensor:
    """One named tensor.

    Parameters
    ----------
    name : str
    shape : tuple of int
        At most four axes, each at least 1; () is a scalar.
    dtype : {"f32", "i32", "u8", "i8"}
    role : {"input", "weight", "activation", "gradient", "state"}
        Inputs, weights and states have a value before the first operation, the others have not.
    """

    name: str
    shape: Shape
    dtype: str = "f32"
    role: str = "activation"

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def words(self) -> int:
        """Number of 32-bit words that the elements take in memory."""
        return -(-self.size * np.dtype(DTYPES[self.dtype]).itemsize // 4)

    def view(self, block: Array) -> Array:
        """Return the tensor that a block of its words holds; of several blocks, several tensors.

        Parameters
        ----------
        block : ndarray of a 4-byte type, shape (words,) or (several, words)
        """
        elements = block.view(DTYPES[self.dtype])[..., : self.size]
        return elements.reshape((*block.shape[:-1], *self.shape))

    @property
    def given(self) -> bool:
        """Whether the tensor has a value before the first operation."""
        return self.role in ("input", "weight", "state")


@dataclass(frozen=True)
class Op:
    """One call of an operation: names of tensors (None where left out) and attributes."""

    kind: str
    inputs: tuple[str | None, ...]
    outputs: tuple[str | None, ...]
    attrs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the tensors that are read."""
        return tuple(n for n in self.inputs if n is not None)

    @property
    def writes(self) -> tuple[str, ...]:
        """Names of the tensors that are written."""
        return tuple(n for n in self.outputs if n is not None)


@dataclass(frozen=True)
class Body:
    """A straight list of operations.

    `streams` are tensors that get their next slice each time the body starts; `records` are
    tensors whose value is kept each time it ends.
    """

    name: str
    ops: tuple[Op, ...]
    streams: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


class Run(NamedTuple):
    """One line of a schedule: run a body so many times."""

    body: str
    times: int


@dataclass(frozen=True)
class Plan:
    """Tensors, bodies and a schedule; checked when it is made.

    Parameters
    ----------
    tensors : mapping of str to Tensor
    bodies : mapping of str to Body
    schedule : tuple of Run
        In order. A setup is a body that comes first and runs once.
    outputs : tuple of str
        The tensors whose final values are the result.

    Raises
    ------
    PlanError
        A name that does not exist, a tensor read before it is written, shapes that do not fit.
    """

    tensors: Mapping[str, Tensor]
    bodies: Mapping[str, Body]
    schedule: tuple[Run, ...]
    outputs: tuple[str, ...]

    def __post_init__(self) -> None:
        check(self)

    def body_executions(self, name: str) -> int:
        """How often a body runs."""
        return sum(count for body, count in self.schedule if body == name)

    def slices(self, tensor: str) -> int:
        """How many slices of a streamed tensor the schedule takes; 0 if it is not streamed."""
        return sum(
            self.body_executions(b.name) for b in self.bodies.values() if tensor in b.streams
        )

    @property
    def streamed(self) -> tuple[str, ...]:
        """Names of the tensors that are streamed in."""
        return tuple(n for n in self.tensors if any(n in b.streams for b in self.bodies.values()))

    def steps(self) -> Iterator[Body]:
        """Yield the bodies in the order in which they run."""
        for name, count in self.schedule:
            for _ in range(count):
                yield self.bodies[name]

    def macs(self) -> int:
        """Multiply-accumulates of the whole schedule, read off the table."""
        return sum(
            self.op_macs(op) * self.body_executions(body.name)
            for body in self.bodies.values()
            for op in body.ops
        )

    def op_macs(self, op: Op) -> int:
        """Multiply-accumulates of one operation."""
        shapes = [None if n is None else self.tensors[n].shape for n in op.inputs]
        row = TABLE[op.kind]
        shapes += [None] * (len(row.inputs) - len(shapes))
        return row.macs(*shapes, **row.attributes(op.attrs))


def check(plan: Plan) -> None:
    """Raise PlanError unless every name, shape and order of a plan makes sense."""
    for name, tensor in plan.tensors.items():
        _check_tensor(name, tensor)
    for key, body in plan.bodies.items():
        _check_name(f"body {key!r}", key, body.name)
        for name in (*body.streams, *body.records):
            _known(plan, name, f"body {body.name!r}")
        for index, op in enumerate(body.ops):
            _check_op(plan, op, f"body {body.name!r}, operation {index} ({op.kind})")
    written = {n for n, t in plan.tensors.items() if t.given}
    seen: set[str] = set()
    for name, count in plan.schedule:
        if name not in plan.bodies:
            raise PlanError(f"schedule: no body {name!r}; there are {sorted(plan.bodies)}")
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise PlanError(f"schedule: body {name!r} cannot run {count!r} times")
        if name not in seen and count:
            seen.add(name)
            _check_order(plan.bodies[name], written)
    for name in plan.outputs:
        _known(plan, name, "outputs")
        if name not in written:
            raise PlanError(f"outputs: {name!r} is never written")


def _check_name(where: str, key: str, name: str) -> None:
    if key != name or not name or not name.isprintable() or "/" in name or name in (".", ".."):
        raise PlanError(f"{where}: a name is printable text, not '.' and without '/', got {name!r}")


def _check_tensor(name: str, tensor: Tensor) -> None:
    where = f"tensor {name!r}"
    _check_name(where, name, tensor.name)
    if tensor.dtype not in DTYPES:
        raise PlanError(f"{where}: dtype {tensor.dtype!r} is not one of {sorted(DTYPES)}")
    if tensor.role not in ROLES:
        raise PlanError(f"{where}: role {tensor.role!r} is not one of {ROLES}")
    if len(tensor.shape) > 4 or any(not isinstance(d, int) or d < 1 for d in tensor.shape):
        raise PlanError(f"{where}: shape {tensor.shape} needs at most 4 axes, each at least 1")
    if tensor.size >= 1 << 31:
        raise PlanError(f"{where}: {tensor.size} elements are too many; the limit is 2^31 - 1")


def _known(plan: Plan, name: str, where: str) -> None:
    if name not in plan.tensors:
        raise PlanError(f"{where}: no tensor {name!r}")


def _check_op(plan: Plan, op: Op, where: str) -> None:
    if op.kind not in TABLE:
        raise PlanError(f"{where}: no such operation; `tinycl.ops.TABLE` lists them")
    for name in (*op.reads, *op.writes):
        _known(plan, name, where)
    row = TABLE[op.kind]
    tensors = [None if n is None else plan.tensors[n] for n in op.inputs]
    try:
        shapes = row.infer(
            [None if t is None else t.shape for t in tensors],
            [None if t is None else t.dtype for t in tensors],
            op.attrs,
        )
    except ShapeError as error:
        raise PlanError(f"{where}: {error}") from error
    if len(op.outputs) != len(row.outputs):
        raise PlanError(f"{where}: writes {len(row.outputs)} tensors, got {len(op.outputs)}")
    given = dict(zip((a.name for a in row.inputs), op.inputs, strict=False))
    for arg, target, shape in zip(row.outputs, op.outputs, shapes, strict=True):
        if arg.updates is not None and target != given.get(arg.updates):
            raise PlanError(
                f"{where}: {arg.name} overwrites its input, {given.get(arg.updates)!r}, "
                f"got {target!r}"
            )
        if target is None:
            if not arg.optional:
                raise PlanError(f"{where}: the output {arg.name} is missing")
            continue
        if arg.updates is None and target in op.reads:
            raise PlanError(f"{where}: {arg.name} cannot overwrite the input {target!r}")
        if arg.updates is not None and op.reads.count(target) > 1:
            raise PlanError(
                f"{where}: {arg.name} overwrites {target!r}, which is another input, too; copy it "
                "first"
            )
        tensor = plan.tensors[target]
        if (tensor.shape, tensor.dtype) != (shape, arg.dtype):
            raise PlanError(
                f"{where}: {arg.name} is {arg.dtype} {shape}, tensor {target!r} is "
                f"{tensor.dtype} {tensor.shape}"
            )
    if len(set(op.writes)) != len(op.writes):
        raise PlanError(f"{where}: two outputs go to one tensor")


def _check_order(body: Body, written: set[str]) -> None:
    written.update(body.streams)
    for index, op in enumerate(body.ops):
        for name in op.reads:
            if name not in written:
                raise PlanError(
                    f"body {body.name!r}, operation {index} ({op.kind}): reads {name!r} before "
                    "anything was written to it"
                )
        written.update(op.writes)
    for name in body.records:
        if name not in written:
            raise PlanError(f"body {body.name!r}: records {name!r}, which is never written")

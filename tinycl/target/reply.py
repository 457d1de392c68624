"""Replies of the C runner, checked word by word while they come in.

The plan says which chunks must come, in which order, and how long each is. Anything else is a
damaged reply: an error, never a result.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tinycl.bits import DTYPES, Array
from tinycl.errors import EnvironmentFault, TargetError
from tinycl.plan import Plan
from tinycl.target.result import Cost, Entry, Result

REPLY_MAGIC = 0x524C4354  # "TCLR"
END, TRACE, RECORD, OUTPUT, ERROR, COST = range(6)
ENVIRONMENT, KERNEL, CHANGED_INPUT = 3, 4, 5  # kinds of error, in the field `op`
MOST_ERROR_WORDS = 64
HEADER = struct.Struct("<5I")
MAGIC = struct.Struct("<I")
COUNTS = struct.Struct("<QQI")


class Chunk(NamedTuple):
    """Header of a chunk."""

    tag: int
    step: int
    op: int
    tensor: int
    words: int


class Place(NamedTuple):
    """A chunk that came in: what it belongs to, and where its words begin."""

    tag: int
    step: int
    body: str
    op: int
    tensor: str
    start: int


def expected(plan: Plan, checked: bool, counted: bool) -> Iterator[tuple[Chunk, str, str]]:
    """Yield each chunk of a complete reply but the last, with its body and tensor."""
    ids = {name: number for number, name in enumerate(plan.tensors)}

    def chunk(tag: int, step: int, op: int, name: str) -> Chunk:
        return Chunk(tag, step, op, ids[name], plan.tensors[name].words)

    steps = 0
    for step, body in enumerate(plan.steps()):
        steps = step + 1
        for index, op in enumerate(body.ops if checked or counted else ()):
            if counted:
                yield Chunk(COST, step, index, 0, COUNTS.size // 4), body.name, ""
            for name in op.writes if checked else ():
                yield chunk(TRACE, step, index, name), body.name, name
        for name in body.records:
            yield chunk(RECORD, step, 0, name), body.name, name
    for name in plan.outputs:
        yield chunk(OUTPUT, steps, 0, name), "", name


class ReplyReader:
    """Takes a reply in pieces of any size; raises at the first word that cannot be right.

    Parameters
    ----------
    target : str
        For messages.
    plan : Plan
    checked : bool
    counted : bool
        What each operation took was asked for.
    """

    def __init__(self, target: str, plan: Plan, checked: bool, counted: bool = False) -> None:
        self._target, self._plan = target, plan
        self._expected = expected(plan, checked, counted)
        self._data = bytearray()
        self._next = MAGIC.size  # where the next header begins
        self._places: list[Place] = []
        self._error: Place | None = None
        self._during = "an operation"  # when the runner found an error
        self._begun = self._done = False

    @property
    def received(self) -> int:
        """Bytes so far."""
        return len(self._data)

    def feed(self, piece: bytes) -> bool:
        """Take the next bytes; True once the reply is complete."""
        self._data += piece
        if not self._begun and len(self._data) >= MAGIC.size:
            (magic,) = MAGIC.unpack_from(self._data)
            if magic != REPLY_MAGIC:
                raise self._damaged(f"it begins with {magic:08x}, not with {REPLY_MAGIC:08x}")
            self._begun = True
        while not self._done and len(self._data) >= self._next + HEADER.size:
            start = self._next + HEADER.size
            self._header(Chunk(*HEADER.unpack_from(self._data, self._next)), start)
        if self._done and len(self._data) > self._next:
            raise self._damaged(f"{len(self._data) - self._next} bytes follow its end")
        return self._done

    def result(self) -> Result:
        """Return what the complete reply says, or raise what the runner reported."""
        if self._error is not None:
            text = bytes(self._data[self._error.start : self._next - HEADER.size])
            said = text.rstrip(b"\0").decode("utf-8", "replace")
            if self._error.op == ENVIRONMENT:
                raise EnvironmentFault(
                    f"{self._target}: floating point: {said}. Build without -ffast-math, and start "
                    "no library that was built with it"
                )
            if self._error.op == CHANGED_INPUT:
                raise TargetError(
                    f"{self._target}: {self._during} changed its input {self._error.tensor}"
                )
            if self._error.op == KERNEL:
                about = self._error.tensor
                beside = f"behind {about}" if about else "before all tensors"
                raise TargetError(
                    f"{self._target}: {self._during} wrote outside its tensors: {beside}, {said}; "
                    "the first is number 0"
                )
            raise TargetError(f"{self._target}: the runner refused the request: {said}")
        outputs: dict[str, Array] = {}
        records: dict[str, list[Array]] = {
            f"{b.name}/{n}": [] for b in self._plan.bodies.values() for n in b.records
        }
        trace: list[Entry] = []
        costs: list[Cost] = []
        for place in self._places:
            if place.tag == OUTPUT:
                outputs[place.tensor] = self._value(place)
            elif place.tag == RECORD:
                records[f"{place.body}/{place.tensor}"].append(self._value(place))
            else:
                head = (place.step, place.body, place.op, self._kind(place.body, place.op))
                if place.tag == COST:
                    costs.append(Cost(*head, *COUNTS.unpack_from(self._data, place.start)))
                else:
                    trace.append(Entry(*head, place.tensor, self._value(place)))
        stacked = {key: self._stack(key, values) for key, values in records.items()}
        return Result(outputs, stacked, tuple(trace), tuple(costs))

    def _failed(self, got: Chunk, start: int) -> None:
        """Keep an error: the tensor that it is about, and the operation whose chunks come next."""
        names = list(self._plan.tensors)
        tensor = names[got.tensor] if got.tensor < len(names) else ""
        self._error = Place(ERROR, got.step, "", got.op, tensor, start)
        step, op, body = got.step, got.op, ""
        if self._places and self._places[-1].tag == COST:
            _, step, body, op, _, _ = self._places[-1]
        else:
            following, body, _ = next(self._expected, (got, "", ""))
            step, op = following.step, following.op
        if body:
            self._during = f"{self._kind(body, op)} (step {step}, {body}, operation {op})"

    def _kind(self, body: str, op: int) -> str:
        return self._plan.bodies[body].ops[op].kind

    def _header(self, got: Chunk, start: int) -> None:
        if got.tag == END:
            self._end(got)
        elif got.tag == ERROR and self._error is None and got.words <= MOST_ERROR_WORDS:
            self._failed(got, start)
        else:
            self._take(got, start)
        self._next = start + 4 * got.words

    def _take(self, got: Chunk, start: int) -> None:
        wanted, body, tensor = next(self._expected, (None, "", ""))
        if got != wanted or self._error is not None:
            raise self._damaged(f"chunk {len(self._places)} is {got}, expected {wanted or 'none'}")
        self._places.append(Place(got.tag, got.step, body, got.op, tensor, start))

    def _end(self, got: Chunk) -> None:
        count = len(self._places) + (self._error is not None)
        if (got.step, got.tensor, got.words) != (count, 0, 0):
            raise self._damaged(f"{count} chunks came, its end says {got}")
        crc = zlib.crc32(memoryview(self._data)[MAGIC.size : self._next])
        if got.op != crc:
            raise self._damaged(f"its CRC is {crc:08x}, its end says {got.op:08x}")
        missing = next(self._expected, None)
        if missing is not None and self._error is None:
            raise self._damaged(f"it ends before {missing[0]}")
        self._done = True

    def _damaged(self, why: str) -> TargetError:
        return TargetError(
            f"{self._target}: the reply is damaged: {why}. Nothing of it is used. A kernel "
            "that writes where it must not can do this: on the host, -fsanitize=address finds it"
        )

    def _value(self, place: Place) -> Array:
        tensor = self._plan.tensors[place.tensor]
        kind = np.dtype(DTYPES[tensor.dtype]).newbyteorder("<")
        values = np.frombuffer(self._data, kind, tensor.size, place.start)
        return values.astype(DTYPES[tensor.dtype]).reshape(tensor.shape)

    def _stack(self, key: str, values: list[Array]) -> Array:
        tensor = self._plan.tensors[key.partition("/")[2]]
        if not values:
            return np.zeros((0, *tensor.shape), DTYPES[tensor.dtype])
        return np.stack(values)

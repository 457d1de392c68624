"""Requests to the C runner. c_ref/README.md describes the words.

What the runner answers is read by `tinycl.target.reply`.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from tinycl.bits import Array, little
from tinycl.errors import TargetError
from tinycl.ops import TABLE
from tinycl.plan import Body, Op, Plan, layout
from tinycl.target.table import checksum, codes

REQUEST_MAGIC = 0x504C4354  # "TCLP"
VERSION = 5
DTYPES = {"f32": 0, "i32": 1, "u8": 2, "i8": 3}
ORDERS = {"ascending": 0, "heap": 1}
SEND_TRACE, SEND_COSTS, GUARDED = 1, 2, 4
GUARD_WORDS, LAST_GUARD = 16, 1024
LEFT_OUT = -1
MOST_BYTES = (1 << 32) - 4
ALL_LOCAL = -1


def encode(
    plan: Plan,
    inputs: Mapping[str, Array],
    *,
    cores: int,
    checked: bool,
    counted: bool = False,
    selection_order: str = "ascending",
    local: int = 0,
) -> bytes:
    """Write a plan and its data as one request.

    Parameters
    ----------
    plan : Plan
    inputs : mapping of str to ndarray
        What `check_inputs` returned.
    cores : int
    checked : bool
        Ask for a trace, and give each tensor a place of its own, with guard words around it.
    counted : bool
        Ask what each operation took.
    selection_order : {"ascending", "heap"}
        The one field of the contract that the C reference takes.
    local : int
        Bytes of the target's local memory that tiles may take; 0 works in place, -1 takes all.

    Returns
    -------
    bytes

    Raises
    ------
    TargetError
        The plan or its data does not fit into 4 GiB.
    """
    place = layout(plan, checked, guard=GUARD_WORDS * checked)
    ids = {name: number for number, name in enumerate(plan.tensors)}
    initial = {n: v for n, v in inputs.items() if n not in plan.streamed}
    streams = {n: v for n, v in inputs.items() if n in plan.streamed}
    bodies = {name: number for number, name in enumerate(plan.bodies)}
    head: list[int] = [
        cores,
        SEND_TRACE * checked + SEND_COSTS * counted + GUARDED * checked,
        place.words + LAST_GUARD * checked,
        len(ids),
        len(bodies),
    ]
    head += [len(plan.schedule), len(plan.outputs), len(initial), len(streams)]
    head += [ORDERS[selection_order], local]
    for name, tensor in plan.tensors.items():
        shape = (*tensor.shape, 1, 1, 1, 1)[:4]
        head += [DTYPES[tensor.dtype], len(tensor.shape), *shape, place.offsets[name]]
    for body in plan.bodies.values():
        head += _body(body, ids)
    for name, count in plan.schedule:
        head += [bodies[name], count]
    head += [ids[name] for name in plan.outputs]
    pieces = [_little(head)]
    for name, value in initial.items():
        pieces += [_little([ids[name]]), _whole_words(value[None])]
    for name, value in streams.items():
        pieces += [_little([ids[name], len(value)]), _whole_words(value)]
    return packet(b"".join(pieces))


def _whole_words(slices: Array) -> bytes:
    """Bytes of several tensors, each filled up to whole words with zeros."""
    size = math.prod(slices.shape[1:]) * slices.itemsize
    if size % 4 == 0:
        return little(slices)
    return b"".join(little(one) + bytes(-size % 4) for one in slices)


def packet(body: bytes) -> bytes:
    """Put the six words of the header before the body of a request."""
    if len(body) > MOST_BYTES:
        raise TargetError(
            f"the plan and its data take {len(body)} bytes, a request holds {MOST_BYTES}; "
            "run fewer steps at a time"
        )
    crc = zlib.crc32(body)
    return _little([REQUEST_MAGIC, VERSION, len(body), crc, checksum(), 0]) + body


def _body(body: Body, ids: Mapping[str, int]) -> list[int]:
    out = [len(body.ops), len(body.streams), len(body.records)]
    out += [ids[n] for n in body.streams] + [ids[n] for n in body.records]
    for op in body.ops:
        out += _operation(op, ids)
    return out


def _operation(op: Op, ids: Mapping[str, int]) -> list[int]:
    row = TABLE[op.kind]
    inputs = [LEFT_OUT if n is None else ids[n] for n in op.inputs]
    inputs += [LEFT_OUT] * (len(row.inputs) - len(inputs))
    outputs = [LEFT_OUT if n is None else ids[n] for n in op.outputs]
    values = row.attributes(op.attrs)
    attrs = [word for attr in row.attrs for word in _attribute(attr.kind, values[attr.name])]
    return [codes()[op.kind], len(inputs), len(outputs), len(attrs), *inputs, *outputs, *attrs]


def _attribute(kind: str, value: Any) -> list[int]:
    if kind == "f32":
        return [int(np.float32(value).view(np.uint32))]
    return list(value) if isinstance(value, tuple) else [value]


def _little(numbers: list[int]) -> bytes:
    try:
        return (np.array(numbers, np.int64) & 0xFFFFFFFF).astype("<u4").tobytes()
    except OverflowError as error:
        raise TargetError("the plan has a size or count above 64 bits") from error

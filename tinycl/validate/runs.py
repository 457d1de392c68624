"""The calls that a case is checked with, and what came back of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.validate.about import About
from tinycl.validate.case import Case, Tensors, as_stored, loaded, stored
from tinycl.validate.client import Client
from tinycl.validate.table import INTEGERS

POISONS = (b"\x57\x57\x57\x57", b"\xd6\xd6\xd6\xd6")  # 2.4e14 and -1.2e14
PLACES = ("out", "scratch", "guard")
TEAMS = {1: "core 0", 2: "at once"}
Prefill = dict[str, Array]


@dataclass(frozen=True)
class Run:
    """One call, done.

    Attributes
    ----------
    outputs : dict of str to ndarray
        As in CHW.
    raw : tuple of bytes
        The outputs as they lay in memory.
    reply : dict
        As `tinycl.validate.worker` gives it.
    """

    outputs: Tensors
    raw: tuple[bytes, ...]
    reply: dict[str, Any]

    @property
    def refused(self) -> bool:
        """Whether a core returned VALIDATE_REFUSED."""
        return any(self.reply["statuses"])


def request(
    case: Case,
    about: About,
    schedule: str = "forward",
    other: tuple[str, ...] = (),
    prefill: Prefill | None = None,
) -> dict[str, Any]:
    """Return a call for the worker.

    Parameters
    ----------
    case : Case
    about : About
    schedule : {"forward", "backward", "at once", "solo"}
        Overruled where the kernel makes its own cores.
    other : tuple of str
        Of `PLACES`: what is filled with the second poison.
    prefill : dict of str to ndarray, optional
        What outputs hold before, instead of poison.
    """
    kernel, data, size = case.kernel, case.data(), case.size
    buffers: list[Any] = []
    for name in (*kernel.inputs, *kernel.outputs):
        if not case.optional and name == kernel.optional:
            buffers.append(None)
            continue
        kind = "in" if name in kernel.inputs else "out"
        value = data.get(name) if prefill is None or name not in prefill else prefill[name]
        count = int(np.prod(kernel.shape(name, size)))
        content = None if value is None else stored(value, about.hwc).tobytes()
        buffers.append((kind, 4 * count, content))
    return {
        "name": kernel.symbol,
        "shape": case.packed(),
        "cores": case.cores,
        "schedule": TEAMS.get(about.team, schedule),
        "buffers": buffers,
        "poison": {place: POISONS[place in other] for place in PLACES},
    }


def start(
    case: Case, about: About, schedule: str = "forward", other: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return a `request`; an accumulating kernel finds zeros in its output."""
    prefill = filled(case, 0.0) if about.accumulates else None
    return request(case, about, schedule, other, prefill)


def filled(case: Case, value: float) -> Tensors:
    """Return outputs that hold one number."""
    sizes = case.size
    return {n: np.full(case.kernel.shape(n, sizes), value, np.float32) for n in case.outputs}


def outputs(case: Case, about: About, raw: list[bytes]) -> Tensors:
    """Return output buffers as tensors in CHW."""
    found: Tensors = {}
    for name, content in zip(case.outputs, raw, strict=True):
        shape = as_stored(case.kernel.shape(name, case.size), about.hwc)
        kind = np.int32 if name in INTEGERS else np.float32
        found[name] = loaded(np.frombuffer(content, kind).reshape(shape), about.hwc)
    return found


def run(
    client: Client, case: Case, about: About, requests: list[dict[str, Any]], fresh: bool = False
) -> list[Run]:
    """Make calls of one case."""
    replies = client.call(requests, fresh)
    return [Run(outputs(case, about, r["outputs"]), tuple(r["outputs"]), r) for r in replies]

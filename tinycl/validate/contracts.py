"""Asks `tinycl.infer` for the contract under which all bits of a kernel are right."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings

from tinycl.bits import Array
from tinycl.validate.about import About
from tinycl.validate.case import Case
from tinycl.validate.check import once
from tinycl.validate.client import Client, Crash, Hang
from tinycl.validate.shapes import cases

NOT_INFERRED = "not inferred"
EVIDENCE = 24  # cases, on one number of cores: a sum that the cores share depends on it
MOST_LOST = 16  # crashes, then no more is tried
HANG = 8  # crashes that one counts for: it costs the whole time limit
Call = tuple[str, list[Array | None], dict[str, Any], list[Array | None]]


def name_contract(client: Client, case: Case, about: About, seed: int) -> tuple[str, bool]:
    """Return what `infer` says of a kernel, and whether one contract explains every bit.

    Parameters
    ----------
    client : Client
    case : Case
        One that gave other bits than the default contract.
    about : About
    seed : int
        Of more cases.
    """
    seen = observed(client, [case, *evidence(case.name, case.cores, about, seed)], about)
    return _infer(seen) if seen else (NOT_INFERRED, False)


def observed(client: Client, tried: Sequence[Case], about: About) -> list[Call]:
    """Return what `tinycl.infer.Observed` takes, of each case that the kernel does."""
    seen: list[Call] = []
    lost = 0
    for one in tried:
        if lost >= MOST_LOST:
            break
        try:
            got = once(client, one, about)
        except (Crash, Hang) as error:
            lost += HANG if isinstance(error, Hang) else 1
            continue
        if got.refused or got.reply["stuck"]:
            continue
        wanted = [got.outputs.get(arg.name) for arg in one.row.outputs]
        seen.append((one.row.name, one.operands(one.data()), one.attributes(), wanted))
    return seen


def evidence(name: str, cores: int, about: About, seed: int, count: int = EVIDENCE) -> list[Case]:
    """Draw cases of a kernel on some number of cores."""
    found: list[Case] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(cases(name, about))
    def draw(other: Case) -> None:
        found.append(other.but(cores=cores))

    draw()
    return found


def _infer(seen: Sequence[Call]) -> tuple[str, bool]:
    """Call `tinycl.infer` where it is there."""
    if importlib.util.find_spec("tinycl.infer") is None:
        return NOT_INFERRED, False
    room = importlib.import_module("tinycl.infer")
    answer = room.infer([room.Observed(*call) for call in seen])
    return str(answer.told), answer.contract is not None and answer.certain

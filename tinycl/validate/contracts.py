"""Asks `tinycl.infer` for the contract under which all bits of some cases are right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinycl.bits import Array
from tinycl.validate.about import About
from tinycl.validate.case import Case
from tinycl.validate.check import outputs_of
from tinycl.validate.client import Client, Crash, Hang

NOT_INFERRED = "not inferred"
Seen = tuple[str, dict[str, Array], dict[str, Any], dict[str, Array]]


def name_contract(client: Client, cases: Sequence[Case], about: About) -> tuple[str, bool]:
    """Return what `infer` says of a kernel's outputs, in one line, and whether all bits are right.

    Parameters
    ----------
    client : Client
    cases : sequence of Case
        That gave other bits than the default contract.
    about : About
    """
    seen: list[Seen] = []
    for case in cases:
        try:
            got = outputs_of(client, case, about)
        except (Crash, Hang):
            continue
        names = [arg.name for arg in case.row.inputs]
        operands = dict(zip(names, case.operands(case.data()), strict=False))
        given = {name: value for name, value in operands.items() if value is not None}
        seen.append((case.row.name, given, case.attributes(), got))
    return _infer(seen) if seen else (NOT_INFERRED, False)


def _infer(seen: Sequence[Seen]) -> tuple[str, bool]:
    """Say what the search of contracts finds; none is connected."""
    return NOT_INFERRED, False

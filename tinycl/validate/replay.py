"""One case that was found before, run again on every number of cores."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from tinycl.validate.about import About
from tinycl.validate.case import Case
from tinycl.validate.check import check
from tinycl.validate.client import Client, Crash, Hang
from tinycl.validate.contracts import SECONDS, Kept, evidence
from tinycl.validate.kinds import Finding
from tinycl.validate.library import exported
from tinycl.validate.runs import run, start
from tinycl.validate.save import load
from tinycl.validate.shapes import CORES
from tinycl.validate.validate import TIMEOUT


def replay(
    library: Path, file: Path, *, timeout: float = TIMEOUT
) -> tuple[Finding, list[tuple[int, Finding | None]]]:
    """Run the case of a golden file that `save` has written, on every number of cores.

    Returns
    -------
    tuple
        The finding as it was saved, and for each number of cores what is found now.
    """
    case, kind = load(file)
    with Client(library, timeout) as client:
        about = exported(client, library, [case.name])[case.name]
        tried = [case.but(cores=n) for n in sorted({case.cores, *CORES})]
        beyond = bool(about.broken(case))
        tried = [one for one in tried if bool(about.broken(one)) == beyond]
        now = [(one.cores, _again(client, one, about, kind)) for one in tried]
    return Finding(kind, case, ""), now


def _again(client: Client, case: Case, about: About, kind: str) -> Finding | None:
    if kind == "state":
        _other_calls(client, case, about)
    found = check(client, case, about)
    if found is None or found.kind != "contract":
        return found
    kept = Kept(client, about, case.seed, time.monotonic() + SECONDS)
    named = kept.learn(case)
    if not named and kept:
        return check(client, case, about, kept=kept)
    return Finding(
        "contract", case, found.told, found.verdict, contract=kept.told(case.cores), named=named
    )


def _other_calls(client: Client, case: Case, about: About) -> None:
    """Give the kernel a history, in a new process: the same sizes and others, other data."""
    client.close()
    for one in (
        case.but(seed=case.seed + 1, given=()),
        *evidence(case.name, case.cores, about, case.seed),
    ):
        with contextlib.suppress(Crash, Hang):
            run(client, one, about, [start(one, about)])

"""All cases of one kernel: those beyond its limits, then all others until the time is over."""

from __future__ import annotations

import time
from dataclasses import replace

from tinycl.validate.about import About
from tinycl.validate.client import Client
from tinycl.validate.contracts import Kept
from tinycl.validate.effort import Effort, Sweep
from tinycl.validate.hunt import Hunter
from tinycl.validate.kinds import FOLLOWS, KINDS, Finding

LIMIT_SHARE = 0.1  # of the time, for what lies beyond declared limits
END, END_SHARE = 8.0, 0.15  # seconds, and share of the time: kept back for the last finding
MOST_HANGS = 24  # each costs a time limit: then the sweep ends
MOST_LIMIT = 200  # cases beyond one limit
SEEDS = 1 << 20  # of the rounds of one sweep


def sweep(client: Client, name: str, about: About, effort: Effort, seed: int = 0) -> Sweep:
    """Check a kernel until enough was tried or found.

    Parameters
    ----------
    client : Client
    name : str
    about : About
    effort : Effort
    seed : int
    """
    done, begin, hangs = Sweep(name, about), time.monotonic(), client.hangs
    kept = Kept(client, about, seed, begin + effort.seconds)
    hunter, limits, turn = Hunter(client, done, effort, kept), about.limits, seed * SEEDS
    for place, limit in enumerate(limits):
        until = begin + effort.seconds * LIMIT_SHARE * (place + 1) / len(limits)
        last = done.cases + min(MOST_LIMIT, max(1, effort.cases // 4))
        while done.cases < last and time.monotonic() < until and not _seen(done, "limit"):
            hunter.hunt(until, last - done.cases, turn, limit)
            turn += 1
    until = begin + effort.seconds - min(END, effort.seconds * END_SHARE)
    last = done.cases + effort.cases
    while done.cases < last and time.monotonic() < until:
        hunter.hunt(until, last - done.cases, turn)
        turn += 1
        faults = sum(f.fault for f in done.findings)
        if client.hangs - hangs >= MOST_HANGS or faults >= effort.findings:
            break
    kinds = {f.kind for f in done.findings}
    dropped = {kind for f in kinds for kind in FOLLOWS.get(f, ())}
    done.findings = [f for f in done.findings if f.kind not in dropped or not f.fault]
    order = list(KINDS)
    done.findings.sort(key=lambda found: order.index(found.kind))
    done.findings = [_on_other_cores(found, kept) for found in done.findings]
    done.seconds = time.monotonic() - begin
    return done


def _on_other_cores(found: Finding, kept: Kept) -> Finding:
    """Add the contracts that a kernel keeps on other numbers of cores."""
    if found.kind != "contract" or not found.named or not kept.summary:
        return found
    return replace(found, contract=f"{found.contract}; {kept.summary}")


def _seen(done: Sweep, kind: str) -> bool:
    return any(f.kind == kind for f in done.findings)

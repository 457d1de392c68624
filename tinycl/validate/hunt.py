"""Cases that hypothesis draws until one shows a new kind of finding, and makes smaller."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import HypothesisException

from tinycl.validate.case import Case
from tinycl.validate.check import check
from tinycl.validate.client import Client
from tinycl.validate.contracts import Kept, evidence
from tinycl.validate.describe import needs
from tinycl.validate.effort import Effort, Sweep
from tinycl.validate.kinds import FOLLOWS, KINDS, Finding
from tinycl.validate.shapes import cases

SHRINK = 0.5  # of the time that is left, at most, for one finding
HANGS = 8  # of one hunt: each costs a time limit
BRIEF, LEAST = 0.2, 0.5  # of a time limit, and seconds: to shrink a hang
ROUND = 25  # cases, then other seeds: in one run hypothesis draws much alike


class _TimeUp(BaseException):
    """Leaves hypothesis at once: it lets nothing pass but what is no Exception."""


class _Seen(Exception):
    """A finding; each kind has a class of its own, so that hypothesis shrinks one at a time."""


class Hunter:
    """Looks for findings of one kernel.

    Parameters
    ----------
    client : Client
    done : Sweep
        Findings and counts are put down here.
    effort : Effort
    kept : Kept
    """

    def __init__(self, client: Client, done: Sweep, effort: Effort, kept: Kept) -> None:
        self._client, self._done, self._effort, self._kept = client, done, effort, kept
        self._settled = False  # whether the contract was asked for

    def hunt(self, until: float, most: int, seed: int, limit: str | None = None) -> None:
        """Draw at most so many cases until one shows a new kind; shrink it and put it down.

        Parameters
        ----------
        until : float
            Of `time.monotonic`.
        most : int
        seed : int
        limit : str, optional
            The declared limit to go beyond.
        """
        best: dict[str, Finding] = {}
        client, done, known = self._client, self._done, self._known()
        end, hung = [until], client.hangs
        types: dict[str, type[_Seen]] = {}
        first: list[Finding] = []

        @hypothesis.seed(seed)
        @settings(
            max_examples=min(ROUND, most),
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            verbosity=hypothesis.Verbosity.quiet,
        )
        @hypothesis.given(cases(done.name, done.about, limit))
        def run(case: Case) -> None:
            if time.monotonic() > end[0] or client.hangs - hung >= HANGS:
                raise _TimeUp
            if not best:
                done.count(case)
            found = check(client, case, done.about, known, self._kept)
            if found is None:
                return
            kind = found.kind
            if not best:
                left = SHRINK * (until - time.monotonic())
                end[0] = time.monotonic() + min(self._effort.shrink, max(1.0, left))
                done.after.setdefault(kind, done.cases)
                if kind == "hang":
                    first.append(found)
                    client.limit = min(client.timeout, max(LEAST, BRIEF * client.timeout))
            if kind not in best or case.weight < best[kind].case.weight:
                best[kind] = found
            raise types.setdefault(kind, type(kind, (_Seen,), {}))

        _quietly(run)
        for found in sorted(best.values(), key=lambda f: list(KINDS).index(f.kind)):
            self._put_down(self._surely(found, first), until)
        client.limit = client.timeout

    def _surely(self, found: Finding, first: list[Finding]) -> Finding:
        """Return a hang that takes the whole time limit: the smallest one, or the first."""
        if found.kind != "hang":
            return found
        client, brief = self._client, self._client.limit
        client.limit = client.timeout
        others = [kind for kind in KINDS if kind != "hang"]
        sure = check(client, found.case, self._done.about, others) or next(iter(first), None)
        client.limit = brief
        return sure or found

    def _known(self) -> set[str]:
        """Return kinds to pass over; the contract of a faulty kernel is still asked for once."""
        known = {f.kind for f in self._done.findings}
        known |= {kind for f in known for kind in FOLLOWS.get(f, ())}
        return known | {"contract"} if self._settled else known - {"contract"}

    def _put_down(self, found: Finding, until: float) -> None:
        left = max(1.0, until - time.monotonic())
        seconds, told = min(self._effort.shrink, left), found
        self._done.after.setdefault(found.kind, self._done.cases)
        if found.kind == "contract":
            settled = self._settle(found)
            if settled is None:
                return
            told = settled
        self._done.after.setdefault(told.kind, self._done.cases)
        kept = self._kept if told.kind == "departs" else None
        self._done.findings.append(needs(self._client, told, self._done.about, seconds, kept))

    def _settle(self, found: Finding) -> Finding | None:
        """Name the contract of a finding; None where a fault explains the bits."""
        beside = "contract" in {k for f in self._done.findings for k in FOLLOWS.get(f.kind, ())}
        self._settled, kept, case = True, self._kept, found.case
        named = kept.learn(case)
        if named:
            return replace(found, contract=kept.told(case.cores), named=True)
        if beside:
            return self._explained(case) if kept else None
        if not kept:
            return replace(found, contract=kept.told(case.cores))
        others = [kind for kind in KINDS if kind != "departs"]
        return check(self._client, case, self._done.about, others, kept)

    def _explained(self, near: Case) -> Finding | None:
        """Return a case with other bits that the contract explains: not so the one that is near."""
        client, about, kept = self._client, self._done.about, self._kept
        others = [kind for kind in KINDS if kind != "contract"]
        kept.asking = False
        for case in evidence(near.name, near.cores, about, near.seed):
            found = check(client, case, about, others)
            if found is not None and check(client, case, about, kept=kept) is None:
                kept.asking = True
                return replace(found, contract=kept.told(case.cores), named=True)
        kept.asking = True
        return None


def _quietly(run: Callable[[], None]) -> None:
    try:
        run()
    except (_TimeUp, _Seen, HypothesisException):
        pass
    except BaseExceptionGroup as group:  # flaky: what was found is kept all the same
        if group.split((_TimeUp, _Seen, HypothesisException))[1] is not None:
            raise

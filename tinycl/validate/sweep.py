"""All cases of one kernel: hypothesis draws and shrinks them until the time is over."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import HypothesisException

from tinycl.validate.about import About
from tinycl.validate.case import Case
from tinycl.validate.check import check
from tinycl.validate.client import Client
from tinycl.validate.describe import needs
from tinycl.validate.kinds import FOLLOWS, Finding
from tinycl.validate.shapes import cases

LIMIT_SHARE = 0.1  # of the time, for what lies beyond declared limits
SHRINK = 0.5  # of the time that is left, at most, for one finding
MOST_HANGS = 6  # a hang costs the whole time limit: then the sweep ends
ROUND = 2000  # cases, then other seeds
MOST_LIMIT = 200  # cases beyond one limit


@dataclass
class Sweep:
    """What was tried, and what was found.

    Attributes
    ----------
    name : str
    about : About
    findings : list of Finding
    after : dict of str to int
        Cases that were run before a kind was first seen.
    cases, seconds : int, float
    covered : Counter
        Cases by what they had: ``cores 3``, ``hard``, ``stride``, ``padding``, ``bias`` ...
    """

    name: str
    about: About
    findings: list[Finding] = field(default_factory=list)
    after: dict[str, int] = field(default_factory=dict)
    cases: int = 0
    seconds: float = 0.0
    covered: Counter[str] = field(default_factory=Counter)


class _TimeUp(BaseException):
    """Leaves hypothesis at once: it lets nothing pass but what is no Exception."""


class _Seen(Exception):
    """A finding; each kind has a class of its own, so that hypothesis shrinks one at a time."""


@dataclass(frozen=True)
class Effort:
    """How long to look: until one of these is reached.

    Attributes
    ----------
    seconds : float
    cases : int
    findings : int
        Kinds.
    shrink : float
        Seconds, at most, to make the case of a finding smaller.
    """

    seconds: float = 60.0
    cases: int = 1 << 30
    findings: int = 4
    shrink: float = 8.0


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
    done, begin = Sweep(name, about), time.monotonic()
    limits = about.limits
    for place, limit in enumerate(limits):
        until = begin + effort.seconds * LIMIT_SHARE * (place + 1) / len(limits)
        _hunt(client, done, effort, until, min(MOST_LIMIT, effort.cases // 4), seed, limit)
    turn, first, most = 0, done.cases, effort.cases
    while time.monotonic() < begin + effort.seconds and done.cases < first + most:
        left = first + most - done.cases
        _hunt(client, done, effort, begin + effort.seconds, left, seed + turn)
        turn += 1
        hangs = any(f.kind == "hang" for f in done.findings)
        if hangs or len(done.findings) >= effort.findings:
            break
    told = {f.kind for f in done.findings}
    dropped = {kind for f in told for kind in FOLLOWS.get(f, ())}
    done.findings = [f for f in done.findings if f.kind not in dropped]
    done.seconds = time.monotonic() - begin
    return done


def _hunt(
    client: Client,
    done: Sweep,
    effort: Effort,
    until: float,
    most: int,
    seed: int,
    limit: str | None = None,
) -> None:
    """Draw at most so many cases until one shows a new kind; shrink it and put it down."""
    best: dict[str, Finding] = {}
    known = {f.kind for f in done.findings}
    known |= {kind for f in known for kind in FOLLOWS.get(f, ())}
    end, hung = [until], client.hangs
    types: dict[str, type[_Seen]] = {}

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
        if time.monotonic() > end[0] or client.hangs - hung >= MOST_HANGS:
            raise _TimeUp
        if not best:
            _count(done, case)
        found = check(client, case, done.about, known)
        if found is None:
            return
        kind = found.kind
        if not best:
            left = SHRINK * (until - time.monotonic())
            end[0] = time.monotonic() + min(effort.shrink, max(1.0, left))
            done.after.setdefault(kind, done.cases)
        if kind not in best or case.weight < best[kind].case.weight:
            best[kind] = found
        raise types.setdefault(kind, type(kind, (_Seen,), {}))

    _quietly(run)
    for found in best.values():
        done.after.setdefault(found.kind, done.cases)
        done.findings.append(needs(client, found, done.about, effort.shrink))


def _quietly(run: Callable[[], None]) -> None:
    try:
        run()
    except (_TimeUp, _Seen, HypothesisException):
        pass
    except BaseExceptionGroup as group:  # flaky: what was found is kept all the same
        if group.split((_TimeUp, _Seen, HypothesisException))[1] is not None:
            raise


def _count(done: Sweep, case: Case) -> None:
    done.cases += 1
    size = dict(case.sizes)
    told = [f"cores {case.cores}", case.values]
    told += ["bias"] if case.kernel.optional and case.optional else []
    told += ["stride"] if size.get("stride_h", 1) > 1 or size.get("stride_w", 1) > 1 else []
    told += ["padding"] if any(v for n, v in case.sizes if n.startswith("pad_")) else []
    done.covered.update(told)

"""The contract that a kernel keeps: found from some of its cases, and held against all others."""

from __future__ import annotations

import functools
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, settings

from tinycl.bits import equal
from tinycl.contract import DEFAULT, Contract
from tinycl.infer import Inferred, Observed, infer
from tinycl.validate.about import About
from tinycl.validate.case import Case, Tensors
from tinycl.validate.client import Client, Crash, Hang
from tinycl.validate.judge import judge
from tinycl.validate.runs import run, start
from tinycl.validate.shapes import cases

SECONDS = 20.0
EVIDENCE = 24  # cases, on one number of cores: a sum that the cores share depends on it
MOST_LOST = 16  # crashes, then no more is tried
HANG = 8  # crashes that one counts for: it costs the whole time limit
MOST_ASKED = 6  # cases that the contract of one number of cores is looked for with
MOST_DRAWN = 8  # times that evidence is drawn for one number of cores
DRAWS = 1 << 20  # between the seeds of two draws
MOST_LEFT = 4  # one in so many cases may go against a contract that has the name all the same


class Kept:
    """The contracts of one kernel, by numbers of cores.

    Parameters
    ----------
    client : Client
    about : About
    seed : int
        Of the cases that are evidence.
    until : float
        Of `time.monotonic`: then inferences end.
    """

    def __init__(self, client: Client, about: About, seed: int, until: float) -> None:
        self._client, self._about, self._seed, self._until = client, about, seed, until
        self._contracts: dict[int, Contract] = {}
        self._told: dict[int, str] = {}
        self._seen: dict[int, list[Observed]] = {}
        self._asked: Counter[int] = Counter()
        self._drawn: Counter[int] = Counter()
        self.asking = True  # whether `learn` does anything

    def __bool__(self) -> bool:
        """Whether a contract was found, for any number of cores."""
        return bool(self._contracts)

    def told(self, cores: int) -> str:
        """Return the answer of `infer`; that of other cores where these were not asked about."""
        return self._told.get(cores) or next(iter(self._told.values()), "")

    @property
    def summary(self) -> str:
        """What was found on other numbers of cores, where it is another contract; else nothing."""
        n = next(iter(self._contracts), 1)
        alone = Kept(self._client, self._about, self._seed, self._until)
        alone._contracts = {n: self.contract(n)}
        other = {c: k for c, k in self._contracts.items() if k != alone.contract(c)}
        return ", ".join(f"on {c} core{'s' * (c > 1)}: {k}" for c, k in sorted(other.items()))

    def contract(self, cores: int) -> Contract:
        """Return the contract for these cores; else one of others, split over these."""
        if cores in self._contracts or not self._contracts:
            return self._contracts.get(cores, DEFAULT)
        n, found = next(iter(self._contracts.items()))
        if found.reduction.kind == "split" and found.reduction.n == n:
            return found.but(reduction=f"split({cores})" if cores > 1 else "sequential")
        return found

    def explains(self, case: Case, got: Tensors) -> bool:
        """Tell whether the contract that is known gives every bit."""
        made = case.expected(self.contract(case.cores))
        return all(equal(made[name], got[name]) for name in case.outputs)

    def learn(self, case: Case, seconds: float = SECONDS) -> bool:
        """Look for the contract of a case's number of cores; tell whether it gives every bit.

        A contract that was known before, or that explains most cases, stays where none does.
        Each case asks for more evidence: what there was has told a wrong contract, or none.

        Parameters
        ----------
        case : Case
            One that no contract explains which is known so far.
        seconds : float
            For each inference, at most.
        """
        cores = case.cores
        if not self.asking or self._asked[cores] >= MOST_ASKED:
            return False
        self._asked[cores] += 1
        _get_ready()
        self._draw(case)
        own = self._observed([case])
        self._seen[cores][:0] = own
        if not own:
            return False
        answer = self._search(case, seconds)
        told = answer.told
        if answer.contract is None:
            self._asked[cores] = MOST_ASKED
            answer = self._most(self._seen[cores], answer, self._left(seconds))
        if answer.contract is not None and answer.certain:
            self._contracts[cores], self._told[cores] = answer.contract, answer.told
            return _gives(answer.contract, own[0])
        if cores not in self._contracts:
            self._told[cores] = told
        return False

    def _search(self, case: Case, seconds: float) -> Inferred:
        """Infer from what was seen, and from more while it is too little to be certain."""
        cores = case.cores
        while True:
            answer = infer(self._seen[cores], self._left(seconds))
            if answer.contract is None or answer.certain or self._drawn[cores] >= MOST_DRAWN:
                return answer
            if time.monotonic() > self._until:
                return answer
            self._draw(case)

    def _draw(self, case: Case) -> None:
        """Call the kernel on other cases; after one that hangs, no more.

        The first are of all classes of values, the others of the one that shows other bits:
        subnormal numbers are in few cases.
        """
        cores, hangs = case.cores, self._client.hangs
        seen = self._seen.setdefault(cores, [])
        if self._drawn[cores] >= MOST_DRAWN:
            return
        seed = self._seed + DRAWS * self._drawn[cores]
        drawn = evidence(case.name, cores, self._about, seed)
        if self._drawn[cores]:
            drawn = [other.but(values=case.values) for other in drawn]
        seen += self._observed(drawn)
        self._drawn[cores] = self._drawn[cores] + 1 if self._client.hangs == hangs else MOST_DRAWN

    def _left(self, seconds: float) -> float:
        """Return the time of an inference."""
        return max(1.0, min(seconds, self._until - time.monotonic()))

    def _most(self, seen: Sequence[Observed], answer: Inferred, seconds: float) -> Inferred:
        """Return the answer for the cases that the nearest contract explains, if these are most."""
        if answer.nearest is None or answer.nearest == DEFAULT:
            return answer
        fit = [one for one in seen if _gives(answer.nearest, one)]
        most = MOST_LEFT * (len(seen) - len(fit)) <= len(seen)
        return infer(fit, seconds) if most else answer

    def _observed(self, tried: Sequence[Case]) -> list[Observed]:
        """Call the kernel; what is wrong under any contract is no evidence."""
        found = []
        for one, outputs in called(self._client, tried, self._about):
            verdict = judge(one, outputs)
            if verdict is None or verdict.kind == "bits":
                found.append(observed(one, outputs))
        return found


def called(client: Client, tried: Sequence[Case], about: About) -> Iterator[tuple[Case, Tensors]]:
    """Yield the cases that a kernel does, with what it gave; after many crashes, no more."""
    lost = 0
    for one in tried:
        if lost >= MOST_LOST:
            return
        try:
            (got,) = run(client, one, about, [start(one, about)])
        except (Crash, Hang) as error:
            lost += HANG if isinstance(error, Hang) else 1
            continue
        if not got.refused and not got.reply["stuck"]:
            yield one, got.outputs


def observed(case: Case, outputs: Tensors) -> Observed:
    """Return a case and what a kernel gave, as inference takes them."""
    wanted = [outputs.get(arg.name) for arg in case.row.outputs]
    return Observed(case.row.name, case.operands(case.data()), case.attributes(), wanted)


@functools.cache
def _get_ready() -> None:
    """Load, or compile, what an inference needs, before its time is counted."""
    one = np.ones((1, 1), np.float32)
    infer([Observed("linear_forward", [one, one, None], {}, one)])


def _gives(contract: Contract, seen: Observed) -> bool:
    pairs = zip(seen.under(contract), seen.outputs, strict=True)
    return all(a is None or b is None or equal(a, b) for a, b in pairs)


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

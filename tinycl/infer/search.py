"""The contract that reproduces what a kernel gave, to the last bit.

Candidates are judged on a few elements of each reduction; what passes is computed whole by the
specification. An element that then differs joins the sample, until one contract stands or none.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.fast import call
from tinycl.infer.candidates import (
    USUAL,
    Rows,
    candidates,
    columns_of,
    contract_of,
    is_usual,
    likely_numbers,
    reductions,
    row_of,
)
from tinycl.infer.evidence import evidence_of, evidence_of_whole
from tinycl.infer.judge import Judge, wrong_places
from tinycl.infer.observed import Observed
from tinycl.infer.terms import gather
from tinycl.infer.verdict import Inferred, rest_under
from tinycl.num.environment import check_environment

SECONDS = 20.0
MOST_OTHERS = 8
NEAREST = 2.0  # seconds more to find the nearest where nothing fits
MOST_OF_SPARSE = 64  # terms up to which numbers are tried where each candidate is computed whole


def infer(cases: Sequence[Observed], seconds: float = SECONDS) -> Inferred:
    """Find the contract that gives every bit of some calls.

    Parameters
    ----------
    cases : sequence of Observed
        Calls of one kernel, or of several that share a contract.
    seconds : float
        When they are over the search ends and says what it did not try.

    Returns
    -------
    Inferred

    Raises
    ------
    ShapeError
        No cases, or a time that is not positive.
    """
    if not cases:
        raise ShapeError("infer: there is nothing to explain; give at least one call")
    if not seconds > 0:
        raise ShapeError(f"infer: the time must be above 0 seconds, got {seconds}")
    check_environment()
    return _Search(cases, time.monotonic() + seconds).run()


class _Search:
    """One search: the cases, a judge for each reduction, and what was computed already."""

    def __init__(self, cases: Sequence[Observed], deadline: float) -> None:
        self.cases, self.deadline = cases, deadline
        self.fields = frozenset[str]().union(*(c.fields() for c in cases))
        self.judges = [Judge(c) for c in cases if c.is_sum]
        self.judges.sort(key=lambda j: j.total)
        self.known: dict[tuple[int, tuple[str, ...]], bool] = {}
        self.tried = 0
        self.untried = ""

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self.deadline

    def run(self) -> Inferred:
        """Try likely contracts, then all numbers; else find the nearest."""
        stages = list(self._stages())
        likely = stages[0]
        for rows in stages:
            fits = self._fitting(rows)
            while len(fits):
                contract = contract_of(fits[0])
                if self._stands(contract):
                    return self._found(contract, fits, likely)
                fits = self._still(fits[1:]) if self.judges else fits[1:]
                if self.late:
                    self.untried = self.untried or f"{len(fits)} contracts were not tried in time"
                    break
            if self.late:
                left = "unusual numbers of lanes, groups and blocks were not tried in time"
                self.untried = self.untried or (left if rows is not stages[-1] else "")
                break
        return self._nothing(likely)

    def _stages(self) -> Iterator[Rows]:
        totals = [t for c in self.cases for t in lengths(c)]
        hints = [d for c in self.cases for t in (*c.inputs, *c.outputs) if t is not None
                 for d in (*t.shape, int(np.prod(t.shape[-2:])))]  # fmt: skip
        numbers = likely_numbers(totals, hints)
        yield candidates(self.fields, reductions(numbers, totals))
        rest = sorted(set(range(1, max(totals, default=1) + 1)) - set(numbers))
        if rest and "reduction" in self.fields and self.judges:
            yield candidates(self.fields, reductions(rest, totals)[1:])

    def _fitting(self, rows: Rows) -> Rows:
        """Return the candidates that no element of a sample speaks against."""
        self.tried += len(rows) if self.judges else 0
        for judge in self.judges:
            equal, tried = judge.scan(rows, self.deadline)
            if tried < len(rows):
                self.tried -= len(rows) - tried
                self.untried = f"{len(rows) - tried} contracts were not tried in time"
            rows = rows[:tried][equal[:tried] == len(judge.places)]
        return rows

    def _still(self, rows: Rows) -> Rows:
        """Judge candidates again, on samples that have grown."""
        for judge in self.judges:
            equal, tried = judge.scan(rows, self.deadline)
            rows = rows[:tried][equal[:tried] == len(judge.places)]
        return rows

    def _stands(self, contract: Contract) -> bool:
        """Tell whether a contract gives every bit; an element that differs joins its sample."""
        if not self.judges:
            self.tried += 1
        for number, case in enumerate(self.cases):
            seen = (number, tuple(str(getattr(contract, f)) for f in sorted(case.fields())))
            if seen not in self.known:
                self.known[seen] = self._equal(case, contract)
            if not self.known[seen]:
                return False
        return True

    def _equal(self, case: Observed, contract: Contract) -> bool:
        try:
            made = case.under(contract)
        except ShapeError:  # such as a heap's list where survivors must ascend
            return False
        for ours, got in zip(made, case.outputs, strict=True):
            if got is None or ours is None:
                continue
            wrong = wrong_places(ours, got)
            if len(wrong):
                for judge in self.judges:
                    if judge.seen is case:
                        judge.add(wrong[:4])
                return False
        return True

    def _found(self, contract: Contract, fits: Rows, likely: Rows) -> Inferred:
        row = row_of(contract)
        rank = int(np.flatnonzero((likely == row).all(axis=1))[:1].sum()) or self.tried - 1
        rank = 0 if contract == DEFAULT else max(rank, 1)
        others: list[Contract] = []
        for other in self._spread_out(fits[1:]):
            if len(others) == MOST_OTHERS or self.late:
                break
            near = contract_of(other)
            if not self._is_one_group(near) and self._stands(near):
                others.append(near)
        if self.judges:
            evidence = evidence_of(self.judges, likely, rank)
        else:
            evidence = evidence_of_whole(self.cases, likely)
        lists = self.fields <= {"selection_order", "subnormals"}  # these are not met by chance
        return Inferred(
            contract=contract,
            certain=evidence.sure(0 if lists else rank, is_usual(contract.reduction)),
            evidence=evidence.total,
            others=tuple(others),
            open=self._open(contract, fits),
            tried=self.tried,
            untried=self.untried,
        )

    def _spread_out(self, rows: Rows) -> Rows:
        """Return one candidate of each kind of reduction and combination first, then the rest."""
        order = np.concatenate([rows[:, : call.SIZE], rows[:, call.SIZE + 1 :]], axis=1)
        _, first = np.unique(order, axis=0, return_index=True) if len(rows) else (None, [])
        front = np.sort(np.asarray(first, np.int64))
        return np.concatenate((rows[front], np.delete(rows, front, axis=0)))

    def _open(self, contract: Contract, fits: Rows) -> dict[str, tuple[str, ...]]:
        """Return values of fields that would fit as well, the rest being as it is."""
        row, found = row_of(contract), {}
        same = fits == row
        for name in sorted(self.fields):
            if self.late:
                break
            free = columns_of(name)
            fixed = np.delete(same, free, axis=1).all(axis=1)
            near = fits[fixed & ~same[:, free].all(axis=1)][:MOST_OTHERS]
            others = [contract_of(other) for other in near]
            if name == "reduction":  # one group of all terms is hardly another way to add
                others = [o for o in others if not self._is_one_group(o)][:3]
            values = tuple(str(getattr(o, name)) for o in others if self._stands(o))
            found.update({name: values} if values else {})
        return found

    def _is_one_group(self, contract: Contract) -> bool:
        """Tell whether there is but one group: then the order is that of one accumulator."""
        kind, n = contract.reduction.kind, contract.reduction.n
        return kind == "grouped" and all(n >= judge.total for judge in self.judges)

    def _nothing(self, likely: Rows) -> Inferred:
        """Return the nearest candidate and what remains under it."""
        nearest = DEFAULT
        if self.judges and len(likely):
            usual = np.isin(likely[:, call.SIZE], (0, *USUAL))
            rows = np.concatenate((likely[usual], likely[~usual]))
            total, until = np.zeros(len(rows), np.int64), time.monotonic() + NEAREST
            for judge in self.judges:
                equal, tried = judge.scan(rows, until, len(judge.places) + 1)
                rows, total = rows[:tried], total[:tried] + equal[:tried]
            nearest = contract_of(rows[int(np.argmax(total))])
        elif len(likely) <= 64:
            some = [contract_of(row) for row in likely]
            nearest = min(some, key=lambda c: rest_under(self.cases, c).differing)
        rest = rest_under(self.cases, nearest)
        default = rest if nearest == DEFAULT else rest_under(self.cases, DEFAULT)
        if default.differing < 2 * rest.differing:  # an odd contract is near to some by chance
            nearest, rest = DEFAULT, default
        return Inferred(None, nearest=nearest, rest=rest, tried=self.tried, untried=self.untried)


def lengths(case: Observed) -> tuple[int, ...]:
    """Return T of the reductions of a call, of the batch and of a sample."""
    if not case.is_sum:
        return (min(max(t.size for t in case.inputs if t is not None), MOST_OF_SPARSE),)
    found = gather(case.kind, case.inputs, case.attrs, np.zeros(1, np.int64))
    return (found.total, found.each) if found.batch > 1 and found.each > 1 else (found.total,)

"""The contract of a library's kernel, from cases chosen so that they tell it from its rivals."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from tinycl.bits import equal
from tinycl.contract import DEFAULT, Contract
from tinycl.infer import Inferred, Observed, ProbeError
from tinycl.infer.calls import Group
from tinycl.infer.probe import vectors
from tinycl.validate.about import About
from tinycl.validate.case import Case
from tinycl.validate.client import Client
from tinycl.validate.contracts import EVIDENCE, evidence, observed
from tinycl.validate.element import PROBED, case_of, elements

POOL = 240  # cases that are drawn; the first EVIDENCE are called, others where they tell rivals
ROUNDS = 4
EACH = 2  # cases against one rival
TERMS = 12  # of the sums that are built to round in one way or another
LONG = 480  # of those that are longer than most blocks
CHOOSING = 0.5  # of the time, at most, to look for cases


def contract_of_kernel(
    client: Client, name: str, about: About, cores: int, seed: int, seconds: float
) -> tuple[Group, Inferred]:
    """Call a kernel and search its contract; then call it on what tells apart all that would fit.

    Parameters
    ----------
    client : Client
    name : str
    about : About
    cores, seed : int
    seconds : float
        For all of it.

    Returns
    -------
    group : Group
        The calls; none where the kernel refuses, crashes or hangs on every case.
    answer : Inferred
    """
    deadline = time.monotonic() + seconds
    pool = evidence(name, cores, about, seed, POOL)
    group = Group(name, name, pool[0].outputs, most=POOL)

    def take(cases: Iterable[Case]) -> None:
        for call in observed(client, list(cases), about):
            group.take(Observed(*call), DEFAULT)

    take([*pool[:EVIDENCE], *_built(client, name, about, cores)])
    left = pool[EVIDENCE:]
    if not group.count:
        return group, Inferred(None)
    answer = group.search(seconds)
    for _ in range(ROUNDS):
        until = time.monotonic() + CHOOSING * (deadline - time.monotonic())
        chosen = _telling(left, answer, until)
        if not chosen:
            break
        left = [case for case in left if case not in chosen]
        take(chosen)
        answer = group.search(max(deadline - time.monotonic(), 0.1))
    return group, answer


def rivals(answer: Inferred) -> list[Contract]:
    """Return contracts that fit as well as the one that was found."""
    if answer.contract is None:
        return []
    single = [answer.contract.but(**{f: v}) for f, values in answer.open.items() for v in values]
    return list(dict.fromkeys((*single, *answer.others)))


def _telling(left: Sequence[Case], answer: Inferred, until: float) -> list[Case]:
    """Choose cases on which the contract that was found and a rival give other bits."""
    chosen: list[Case] = []
    for rival in rivals(answer):
        met = 0
        for case in (*chosen, *sorted(left, key=lambda c: c.values == "plain")):
            if met == EACH or time.monotonic() > until:
                break
            assert answer.contract is not None
            ours, theirs = case.expected(answer.contract), case.expected(rival)
            if any(not equal(ours[n], theirs[n]) for n in ours):
                met += 1
                chosen += [] if case in chosen else [case]
    return chosen


def _built(client: Client, name: str, about: About, cores: int) -> Iterator[Case]:
    """Yield cases whose first and last sums show a start, a multiply-add and flushing."""
    if name not in PROBED:
        return
    for terms in (LONG, TERMS):
        try:
            found = list(elements(client, case_of(name, about, terms, cores, {}), about))
        except ProbeError:
            return
        for element in found:
            length, leaves = element.length, element.length + element.bias
            for x, w in vectors(length, leaves)[: None if terms == TERMS else 1]:
                bias = (np.float32(x[0, -1] * w[-1]),) if element.bias else ()
                yield element.case_with(x[0, :length], w[:length], *bias)

"""The contract of a library's kernel, from cases chosen so that they tell it from its rivals."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from tinycl.bits import equal
from tinycl.contract import DEFAULT, Contract
from tinycl.infer import Inferred, ProbeError
from tinycl.infer.calls import Group
from tinycl.infer.vectors import vectors
from tinycl.validate.about import About
from tinycl.validate.case import Case
from tinycl.validate.client import Client
from tinycl.validate.contracts import EVIDENCE, called, evidence, observed
from tinycl.validate.element import PROBED, case_of, elements

POOL = 160  # cases that are drawn; the first EVIDENCE are called, others where they tell rivals
ROUNDS = 4
EACH = 2  # cases against one rival
TERMS = 12  # of the sums that are built to round in one way or another
ROWS = 8  # of long sums, of each of two elements
LONG = 480  # of those that are longer than most blocks
CHOOSING = 0.25  # of the time, at most, to look for cases


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
        for case, outputs in called(client, list(cases), about):
            group.take(observed(case, outputs), DEFAULT)

    take([*pool[:EVIDENCE], *_built(client, name, about, cores)])
    if not group.count:
        return group, Inferred(None)
    answer, left = group.search(seconds), pool[EVIDENCE:]
    alike: set[Contract] = set()  # rivals from which no case of the pool tells it
    for _ in range(ROUNDS):
        others = [c for c in rivals(answer) if c not in alike]
        until = time.monotonic() + CHOOSING * (deadline - time.monotonic())
        chosen, met = _telling(left, answer, others, until)
        alike |= {c for c in others if not met[c]}
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


def _telling(
    left: Sequence[Case], answer: Inferred, others: Sequence[Contract], until: float
) -> tuple[list[Case], Counter[Contract]]:
    """Choose cases on which the contract that was found and a rival give other bits.

    Returns
    -------
    chosen : list of Case
    met : Counter
        How many cases speak against each rival.
    """
    chosen: list[Case] = []
    met: Counter[Contract] = Counter()
    for case in sorted(left, key=lambda c: c.values == "plain"):
        rest = [c for c in others if met[c] < EACH]
        if answer.contract is None or not rest or time.monotonic() > until:
            break
        ours = case.expected(answer.contract)
        for rival in rest:
            theirs = case.expected(rival)
            if any(not equal(ours[n], theirs[n]) for n in ours):
                met[rival] += 1
                chosen += [] if case in chosen else [case]
    return chosen, met


def _built(client: Client, name: str, about: About, cores: int) -> Iterator[Case]:
    """Yield cases whose first and last sums show a start, a multiply-add and flushing."""
    if name.endswith("bias_grad"):
        yield case_of(name, about, LONG, cores, {})
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
                for row in x[: 1 if terms == TERMS else ROWS]:
                    bias = (np.float32(row[-1] * w[-1]),) if element.bias else ()
                    yield element.case_with(row[:length], w[:length], *bias)

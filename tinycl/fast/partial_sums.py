"""Reductions of which some terms take part: where each goes, and the sum over a batch.

Terms keep the numbers of the dense reduction, which say what partial sum each belongs to. As
listed, a term takes the first free place of its partial sum instead of its own, so that
`ordered_sum` adds the terms in the order of the list.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import ZERO, add, read
from tinycl.fast.sums import ABSENT, LANES, SEQUENTIAL, SPLIT, ordered_sum


@njit
def empty(terms: Any, first: int, total: int) -> None:
    """Let terms first .. first+total-1 take no part; `begun` counts the places taken."""
    for t in range(first, first + total):
        terms.kind[t], terms.begun[t] = ABSENT, 0


@njit
def take_place(p: Any, terms: Any, first: int, t: int, total: int, as_listed: bool) -> int:
    """Return where term t of a reduction goes that begins at `first` and has `total` terms."""
    if not as_listed:
        return first + t
    how, n = p[call.REDUCTION], p[call.SIZE]
    if how == LANES:
        part = t % n
        place = part + n * terms.begun[first + part]
    else:
        size = n
        if how == SEQUENTIAL:
            size = total
        elif how == SPLIT:
            size = (total + n - 1) // n
        part = t // size
        place = part * size + terms.begun[first + part]
    terms.begun[first + part] += 1
    return first + place


@njit
def sum_of_samples(p: Any, terms: Any, each: int, batch: int) -> Any:
    """Reduce batch * each terms under `batch`; a sample without a term is left out."""
    if not p[call.PER_SAMPLE]:
        return ordered_sum(p, terms, 0, each * batch, ZERO, False)
    flush = p[call.FLUSH]
    whole, begun = ZERO, p[call.FIRST] == 0
    for n in range(batch):
        some = False
        for t in range(n * each, (n + 1) * each):
            some = some or terms.kind[t] != ABSENT
        if some:
            sample = ordered_sum(p, terms, n * each, each, ZERO, False)
            whole = add(sample, whole, flush) if begun else read(sample, flush)
            begun = True
    return whole


@njit
def place_in_batch(
    p: Any, terms: Any, n: int, position: int, area: int, batch: int, heap: bool
) -> int:
    """Return where the term of a position of sample n goes in a gradient over the batch."""
    if p[call.PER_SAMPLE]:
        return take_place(p, terms, n * area, position, area, heap)
    return take_place(p, terms, 0, n * area + position, batch * area, heap)

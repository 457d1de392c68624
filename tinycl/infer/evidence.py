"""How much some cases say, in bits: whether a contract could fit them by chance.

A fault that is no contract gives some number near the right one. Where candidates give many
different numbers one of them may well be it, so a few elements prove nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import words
from tinycl.errors import ShapeError
from tinycl.infer.candidates import Rows, contract_of
from tinycl.infer.judge import Judge
from tinycl.infer.observed import Observed

SPREAD = 192  # candidates from which the spread of an element is read
SIMPLER = 256  # candidates that the found one is held against
FEW = 12  # candidates where each is computed whole
MOST_ELEMENTS = 64  # of a tensor, where each is computed whole
SURE = 4.0  # bits beyond the number of candidates


class Evidence(NamedTuple):
    """`total` bits: 0 where all candidates agree. `margin`: what speaks against simpler ones."""

    total: float
    margin: float

    def sure(self, rank: int, usual: bool) -> bool:
        """Tell whether chance is ruled out for the candidate of that rank; the first needs none.

        A contract with a usual number, such as four lanes, must outweigh the candidates tried; any
        other one must do so by what speaks against the closest simpler contract alone.
        """
        bits = self.total if usual else self.margin
        return bool(self.total > 0 and (rank == 0 or bits >= np.log2(1 + rank) + SURE))


def evidence_of(judges: Sequence[Judge], rows: Rows, rank: int) -> Evidence:
    """Weigh a candidate that gives every bit.

    Parameters
    ----------
    judges : sequence of Judge
    rows : ndarray of int64, shape (C, WIDTH)
        Candidates, likely ones first.
    rank : int
        How many come before the one that was found.

    Returns
    -------
    Evidence
        The margin is that of the simpler candidate which comes closest: the entropies of the
        elements, alike ones counted once, that speak against it.
    """
    wanted = np.concatenate([judge.wanted for judge in judges])
    front, spread = rows[: min(rank, SIMPLER)], _spaced(rows, SPREAD)
    tables = [np.concatenate([j.bits(r) for j in judges], axis=1) for r in (spread, front)]
    return evidence_of_words(tables[0], tables[1], wanted)


def evidence_of_words(spread: NDArray[Any], front: NDArray[Any], wanted: NDArray[Any]) -> Evidence:
    """Weigh a candidate by what others give.

    Parameters
    ----------
    spread, front : ndarray of int32 or uint32, shapes (S, E) and (F, E)
        What some of all candidates give, and what simpler ones give.
    wanted : ndarray, shape (E,)
        What came.
    """
    _, unlike = np.unique(np.vstack((spread, front, wanted)), axis=1, return_index=True)
    entropy = np.array([_entropy(column) for column in spread[:, unlike].T])
    wrong = front[:, unlike] != wanted[unlike]
    against = (wrong * entropy).sum(axis=1)[wrong.any(axis=1)]
    total = float(entropy.sum())
    return Evidence(total, float(against.min()) if len(against) else total)


def evidence_of_whole(cases: Sequence[Observed], rows: Rows) -> Evidence:
    """Weigh cases that no judge can sample: a few candidates are computed whole."""
    results = []
    for row in _spaced(rows, FEW):
        given = [_start_of(case, row) for case in cases]
        results.append(np.concatenate(given))
    unlike = np.unique(np.stack(results), axis=1)
    total = float(sum(_entropy(column) for column in unlike.T))
    return Evidence(total, total)


def _start_of(case: Observed, row: Rows) -> NDArray[np.uint32]:
    """Return the first bits of each output under a candidate; zeros if it refuses the inputs."""
    try:
        made = case.under(contract_of(row))
    except ShapeError:
        made = tuple(None if got is None else np.zeros_like(got) for got in case.outputs)
    pairs = zip(made, case.outputs, strict=True)
    return np.concatenate(
        [words(r).ravel()[:MOST_ELEMENTS] for r, got in pairs if r is not None and got is not None]
    )


def _entropy(column: NDArray[np.generic]) -> float:
    share = np.unique(column, return_counts=True)[1] / len(column)
    return float(-(share * np.log2(share)).sum())


def _spaced(rows: Rows, most: int) -> Rows:
    return rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(np.int64)]

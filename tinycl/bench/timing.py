"""Timing two things in turn, so that a machine whose speed drifts is fair to both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

Job = Callable[[], object]


class Times(NamedTuple):
    """Median, and lower and upper quartile, in seconds."""

    median: float
    low: float
    high: float


def interleave(
    jobs: dict[str, Job], budget: float, least: int = 7, settle: float = 0.0
) -> dict[str, Times]:
    """Time jobs in turn: one warm-up, then rounds until the budget is spent.

    Each turn begins with a call that is not timed, as steps and kernels follow their like.

    Parameters
    ----------
    jobs : dict of str to callable
    budget : float
        Seconds, all together.
    least : int
        Rounds, at least.
    settle : float
        Seconds of rest before each job. OpenMP's threads go on spinning for 0.2 s after their
        work, on the processors that the other side needs.

    Returns
    -------
    dict of str to Times
        Short jobs are repeated inside a round, so that a round takes at least 2 ms each.
    """
    repeats = {}
    for name, job in jobs.items():
        job()
        repeats[name] = max(1, int(0.002 / max(once(job, 1), 1e-7)))
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    begun = time.perf_counter()
    while time.perf_counter() - begun < budget or min(map(len, taken.values())) < least:
        for name, job in jobs.items():
            if settle:
                time.sleep(settle)
            job()
            taken[name].append(once(job, repeats[name]))
    return {name: summary(values) for name, values in taken.items()}


def once(job: Job, repeats: int) -> float:
    """Return the seconds of one call, averaged over some."""
    begun = time.perf_counter()
    for _ in range(repeats):
        job()
    return (time.perf_counter() - begun) / repeats


def summary(values: list[float]) -> Times:
    """Return median and quartiles."""
    low, middle, high = statistics.quantiles(values, n=4)
    return Times(middle, low, high)

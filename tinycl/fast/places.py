"""Places of a replay memory for new samples: the twins of `tinycl.ops.places`.

Where each draw depends on the one before, core 0 works alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast.call import attribute, elements, integers, share
from tinycl.fast.chance import bounded, stream_of

RANDOM, BALANCED = 2, 6  # inputs and outputs
UNSEEN = -2


@njit
def _among(values: Any, begin: int, end: int, value: int) -> int:
    """Return the first of some places that holds a value, -1 if none does."""
    for i in range(begin, end):
        if values[i] == value:
            return i
    return -1


@njit
def _random(p: Any) -> None:
    places, stream = integers(p, 1), stream_of(p, 0, RANDOM, 1)
    seed, filled = np.uint64(attribute(p, RANDOM, 0)), attribute(p, RANDOM, 3)
    stored, count = attribute(p, RANDOM, 4), attribute(p, RANDOM, 5)
    free = min(stored, attribute(p, RANDOM, 2) - filled)
    others = stored - free
    for j in range(count):
        places[j] = filled + j if j < free else -1
    for j in range(others):
        last = filled - others + j
        place = bounded(seed, stream, count + j, last + 1)
        places[free + j] = last if _among(places, free, free + j, place) >= 0 else place
    for i in range(count - 1, 0, -1):
        j = bounded(seed, stream, i, i + 1)
        places[i], places[j] = places[j], places[i]


def random_places(p: Any, core: int, cores: int) -> None:
    """Compute places (tensor 1): `stored` different ones at random samples."""
    if core == 0:
        _random(p)


@njit
def _reservoir(p: Any, begin: int, end: int) -> None:
    places, stream = integers(p, 1), stream_of(p, 0, RANDOM, 1)
    seed, slots = np.uint64(attribute(p, RANDOM, 0)), attribute(p, RANDOM, 2)
    for j in range(begin, end):
        t = attribute(p, RANDOM, 3) + j
        place = t if t < slots else bounded(seed, stream, j, t + 1)
        places[j] = place if place < slots else -1


def reservoir_places(p: Any, core: int, cores: int) -> None:
    """Compute places (tensor 1) by algorithm R."""
    begin, end = share(elements(p, 1), core, cores)
    _reservoir(p, begin, end)


@njit
def _nth(values: Any, value: int, n: int) -> int:
    """Return where a value stands for the n-th time, n = 0, 1, ..."""
    for i in range(values.size):
        if values[i] == value:
            if n == 0:
                return i
            n -= 1
    return -1


@njit
def _balanced(p: Any) -> None:
    kept, labels, places, counts = integers(p, 0), integers(p, 1), integers(p, 3), integers(p, 5)
    seed, stream = np.uint64(attribute(p, BALANCED, 0)), stream_of(p, 2, BALANCED, 1)
    filled, n = attribute(p, BALANCED, 2), labels.size
    counts[:] = 0
    for s in range(filled):
        if 0 <= kept[s] < counts.size:
            counts[kept[s]] += 1
    places[:] = UNSEEN
    for k in range(n):
        i = _nth(places, UNSEEN, bounded(seed, stream, k, n - k))
        places[i], own = -1, labels[i]
        if not 0 <= own < counts.size:
            continue
        most = np.argmax(counts)
        if filled < kept.size:
            place, filled = filled, filled + 1
        elif counts[own] < counts[most]:
            place = _nth(kept, most, bounded(seed, stream, n + k, counts[most]))
            counts[most] -= 1
            replaced = _among(places, 0, n, place)
            if replaced >= 0:
                places[replaced] = -1
        else:
            continue
        places[i], kept[place] = place, own
        counts[own] += 1


def balanced_places(p: Any, core: int, cores: int) -> None:
    """Compute places (tensor 3) and counts (5) and update kept (0) for labels (1)."""
    if core == 0:
        _balanced(p)

"""A head whose rows are kept class by class: the twins of `tinycl.ops.head`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast.arithmetic import ZERO, add, div, mac, sqrt, sub
from tinycl.fast.call import axis, elements, integers, share, vector
from tinycl.fast.elements import under_contract

ONE = np.float32(1)


@njit
def _counts(p: Any, begin: int, end: int) -> None:
    labels, counts = integers(p, 0), integers(p, 1)
    counts[begin:end] = 0
    for i in range(labels.size):
        if begin <= labels[i] < end:
            counts[labels[i]] += 1


def class_counts(p: Any, core: int, cores: int) -> None:
    """Compute counts (classes,) of labels (tensor 0): a core counts some classes."""
    begin, end = share(elements(p, 1), core, cores)
    _counts(p, begin, end)


@njit
def _load(p: Any, begin: int, end: int) -> None:
    saved, counts, w, features = integers(p, 0), integers(p, 1), integers(p, 2), axis(p, 0, 1)
    for c in range(begin, end):
        for i in range(c * features, (c + 1) * features):
            w[i] = saved[i] if counts[c] > 0 else 0


def load_head(p: Any, core: int, cores: int) -> None:
    """Compute w (tensor 2): rows of saved (0) where counts (1) are above 0, else +0.0."""
    begin, end = share(axis(p, 0, 0), core, cores)
    _load(p, begin, end)


@njit
def _mean(w: Any, counts: Any, features: int, flush: int) -> Any:
    """Return the mean of the rows at hand, one chain; each core computes it."""
    total, rows = ZERO, 0
    for c in range(counts.size):
        if counts[c] > 0:
            rows += 1
            for i in range(c * features, (c + 1) * features):
                total = add(total, w[i], flush)
    return div(total, np.float32(rows * features), flush)


@njit(forceinline=True)
def _rows(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    saved, past, w, counts = vector(p, 0), integers(p, 1), vector(p, 2), integers(p, 3)
    features = axis(p, 0, 1)
    mean = _mean(w, counts, features, flush)
    for c in range(begin, begin + count):
        if counts[c] <= 0:
            continue
        k = sqrt(div(np.float32(past[c]), np.float32(counts[c]), flush), flush)
        for i in range(c * features, (c + 1) * features):
            change = sub(w[i], mean, flush)
            if past[c] > 0:
                change = div(mac(saved[i], k, change, kind, flush), add(k, ONE, flush), flush)
            saved[i] = change
        past[c] += counts[c]


@njit
def _consolidate(p: Any, core: int, cores: int) -> None:
    begin, end = share(axis(p, 0, 0), core, cores)
    under_contract(_rows, p, begin, end - begin)


def consolidate_head(p: Any, core: int, cores: int) -> None:
    """Update saved and past (tensors 0, 1) from w and counts (2, 3): a core has some rows."""
    _consolidate(p, core, cores)

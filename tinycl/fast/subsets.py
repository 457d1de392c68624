"""Places of one axis taken out and put back; runs behind that axis lie side by side."""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast import call
from tinycl.fast.call import address, attribute, axis, elements, floats, share
from tinycl.fast.survivors import words


@njit
def run_of(p: Any, tensors: int) -> int:
    """Return the words of x (tensor 0) behind its attribute `axis`."""
    inner = 1
    for k in range(attribute(p, tensors, 0) + 1, p[call.HEADER + 2]):
        inner *= axis(p, 0, k)
    return inner


@njit
def copy(source: int, target: int, count: int) -> None:
    """Copy words."""
    a, b = floats(source, count), floats(target, count)
    for i in range(count):
        b[i] = a[i]


@njit
def _gather(p: Any, begin: int, end: int) -> None:
    inner, k = run_of(p, 3), axis(p, 1, 1)
    d = axis(p, 0, attribute(p, 3, 0))
    x, y, index = address(p, 0), address(p, 2), words(address(p, 1), k)
    if inner == 1:
        to, values = floats(y, end), floats(x, elements(p, 0))
        for outer in range(begin // k, (end + k - 1) // k):
            for j in range(max(0, begin - outer * k), min(k, end - outer * k)):
                to[outer * k + j] = values[outer * d + max(0, min(d - 1, index[j]))]
        return
    for row in range(begin, end):
        at = index[row % k]
        if 0 <= at < d:
            copy(x + 4 * (row // k * d + at) * inner, y + 4 * row * inner, inner)


def gather(p: Any, core: int, cores: int) -> None:
    """Compute y: x (tensor 0) at the places of index (1) along an axis."""
    begin, end = share(elements(p, 2) // run_of(p, 3), core, cores)
    _gather(p, begin, end)


@njit
def _scatter(p: Any, core: int, cores: int) -> None:
    inner, k = run_of(p, 4), axis(p, 2, 1)
    d = axis(p, 0, attribute(p, 4, 0))
    x, y, index = address(p, 0), address(p, 1), words(address(p, 2), k)
    begin, end = share(d, core, cores)
    for outer in range(elements(p, 0) // (d * inner)):
        for j in range(k):
            at = index[j]
            if begin <= at < end:
                copy(y + 4 * (outer * k + j) * inner, x + 4 * (outer * d + at) * inner, inner)


def scatter(p: Any, core: int, cores: int) -> None:
    """Put y (tensor 1) into x (0) at the places of index (2): a core owns places of x."""
    _scatter(p, core, cores)

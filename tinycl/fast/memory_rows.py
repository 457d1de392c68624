"""Rows of a memory taken out, put in, set behind each other: the twins of `tinycl.ops.rows`.

Bits move. A core has some of the columns of each row, so that rows are put in their order.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast.call import address, axis, elements, integers, share, unsigned_bytes
from tinycl.fast.survivors import words


@njit(inline="always")
def _gather(x: Any, index: Any, y: Any, columns: int, begin: int, end: int) -> None:
    """Take columns begin .. end-1 of rows; a place outside x gives zeros."""
    rows = x.size // columns
    for j in range(index.size):
        inside = 0 <= index[j] < rows
        at, to = index[j] * columns, j * columns
        for i in range(begin, end):
            y[to + i] = x[at + i] if inside else 0


@njit(inline="always")
def _put(x: Any, y: Any, places: Any, columns: int, begin: int, end: int) -> None:
    """Put columns begin .. end-1 of rows; a place outside x takes nothing."""
    rows = x.size // columns
    for j in range(places.size):
        at, of = places[j] * columns, j * columns
        if 0 <= places[j] < rows:
            for i in range(begin, end):
                x[at + i] = y[of + i]


@njit
def _gather_bytes(p: Any, begin: int, end: int) -> None:
    _gather(unsigned_bytes(p, 0), integers(p, 1), unsigned_bytes(p, 2), axis(p, 0, 1), begin, end)


def gather_bytes(p: Any, core: int, cores: int) -> None:
    """Compute y (k, bytes): rows of x (tensor 0) at the places of index (1)."""
    begin, end = share(axis(p, 0, 1), core, cores)
    _gather_bytes(p, begin, end)


@njit
def _gather_labels(p: Any, begin: int, end: int) -> None:
    index, y = words(address(p, 1) + 4 * begin, end - begin), words(address(p, 2), end)
    _gather(integers(p, 0), index, y[begin:end], 1, 0, 1)


def gather_labels(p: Any, core: int, cores: int) -> None:
    """Compute y (k,): x (tensor 0) at the places of index (1)."""
    begin, end = share(elements(p, 2), core, cores)
    _gather_labels(p, begin, end)


@njit
def _concat(p: Any, begin: int, end: int) -> None:
    a, b, y = integers(p, 0), integers(p, 1), integers(p, 2)
    middle = min(max(begin, a.size), end)
    for i in range(begin, middle):
        y[i] = a[i]
    for i in range(middle, end):
        y[i] = b[i - a.size]


def concat_rows(p: Any, core: int, cores: int) -> None:
    """Compute y: the words of a (tensor 0), then those of b (1)."""
    begin, end = share(elements(p, 2), core, cores)
    _concat(p, begin, end)


def concat_labels(p: Any, core: int, cores: int) -> None:
    """Compute y: the labels of a (tensor 0), then those of b (1)."""
    begin, end = share(elements(p, 2), core, cores)
    _concat(p, begin, end)


@njit
def _put_words(p: Any, core: int, cores: int) -> None:
    columns = elements(p, 0) // axis(p, 0, 0)
    begin, end = share(columns, core, cores)
    _put(integers(p, 0), integers(p, 1), integers(p, 2), columns, begin, end)


def put_rows(p: Any, core: int, cores: int) -> None:
    """Put rows of y (tensor 1) into x (0) at places (2)."""
    _put_words(p, core, cores)


def put_labels(p: Any, core: int, cores: int) -> None:
    """Put labels y (tensor 1) into x (0) at places (2): one column, so core 0 alone."""
    _put_words(p, core, cores)


@njit
def _put_bytes(p: Any, begin: int, end: int) -> None:
    x, y = unsigned_bytes(p, 0), unsigned_bytes(p, 1)
    _put(x, y, integers(p, 2), axis(p, 0, 1), begin, end)


def put_bytes(p: Any, core: int, cores: int) -> None:
    """Put rows of bytes y (tensor 1) into x (0) at places (2)."""
    begin, end = share(axis(p, 0, 1), core, cores)
    _put_bytes(p, begin, end)

"""Operators as operations, copies, accumulation: element i of y from element i of the rest.

`accumulate` and `clear` work in place: their output lies where their first input does.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast import arithmetic as one
from tinycl.fast import explog
from tinycl.fast.elements import by_element, integer_part, part

LESS, EQUAL, GREATER = 1, 2, 4


@njit(forceinline=True)
def _add(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    a, b, y = part(p, 0, begin, count), part(p, 1, begin, count), part(p, 2, begin, count)
    for i in range(count):
        y[i] = one.add(a[i], b[i], flush)


def add(p: Any, core: int, cores: int) -> None:
    """Compute y = a + b."""
    by_element(_add, p, core, cores)


@njit(forceinline=True)
def _sub(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    a, b, y = part(p, 0, begin, count), part(p, 1, begin, count), part(p, 2, begin, count)
    for i in range(count):
        y[i] = one.sub(a[i], b[i], flush)


def sub(p: Any, core: int, cores: int) -> None:
    """Compute y = a - b."""
    by_element(_sub, p, core, cores)


@njit(forceinline=True)
def _mul(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    a, b, y = part(p, 0, begin, count), part(p, 1, begin, count), part(p, 2, begin, count)
    for i in range(count):
        y[i] = one.mul(a[i], b[i], flush)


def mul(p: Any, core: int, cores: int) -> None:
    """Compute y = a * b."""
    by_element(_mul, p, core, cores)


@njit(forceinline=True)
def _div(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    a, b, y = part(p, 0, begin, count), part(p, 1, begin, count), part(p, 2, begin, count)
    for i in range(count):
        y[i] = one.div(a[i], b[i], flush)


def div(p: Any, core: int, cores: int) -> None:
    """Compute y = a / b."""
    by_element(_div, p, core, cores)


@njit(forceinline=True)
def _mac(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    a, b, c = part(p, 0, begin, count), part(p, 1, begin, count), part(p, 2, begin, count)
    y = part(p, 3, begin, count)
    for i in range(count):
        y[i] = one.mac(a[i], b[i], c[i], kind, flush)


def mac(p: Any, core: int, cores: int) -> None:
    """Compute y = a*b + c."""
    by_element(_mac, p, core, cores)


@njit(forceinline=True)
def _sqrt(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    a, y = part(p, 0, begin, count), part(p, 1, begin, count)
    for i in range(count):
        y[i] = one.sqrt(a[i], flush)


def sqrt(p: Any, core: int, cores: int) -> None:
    """Compute y = the square root of a."""
    by_element(_sqrt, p, core, cores)


@njit(forceinline=True)
def _exp(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    a, y = part(p, 0, begin, count), part(p, 1, begin, count)
    for i in range(count):
        y[i] = one.read(explog.exp(one.read(a[i], flush)), flush)


def exp(p: Any, core: int, cores: int) -> None:
    """Compute y = e^a."""
    by_element(_exp, p, core, cores)


@njit(forceinline=True)
def _log(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    a, y = part(p, 0, begin, count), part(p, 1, begin, count)
    for i in range(count):
        y[i] = one.read(explog.log(one.read(a[i], flush)), flush)


def log(p: Any, core: int, cores: int) -> None:
    """Compute y = the natural logarithm of a."""
    by_element(_log, p, core, cores)


@njit(forceinline=True)
def _compare(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    a, b, y = part(p, 0, begin, count), part(p, 1, begin, count), integer_part(p, 2, begin, count)
    for i in range(count):
        left, right = one.read(a[i], flush), one.read(b[i], flush)
        y[i] = LESS * (left < right) + EQUAL * (left == right) + GREATER * (left > right)


def compare(p: Any, core: int, cores: int) -> None:
    """Compute y = 1 where a < b, 2 where a == b, 4 where a > b, 0 where one is NaN."""
    by_element(_compare, p, core, cores)


@njit(forceinline=True)
def _accumulate(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    total, x = part(p, 0, begin, count), part(p, 1, begin, count)
    for i in range(count):
        total[i] = one.add(total[i], x[i], flush)


def accumulate(p: Any, core: int, cores: int) -> None:
    """Compute total = total + x."""
    by_element(_accumulate, p, core, cores)


@njit(forceinline=True)
def _clear(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    x = part(p, 0, begin, count)
    for i in range(count):
        x[i] = one.ZERO


def clear(p: Any, core: int, cores: int) -> None:
    """Compute x = +0.0."""
    by_element(_clear, p, core, cores)


@njit(forceinline=True)
def _copy(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    x, y = integer_part(p, 0, begin, count), integer_part(p, 1, begin, count)
    for i in range(count):
        y[i] = x[i]


def copy(p: Any, core: int, cores: int) -> None:
    """Compute y = x, bit by bit."""
    by_element(_copy, p, core, cores)


def flatten_forward(p: Any, core: int, cores: int) -> None:
    """Copy the bits: x (n, c, h, w) to y (n, c*h*w)."""
    by_element(_copy, p, core, cores)


def flatten_input_grad(p: Any, core: int, cores: int) -> None:
    """Copy the bits: dy (n, c*h*w) to dx (n, c, h, w)."""
    by_element(_copy, p, core, cores)

"""Channels in groups of up to eight: their numbers and sums lie in lanes, in scratch memory.

x is (n, c, area). A group is rows of one sample side by side, and the same rows of the next one.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import FMA, FMA_VIA_DOUBLE
from tinycl.fast.call import address, axis, elements, floats, vector
from tinycl.fast.row_sums import POSITIONS, ROWS

SUMS, NUMBERS = 2, 4  # vectors of each
FIXED = 4 * ROWS * SUMS  # bytes before the numbers


def lanes_scratch(shapes: Any, attrs: Any) -> int:
    """Return the words of sums and numbers."""
    return ROWS * (SUMS + NUMBERS)


@njit(forceinline=True)
def by_group(loop: Any, p: Any, begin: int, end: int, core: int) -> None:
    """Run loop(p, room, first, rows, mac, flush) over channels begin .. end-1, ROWS at a time."""
    room = call.scratch(p, core)
    for first in range(begin, end, ROWS):
        rows = min(ROWS, end - first)
        if p[call.MAC] == FMA and p[call.FLUSH] == 0:
            loop(p, room, first, rows, FMA, 0)
        else:
            loop(p, room, first, rows, p[call.MAC], p[call.FLUSH])


@njit(forceinline=True)
def area_of(p: Any, i: int) -> int:
    """Return the elements of a channel of one sample of tensor i."""
    return elements(p, i) // (axis(p, i, 0) * axis(p, i, 1))


@njit(forceinline=True)
def steps_of(area: int, kind: int, flush: int) -> int:
    """Return how many steps vectors can take; none where they lack the operator."""
    return 0 if flush or kind == FMA_VIA_DOUBLE else area // POSITIONS


@njit(forceinline=True)
def one_of(p: Any, tensor: int, c: int, otherwise: Any) -> Any:
    """Return a channel's number from an optional tensor (c)."""
    return otherwise if address(p, tensor) == 0 else vector(p, tensor)[c]


@njit(forceinline=True)
def put(room: int, k: int, lane: int, value: Any) -> None:
    """Let number k of a lane be a value."""
    floats(room + FIXED, ROWS * NUMBERS)[ROWS * k + lane] = value


@njit(forceinline=True)
def clear_sums(room: int, value: Any) -> Any:
    """Let all sums be a value, and return them."""
    sums = floats(room, ROWS * SUMS)
    for i in range(ROWS * SUMS):
        sums[i] = value
    return sums


@njit(forceinline=True)
def row_of(p: Any, i: int, n: int, c: int, area: int, done: int) -> Any:
    """Return channel c of sample n of tensor i from position `done` on."""
    first = (n * axis(p, i, 1) + c) * area + done
    return floats(address(p, i) + 4 * first, area - done)

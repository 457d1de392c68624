"""Lists of places that move on with a turn: the twins of `tinycl.ops.turns`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast.call import attribute, elements, integers, share


@njit(inline="always")
def _first(turn: Any, count: int) -> Any:
    """Return turn*count; both are below 2^32, so that uint64 holds it."""
    return np.uint64(np.uint32(turn)) * np.uint64(count)


@njit
def _places(p: Any, begin: int, end: int) -> None:
    places, first = integers(p, 1), _first(integers(p, 0)[0], attribute(p, 2, 0))
    for j in range(begin, end):
        places[j] = np.int32(np.uint32(first + np.uint64(j)))


def turn_places(p: Any, core: int, cores: int) -> None:
    """Compute places (tensor 1): turn*count + j modulo 2^32."""
    begin, end = share(elements(p, 1), core, cores)
    _places(p, begin, end)


@njit
def _take(p: Any, begin: int, end: int) -> None:
    order, index = integers(p, 0), integers(p, 2)
    first = np.int64(_first(integers(p, 1)[0], attribute(p, 3, 0)) % np.uint64(order.size))
    for j in range(begin, end):
        index[j] = order[(first + j) % order.size]


def take_turn(p: Any, core: int, cores: int) -> None:
    """Compute index (tensor 2): order (0) at turn*count + j, modulo its length."""
    begin, end = share(elements(p, 2), core, cores)
    _take(p, begin, end)

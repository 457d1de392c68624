"""Loops over elements: a core's part of the tensors, and one loop compiled for two contracts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, njit

from tinycl.fast import call
from tinycl.fast.arithmetic import FMA
from tinycl.fast.call import address, elements, share
from tinycl.fast.native import pointer


@njit(inline="always")
def part(p: Any, i: int, begin: int, count: int) -> Any:
    """Return `count` elements of tensor i from element `begin` on, as float32."""
    return carray(pointer(address(p, i) + 4 * begin), (count,), np.float32)


@njit(inline="always")
def integer_part(p: Any, i: int, begin: int, count: int) -> Any:
    """Return `count` elements of tensor i from element `begin` on, as int32."""
    return carray(pointer(address(p, i) + 4 * begin), (count,), np.int32)


@njit(forceinline=True)
def under_contract(loop: Any, p: Any, begin: int, count: int) -> None:
    """Run loop(p, begin, count, mac, flush); with constants, so without branches, by default."""
    if p[call.MAC] == FMA and p[call.FLUSH] == 0:
        loop(p, begin, count, FMA, 0)
    else:
        loop(p, begin, count, p[call.MAC], p[call.FLUSH])


@njit(forceinline=True)
def by_element(loop: Any, p: Any, core: int, cores: int) -> None:
    """Run a loop over the core's share of the elements of tensor 0."""
    begin, end = share(elements(p, 0), core, cores)
    under_contract(loop, p, begin, end - begin)


@njit(inline="always")
def held(value: int) -> int:
    """Return a whole number held between 0 and 255."""
    return min(255, max(0, value))

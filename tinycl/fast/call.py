"""How a kernel is called: one block of int64 words, and the functions that read it.

    words 0..21    HEADER: contract, scratch, fusion
    words 22..     TENSOR words for each tensor of the operation's row, inputs before outputs:
                   address (0 where left out), elements, rank, four axes (1 where unused)
    behind them    the attributes, flat, in the order of the row; a float32 as its bits

A kernel is ``kernel(p, core, cores)``; it does the core's share of the output elements.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, njit

from tinycl.fast.native import from_bits, pointer

HEADER, TENSOR = 22, 8
(
    MAC, FLUSH, REDUCTION, SIZE, PAIRWISE, FIRST, BIAS_FIRST, SPATIAL, BY_WEIGHT, SKIP,
    PER_SAMPLE, SCRATCH, SCRATCH_WORDS, FUSED, GATE, TILES, WEIGHT, VELOCITY, LR, MOMENTUM, DECAY,
    BIAS_GRAD,
) = range(HEADER)  # fmt: skip


@njit(inline="always")
def address(p: Any, i: int) -> int:
    """Return the address of tensor i, 0 where it is left out."""
    return p[HEADER + TENSOR * i]


@njit(inline="always")
def elements(p: Any, i: int) -> int:
    """Return the number of elements of tensor i."""
    return p[HEADER + TENSOR * i + 1]


@njit(inline="always")
def axis(p: Any, i: int, k: int) -> int:
    """Return the length of axis k of tensor i; 1 behind the last."""
    return p[HEADER + TENSOR * i + 3 + k]


@njit(inline="always")
def floats(place: int, count: int) -> Any:
    """Return `count` float32 words at an address as an array."""
    return carray(pointer(place), (count,), np.float32)


@njit(inline="always")
def vector(p: Any, i: int) -> Any:
    """Return tensor i, flat, as float32."""
    return carray(pointer(address(p, i)), (elements(p, i),), np.float32)


@njit(inline="always")
def integers(p: Any, i: int) -> Any:
    """Return tensor i, flat, as int32."""
    return carray(pointer(address(p, i)), (elements(p, i),), np.int32)


@njit(inline="always")
def unsigned_bytes(p: Any, i: int) -> Any:
    """Return tensor i, flat, as uint8."""
    return carray(pointer(address(p, i)), (elements(p, i),), np.uint8)


@njit(inline="always")
def signed_bytes(p: Any, i: int) -> Any:
    """Return tensor i, flat, as int8."""
    return carray(pointer(address(p, i)), (elements(p, i),), np.int8)


@njit(inline="always")
def image(p: Any, i: int) -> Any:
    """Return tensor i with four axes, as float32."""
    shape = (axis(p, i, 0), axis(p, i, 1), axis(p, i, 2), axis(p, i, 3))
    return carray(pointer(address(p, i)), shape, np.float32)


@njit(inline="always")
def attribute(p: Any, tensors: int, k: int) -> int:
    """Return attribute word k of an operation with so many tensors."""
    return p[HEADER + TENSOR * tensors + k]


@njit(inline="always")
def real(p: Any, tensors: int, k: int) -> Any:
    """Return attribute word k as a float32."""
    return from_bits(np.int32(p[HEADER + TENSOR * tensors + k]))


@njit(inline="always")
def scratch(p: Any, core: int) -> int:
    """Return the address of a core's own scratch memory."""
    return p[SCRATCH] + 4 * core * p[SCRATCH_WORDS]


@njit(inline="always")
def share(total: int, core: int, cores: int) -> tuple[int, int]:
    """Return the half-open range of outputs that a core computes."""
    each = (total + cores - 1) // cores
    begin = min(total, core * each)
    return begin, min(total, begin + each)

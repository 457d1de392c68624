"""Float32 as bytes with a scale and a zero point, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast.arithmetic import div, mul
from tinycl.fast.call import elements, integers, share, unsigned_bytes, vector
from tinycl.fast.elements import held, under_contract

HIGH = np.float32(256)
MAGIC = np.float32(12582912)  # 1.5 * 2^23: added and taken away, it leaves whole numbers


@njit(forceinline=True)
def _quantise(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    x, q = vector(p, 0), unsigned_bytes(p, 3)
    scale, zero = vector(p, 1)[0], integers(p, 2)[0]
    for i in range(begin, begin + count):
        quotient = div(x[i], scale, flush)
        kept = quotient if quotient == quotient else np.float32(0)
        kept = min(HIGH, max(-HIGH, kept))
        moved = np.int32((kept + MAGIC) - MAGIC) + zero
        q[i] = np.uint8(held(np.int64(moved)))


def quantise(p: Any, core: int, cores: int) -> None:
    """Compute q = x/scale to the nearest, ties to even, plus zero, between 0 and 255."""
    begin, end = share(elements(p, 0), core, cores)
    under_contract(_quantise, p, begin, end - begin)


@njit(forceinline=True)
def _dequantise(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    q, x = unsigned_bytes(p, 0), vector(p, 3)
    scale, zero = vector(p, 1)[0], np.int32(integers(p, 2)[0])
    for i in range(begin, begin + count):
        x[i] = mul(np.float32(np.int32(q[i]) - zero), scale, flush)


def dequantise(p: Any, core: int, cores: int) -> None:
    """Compute x = (q - zero) * scale."""
    begin, end = share(elements(p, 0), core, cores)
    under_contract(_dequantise, p, begin, end - begin)

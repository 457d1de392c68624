"""Dropout: uniforms are drawn into the mask, which then becomes the mask."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast.arithmetic import ZERO, div, mul, read, sub
from tinycl.fast.call import attribute, elements, real, share
from tinycl.fast.chance import BYTE, ULP, philox, stream_of
from tinycl.fast.elements import part, under_contract

ONE = np.float32(1)
TENSORS = 4


@njit
def draw(p: Any, begin: int, end: int) -> None:
    """Put uniforms begin .. end-1 of the stream into the mask."""
    mask = part(p, 3, 0, end)
    seed, stream = np.uint64(attribute(p, TENSORS, 0)), stream_of(p, 1, TENSORS, 1)
    for block in range(begin // 4, (end + 3) // 4):
        i = 4 * block
        for word in philox(seed, stream, np.uint64(block)):
            if begin <= i < end:
                mask[i] = np.float32(np.int64(word >> BYTE)) * ULP
            i += 1


@njit(forceinline=True)
def _drop(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    x, y, mask = part(p, 0, begin, count), part(p, 2, begin, count), part(p, 3, begin, count)
    rate = real(p, TENSORS, 2)
    kept, rate = div(ONE, sub(ONE, rate, flush), flush), read(rate, flush)
    for i in range(count):
        mask[i] = ZERO if mask[i] < rate else kept
        y[i] = mul(x[i], mask[i], flush)


def dropout_forward(p: Any, core: int, cores: int) -> None:
    """Compute mask = uniform < rate ? +0 : 1/(1 - rate), y = x*mask."""
    begin, end = share(elements(p, 0), core, cores)
    draw(p, begin, end)
    under_contract(_drop, p, begin, end - begin)

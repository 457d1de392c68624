"""Many contracts on a few outputs: which of them give the bits that are wanted.

A candidate is a row of the words MAC .. PER_SAMPLE of a call's header (`tinycl.fast.call`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast.arithmetic import EXPONENT, ZERO
from tinycl.fast.native import to_bits
from tinycl.fast.sums import Terms, batch_sum, ordered_sum

NAN = np.int32(0x7FC00000)
MAGNITUDE = np.int32(0x7FFFFFFF)


@njit
def scan(
    candidates: Any, variant: Any, a: Any, b: Any, kind: Any, bias: Any, with_bias: bool,
    each: int, batch: int, wanted: Any, most_wrong: int, equal: Any, out: Any,
) -> None:  # fmt: skip
    """Count, for each candidate, the outputs that it gives as wanted.

    Parameters
    ----------
    candidates : ndarray of int64, shape (C, words)
    variant : ndarray of int64, shape (C,)
        Which of the V orders of terms belongs to each.
    a, b : ndarray of float32, shape (V, E, T)
    kind : ndarray of int32, shape (V, E, T)
    bias : ndarray of float32, shape (E,)
    with_bias : bool
    each, batch : int
        Terms a sample and samples of a gradient; ``batch`` is 0 where there is one plain sum.
    wanted : ndarray of int32, shape (E,)
        Bits, NaNs as 7fc00000.
    most_wrong : int
        After so many others a candidate is left.
    equal : ndarray of int64, shape (C,)
        Is written.
    out : ndarray of int32, shape (C, E) or (0, 0)
        Is written, if there is room: the bits of each candidate.
    """
    total = a.shape[2]
    lanes, begun = np.zeros(total + 1, np.float32), np.zeros(total + 1, np.int32)
    for c in range(len(candidates)):
        p, v, right, wrong = candidates[c], variant[c], 0, 0
        for e in range(len(wanted)):
            terms = Terms(a[v, e], b[v, e], kind[v, e], lanes, begun)
            if batch:
                value = batch_sum(p, terms, each, batch)
            elif with_bias:
                value = ordered_sum(p, terms, 0, total, bias[e], True)
            else:
                value = ordered_sum(p, terms, 0, total, ZERO, False)
            bits = to_bits(value)
            if bits & MAGNITUDE > EXPONENT:
                bits = NAN
            if len(out):
                out[c, e] = bits
            if bits == wanted[e]:
                right += 1
            else:
                wrong += 1
                if wrong >= most_wrong:
                    break
        equal[c] = right

"""A normalisation becomes part of the layer before it. A core's share is a range of channels."""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast.arithmetic import ZERO, div, mac, mul, sub
from tinycl.fast.call import axis, elements, share, vector
from tinycl.fast.elements import part, under_contract
from tinycl.fast.lanes import one_of


@njit(forceinline=True)
def _fold(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    inner = elements(p, 0) // axis(p, 0, 0)
    gamma, beta, mean, std = vector(p, 2), vector(p, 3), vector(p, 4), vector(p, 5)
    shift = vector(p, 7)
    for c in range(begin, begin + count):
        factor = div(gamma[c], std[c], flush)
        weight, folded = part(p, 0, c * inner, inner), part(p, 6, c * inner, inner)
        for i in range(inner):
            folded[i] = mul(weight[i], factor, flush)
        away = sub(one_of(p, 1, c, ZERO), mean[c], flush)
        shift[c] = mac(away, factor, beta[c], kind, flush)


def fold_norm(p: Any, core: int, cores: int) -> None:
    """Compute folded = weight*f and shift = mac(bias - mean, f, beta), f = gamma/std."""
    begin, end = share(axis(p, 0, 0), core, cores)
    under_contract(_fold, p, begin, end - begin)

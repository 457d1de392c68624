"""Synaptic intelligence, element by element, in place: the twins of `tinycl.ops.synapses`."""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast.arithmetic import ZERO, add, div, mac, mul, read, sub
from tinycl.fast.call import real
from tinycl.fast.elements import by_element, part

TENSORS = 5  # inputs and outputs


@njit(forceinline=True)
def _path(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    path, gradient = part(p, 0, begin, count), part(p, 1, begin, count)
    before, after = part(p, 2, begin, count), part(p, 3, begin, count)
    for i in range(count):
        path[i] = mac(gradient[i], sub(after[i], before[i], flush), path[i], kind, flush)


def synaptic_path(p: Any, core: int, cores: int) -> None:
    """Compute path = mac(gradient, after - before, path)."""
    by_element(_path, p, core, cores)


@njit(forceinline=True)
def _importance(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    importance, path = part(p, 0, begin, count), part(p, 1, begin, count)
    anchor, weight = part(p, 2, begin, count), part(p, 3, begin, count)
    factor, eps, most = real(p, TENSORS, 0), real(p, TENSORS, 1), read(real(p, TENSORS, 2), flush)
    for i in range(count):
        d = sub(weight[i], anchor[i], flush)
        share = div(mul(factor, -path[i], flush), mac(d, d, eps, kind, flush), flush)
        total = add(importance[i], share, flush)
        bounded = (total if total < most else most) if total > ZERO else ZERO
        importance[i] = bounded if share == share else read(importance[i], flush)


def synaptic_importance(p: Any, core: int, cores: int) -> None:
    """Compute importance = importance + (factor*(-path))/mac(d, d, eps), between +0 and clip."""
    by_element(_importance, p, core, cores)


@njit(forceinline=True)
def _pull(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    gradient, importance = part(p, 0, begin, count), part(p, 1, begin, count)
    weight, anchor = part(p, 2, begin, count), part(p, 3, begin, count)
    strength = real(p, TENSORS, 0)
    for i in range(count):
        d, force = sub(weight[i], anchor[i], flush), mul(strength, importance[i], flush)
        gradient[i] = mac(force, d, gradient[i], kind, flush)


def synaptic_pull(p: Any, core: int, cores: int) -> None:
    """Compute gradient = mac(strength*importance, weight - anchor, gradient)."""
    by_element(_pull, p, core, cores)

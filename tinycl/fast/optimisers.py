"""SGD and Adam, element by element, in place: an output lies where the input of its name does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast.arithmetic import ZERO, add, div, mac, mul, read, sqrt
from tinycl.fast.call import address, integers, real
from tinycl.fast.elements import by_element, part

ONE = np.float32(1)
SGD_TENSORS, ADAM_TENSORS = 6, 9  # inputs and outputs, optional ones included


@njit
def _trains(p: Any, tensor: int) -> bool:
    """Whether any sample trains, by an optional tensor (n,) that is 0 for those that do not."""
    if address(p, tensor) == 0:
        return True
    some = 0
    for sample in integers(p, tensor):
        some |= sample
    return some != 0


@njit(forceinline=True)
def decayed(w: Any, g: Any, decay: Any, kind: int, flush: int) -> Any:
    """Return the gradient with weight decay: mac(decay, w, g), or g where decay reads as 0."""
    return mac(decay, w, g, kind, flush) if read(decay, flush) != ZERO else read(g, flush)


@njit(forceinline=True)
def descend(w: Any, g: Any, velocity: Any, rates: Any, kind: int, flush: int) -> None:
    """Take a step of SGD; without momentum `velocity` is empty. rates: lr, momentum, decay."""
    lr, momentum, decay = rates
    down = -lr
    if velocity.size == 0:
        for i in range(w.size):
            step = decayed(w[i], g[i], decay, kind, flush)
            w[i] = mac(down, step, w[i], kind, flush)
        return
    for i in range(w.size):
        step = decayed(w[i], g[i], decay, kind, flush)
        step = mac(momentum, velocity[i], step, kind, flush)
        velocity[i] = step
        w[i] = mac(down, step, w[i], kind, flush)


@njit(forceinline=True)
def _sgd(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    w, g = part(p, 0, begin, count), part(p, 1, begin, count)
    velocity = part(p, 2, begin, count if address(p, 2) else 0)
    rates = (real(p, SGD_TENSORS, 0), real(p, SGD_TENSORS, 1), real(p, SGD_TENSORS, 2))
    descend(w, g, velocity, rates, kind, flush)


def sgd(p: Any, core: int, cores: int) -> None:
    """Compute velocity = mac(momentum, velocity, g'); w = mac(-lr, velocity, w)."""
    if _trains(p, 3):
        by_element(_sgd, p, core, cores)


@njit(forceinline=True)
def _adam(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    w, g = part(p, 0, begin, count), part(p, 1, begin, count)
    m, v, correction = part(p, 2, begin, count), part(p, 3, begin, count), part(p, 4, 0, 2)
    down, b1, b2 = -real(p, ADAM_TENSORS, 0), real(p, ADAM_TENSORS, 1), real(p, ADAM_TENSORS, 2)
    eps, decay = real(p, ADAM_TENSORS, 3), real(p, ADAM_TENSORS, 4)
    c1, c2, k1, k2 = ONE - b1, ONE - b2, correction[0], correction[1]
    for i in range(count):
        step = decayed(w[i], g[i], decay, kind, flush)
        first = mac(b1, m[i], mul(c1, step, flush), kind, flush)
        second = mac(b2, v[i], mul(mul(c2, step, flush), step, flush), kind, flush)
        scale = add(sqrt(div(second, k2, flush), flush), eps, flush)
        m[i], v[i] = first, second
        w[i] = mac(down, div(div(first, k1, flush), scale, flush), w[i], kind, flush)


def adam(p: Any, core: int, cores: int) -> None:
    """Compute m, v, and w = mac(-lr, (m/k1)/(sqrt(v/k2) + eps), w), as CONTRACT.md rounds them."""
    if _trains(p, 5):
        by_element(_adam, p, core, cores)

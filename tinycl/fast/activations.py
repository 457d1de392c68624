"""ReLU, ReLU6, hard-swish and sigmoid, and their gradients, element by element.

Comparisons are turned so that a NaN falls to the side that keeps it: not (x <= 0) holds for NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast import explog
from tinycl.fast.arithmetic import ZERO, add, div, mul, read, sub
from tinycl.fast.elements import by_element, part

ONE, THREE, SIX = np.float32(1), np.float32(3), np.float32(6)


@njit(forceinline=True)
def _relu(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    xs, y = part(p, 0, begin, count), part(p, 1, begin, count)
    for i in range(count):
        x = read(xs[i], flush)
        y[i] = ZERO if x <= ZERO else x


def relu_forward(p: Any, core: int, cores: int) -> None:
    """Compute y = x where x > 0 or NaN, +0.0 elsewhere."""
    by_element(_relu, p, core, cores)


@njit(forceinline=True)
def _relu_grad(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    x, dys, dx = part(p, 0, begin, count), part(p, 1, begin, count), part(p, 2, begin, count)
    for i in range(count):
        dy = read(dys[i], flush)
        dx[i] = dy if read(x[i], flush) > ZERO else ZERO


def relu_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute dx = dy where x > 0, +0.0 elsewhere."""
    by_element(_relu_grad, p, core, cores)


@njit(forceinline=True)
def cut(x: Any) -> Any:
    """Return x cut to [0, 6]; NaN stays."""
    return ZERO if x <= ZERO else (SIX if x >= SIX else x)


@njit(forceinline=True)
def _relu6(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    x, y = part(p, 0, begin, count), part(p, 1, begin, count)
    for i in range(count):
        y[i] = cut(read(x[i], flush))


def relu6_forward(p: Any, core: int, cores: int) -> None:
    """Compute y = x cut to [0, 6], NaN where x is NaN."""
    by_element(_relu6, p, core, cores)


@njit(forceinline=True)
def _relu6_grad(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    xs, dys, dx = part(p, 0, begin, count), part(p, 1, begin, count), part(p, 2, begin, count)
    for i in range(count):
        x, dy = read(xs[i], flush), read(dys[i], flush)
        below = dy if x < SIX else ZERO
        dx[i] = below if x > ZERO else ZERO


def relu6_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute dx = dy where 0 < x < 6, +0.0 elsewhere."""
    by_element(_relu6_grad, p, core, cores)


@njit(forceinline=True)
def _hard_swish(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    x, y = part(p, 0, begin, count), part(p, 1, begin, count)
    for i in range(count):
        gate = cut(add(x[i], THREE, flush))
        y[i] = div(mul(x[i], gate, flush), SIX, flush)


def hard_swish_forward(p: Any, core: int, cores: int) -> None:
    """Compute y = (x * relu6(x + 3)) / 6."""
    by_element(_hard_swish, p, core, cores)


@njit(forceinline=True)
def _hard_swish_grad(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    xs, dys, dx = part(p, 0, begin, count), part(p, 1, begin, count), part(p, 2, begin, count)
    for i in range(count):
        x, dy = read(xs[i], flush), read(dys[i], flush)
        slope = div(add(add(x, x, flush), THREE, flush), SIX, flush)
        inner = mul(dy, slope, flush)
        above = dy if x >= THREE else inner
        dx[i] = ZERO if x <= -THREE else above


def hard_swish_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute dx = +0.0 where x <= -3, dy where x >= 3, dy * (((x + x) + 3)/6) between."""
    by_element(_hard_swish_grad, p, core, cores)


@njit(forceinline=True)
def _sigmoid(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    x, y = part(p, 0, begin, count), part(p, 1, begin, count)
    for i in range(count):
        e = explog.exp(-read(x[i], flush))
        y[i] = div(ONE, add(ONE, e, flush), flush)


def sigmoid_forward(p: Any, core: int, cores: int) -> None:
    """Compute y = 1/(1 + exp(-x))."""
    by_element(_sigmoid, p, core, cores)


@njit(forceinline=True)
def _sigmoid_grad(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    y, dy, dx = part(p, 0, begin, count), part(p, 1, begin, count), part(p, 2, begin, count)
    for i in range(count):
        dx[i] = mul(dy[i], mul(y[i], sub(ONE, y[i], flush), flush), flush)


def sigmoid_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute dx = dy * (y * (1 - y))."""
    by_element(_sigmoid_grad, p, core, cores)

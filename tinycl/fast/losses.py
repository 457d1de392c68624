"""Softmax cross-entropy, mean squared error, the mean. A core's share is a range of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast import explog
from tinycl.fast.arithmetic import ZERO, add, div, mac, read, sub
from tinycl.fast.call import attribute, axis, elements, share
from tinycl.fast.elements import integer_part, part, under_contract

ONE, NAN = np.float32(1), np.float32(np.nan)


@njit(forceinline=True)
def by_row(loop: Any, p: Any, core: int, cores: int) -> None:
    """Run a loop over the core's share of the rows of tensor 0."""
    begin, end = share(axis(p, 0, 0), core, cores)
    under_contract(loop, p, begin, end - begin)


@njit(forceinline=True)
def _softmax(p: Any, begin: int, rows: int, kind: int, flush: int) -> None:
    classes = axis(p, 0, 1)
    target, loss = integer_part(p, 1, begin, rows), part(p, 3, begin, rows)
    for n in range(rows):
        z = part(p, 0, (begin + n) * classes, classes)
        e = part(p, 2, (begin + n) * classes, classes)
        top = read(z[0], flush)
        for k in range(1, classes):
            value = read(z[k], flush)
            # the first NaN wins
            if value > top or (value != value and top == top):
                top = value
        s = ZERO
        for k in range(classes):
            e[k] = read(explog.exp(sub(z[k], top, flush)), flush)
            s = add(s, e[k], flush)
        for k in range(classes):
            e[k] = div(e[k], s, flush)
        loss[n] = NAN  # a target that is no class, such as that of a free place
        if 0 <= target[n] < classes:
            loss[n] = sub(explog.log(s), sub(z[target[n]], top, flush), flush)


def softmax_cross_entropy_forward(p: Any, core: int, cores: int) -> None:
    """Compute p (n, classes) = e/s, e = exp(z - max); loss (n) = log(s) - (z_target - max)."""
    by_row(_softmax, p, core, cores)


@njit(forceinline=True)
def _softmax_grad(p: Any, begin: int, rows: int, kind: int, flush: int) -> None:
    classes, batch = axis(p, 0, 1), np.float32(attribute(p, 3, 0))
    target = integer_part(p, 1, begin, rows)
    for n in range(rows):
        y = part(p, 0, (begin + n) * classes, classes)
        dz = part(p, 2, (begin + n) * classes, classes)
        for k in range(classes):
            dz[k] = div(sub(y[k], ONE if k == target[n] else ZERO, flush), batch, flush)


def softmax_cross_entropy_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute dz (n, classes) = (p - y) / batch, y being 1 at the target."""
    by_row(_softmax_grad, p, core, cores)


@njit(forceinline=True)
def _squared_error(p: Any, begin: int, rows: int, kind: int, flush: int) -> None:
    features = elements(p, 0) // axis(p, 0, 0)
    loss = part(p, 2, begin, rows)
    for n in range(rows):
        y = part(p, 0, (begin + n) * features, features)
        t = part(p, 1, (begin + n) * features, features)
        s = ZERO
        for i in range(features):
            d = sub(y[i], t[i], flush)
            s = mac(d, d, s, kind, flush)
        loss[n] = div(s, np.float32(features), flush)


def mean_squared_error_forward(p: Any, core: int, cores: int) -> None:
    """Compute loss (n) = the mean of (y - t)^2 over a sample's elements, in row-major order."""
    by_row(_squared_error, p, core, cores)


@njit(forceinline=True)
def _squared_error_grad(p: Any, begin: int, rows: int, kind: int, flush: int) -> None:
    features = elements(p, 0) // axis(p, 0, 0)
    whole = np.float32(attribute(p, 3, 0) * features)
    first, count = begin * features, rows * features
    y, t, dy = part(p, 0, first, count), part(p, 1, first, count), part(p, 2, first, count)
    for i in range(count):
        d = sub(y[i], t[i], flush)
        dy[i] = div(add(d, d, flush), whole, flush)


def mean_squared_error_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute dy = (d + d) / M with d = y - t, M = batch * elements a sample."""
    by_row(_squared_error_grad, p, core, cores)


@njit(forceinline=True)
def _mean(p: Any, begin: int, outputs: int, kind: int, flush: int) -> None:
    x, y = part(p, 0, 0, elements(p, 0)), part(p, 1, 0, 1)
    s = ZERO
    for i in range(x.size):
        s = add(s, x[i], flush)
    y[0] = div(s, np.float32(attribute(p, 2, 0)), flush)


def mean(p: Any, core: int, cores: int) -> None:
    """Compute y = the sum of x in ascending order, divided by count; one output, so core 0."""
    if core == 0:
        under_contract(_mean, p, 0, 1)

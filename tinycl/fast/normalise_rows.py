"""Normalisation of (n, c): channels lie side by side, and sums of all of them grow row after row.

A core's share is a range of channels. Numbers that are left out are read from a tensor that is
there and replaced, so that a loop has no branch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import ZERO, add, div, mac, mul, sub
from tinycl.fast.call import address, axis, floats
from tinycl.fast.elements import part

ONE, NOTHING = np.float32(1), np.float32(-0.0)


def rows_scratch(shapes: Any, attrs: Any) -> int:
    """Return the words of two sums a channel."""
    return 2 * shapes[0][1]


@njit(forceinline=True)
def normal(x: Any, mean: Any, std: Any, r: Any, d: Any, flush: int) -> Any:
    """Return ((x - mean)*r)/std + d."""
    return add(div(mul(sub(x, mean, flush), r, flush), std, flush), d, flush)


@njit(forceinline=True)
def scaled(dy: Any, gamma: Any, r: Any, flush: int) -> Any:
    """Return (dy*gamma)*r."""
    return mul(mul(dy, gamma, flush), r, flush)


@njit(forceinline=True)
def either(p: Any, tensor: int, other: int, begin: int, count: int) -> Any:
    """Return channels of an optional tensor, or of another in its place."""
    return part(p, other if address(p, tensor) == 0 else tensor, begin, count)


@njit(forceinline=True)
def forward_rows(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    """Let y be normalise_forward of channels begin .. begin+count-1."""
    mean, std = part(p, 1, begin, count), part(p, 2, begin, count)
    gamma, beta = part(p, 3, begin, count), part(p, 4, begin, count)
    rs, ds = either(p, 5, 1, begin, count), either(p, 6, 1, begin, count)
    with_r, with_d, channels = address(p, 5) != 0, address(p, 6) != 0, axis(p, 0, 1)
    for n in range(axis(p, 0, 0)):
        x = part(p, 0, n * channels + begin, count)
        y = part(p, 7, n * channels + begin, count)
        for i in range(count):
            r, d = rs[i], ds[i]
            r, d = r if with_r else ONE, d if with_d else NOTHING
            v = normal(x[i], mean[i], std[i], r, d, flush)
            y[i] = mac(gamma[i], v, beta[i], kind, flush)


@njit(forceinline=True)
def weight_rows(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    """Let dgamma and dbeta be sums of channels begin .. begin+count-1."""
    mean, std = part(p, 1, begin, count), part(p, 2, begin, count)
    rs, ds = either(p, 4, 1, begin, count), either(p, 5, 1, begin, count)
    with_r, with_d, channels = address(p, 4) != 0, address(p, 5) != 0, axis(p, 0, 1)
    dgamma, dbeta = part(p, 6, begin, count), part(p, 7, begin, count)
    for i in range(count):
        dgamma[i] = dbeta[i] = ZERO
    for n in range(axis(p, 0, 0)):
        x = part(p, 0, n * channels + begin, count)
        dy = part(p, 3, n * channels + begin, count)
        for i in range(count):
            r, d = rs[i], ds[i]
            r, d = r if with_r else ONE, d if with_d else NOTHING
            v = normal(x[i], mean[i], std[i], r, d, flush)
            dgamma[i] = mac(dy[i], v, dgamma[i], kind, flush)
            dbeta[i] = add(dy[i], dbeta[i], flush)


@njit(forceinline=True)
def fixed_rows(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    """Let dx be normalise_input_grad of channels begin .. begin+count-1."""
    std, gamma = part(p, 0, begin, count), part(p, 1, begin, count)
    rs, with_r, channels = either(p, 3, 0, begin, count), address(p, 3) != 0, axis(p, 2, 1)
    for n in range(axis(p, 2, 0)):
        dy = part(p, 2, n * channels + begin, count)
        dx = part(p, 4, n * channels + begin, count)
        for i in range(count):
            r = rs[i]
            r = r if with_r else ONE
            dx[i] = div(scaled(dy[i], gamma[i], r, flush), std[i], flush)


@njit(forceinline=True)
def input_rows(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    """Let dx be batch_norm_input_grad of channels begin .. begin+count-1."""
    mean, std = part(p, 1, begin, count), part(p, 2, begin, count)
    gamma, rs = part(p, 3, begin, count), either(p, 5, 1, begin, count)
    with_r, channels, batch = address(p, 5) != 0, axis(p, 0, 1), axis(p, 0, 0)
    # All cores have one scratch after another; each takes the places of its channels in the first.
    a = floats(p[call.SCRATCH] + 4 * begin, count)
    b = floats(p[call.SCRATCH] + 4 * (channels + begin), count)
    size = np.float32(batch)
    for i in range(count):
        a[i] = b[i] = ZERO
    for n in range(batch):
        x = part(p, 0, n * channels + begin, count)
        dy = part(p, 4, n * channels + begin, count)
        for i in range(count):
            r = rs[i]
            g = scaled(dy[i], gamma[i], r if with_r else ONE, flush)
            u = div(sub(x[i], mean[i], flush), std[i], flush)
            a[i], b[i] = add(g, a[i], flush), mac(g, u, b[i], kind, flush)
    for i in range(count):
        a[i], b[i] = div(a[i], size, flush), div(b[i], size, flush)
    for n in range(batch):
        x = part(p, 0, n * channels + begin, count)
        dy = part(p, 4, n * channels + begin, count)
        dx = part(p, 6, n * channels + begin, count)
        for i in range(count):
            r = rs[i]
            g = scaled(dy[i], gamma[i], r if with_r else ONE, flush)
            u = div(sub(x[i], mean[i], flush), std[i], flush)
            dx[i] = div(mac(-u, b[i], sub(g, a[i], flush), kind, flush), std[i], flush)


@njit(forceinline=True)
def moment_rows(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    """Let mean and var be those of channels begin .. begin+count-1."""
    mean, var = part(p, 1, begin, count), part(p, 2, begin, count)
    batch, channels = axis(p, 0, 0), axis(p, 0, 1)
    for i in range(count):
        mean[i] = var[i] = ZERO
    for n in range(batch):
        x = part(p, 0, n * channels + begin, count)
        for i in range(count):
            mean[i] = add(x[i], mean[i], flush)
    for i in range(count):
        mean[i] = div(mean[i], np.float32(batch), flush)
    for n in range(batch):
        x = part(p, 0, n * channels + begin, count)
        for i in range(count):
            d = sub(x[i], mean[i], flush)
            var[i] = mac(d, d, var[i], kind, flush)
    for i in range(count):
        var[i] = div(var[i], np.float32(batch), flush)

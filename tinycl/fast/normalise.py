"""Normalisation of channels and its gradients.

Where r is left out it is 1, and d is -0.0: neither changes a bit of what it is multiplied with or
added to, so that one loop serves all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast.arithmetic import FMA, ZERO, add, div, mac, sub
from tinycl.fast.call import address, axis, share, vector
from tinycl.fast.elements import under_contract
from tinycl.fast.lanes import (
    FIXED,
    area_of,
    by_group,
    clear_sums,
    lanes_scratch,
    one_of,
    put,
    row_of,
    steps_of,
)
from tinycl.fast.normalise_rows import (
    NOTHING,
    ONE,
    fixed_rows,
    forward_rows,
    input_rows,
    normal,
    rows_scratch,
    scaled,
    weight_rows,
)
from tinycl.fast.row_sums import (
    POSITIONS,
    ROWS,
    add_inputs_fma,
    add_inputs_mul_add,
    add_weights_fma,
    add_weights_mul_add,
)


@njit(forceinline=True)
def by_plane(loop: Any, p: Any, i: int, core: int, cores: int) -> None:
    """Run a loop over the core's share of the planes (n, c) of tensor i."""
    begin, end = share(axis(p, i, 0) * axis(p, i, 1), core, cores)
    under_contract(loop, p, begin, end - begin)


@njit(forceinline=True)
def by_channel(loop: Any, p: Any, i: int, core: int, cores: int) -> None:
    """Run a loop over the core's share of the channels of tensor i."""
    begin, end = share(axis(p, i, 1), core, cores)
    under_contract(loop, p, begin, end - begin)


@njit(forceinline=True)
def _forward(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    channels, area = axis(p, 0, 1), area_of(p, 0)
    n, c = begin // channels, begin % channels
    for _ in range(count):
        mean, std = vector(p, 1)[c], vector(p, 2)[c]
        gamma, beta = vector(p, 3)[c], vector(p, 4)[c]
        r, d = one_of(p, 5, c, ONE), one_of(p, 6, c, NOTHING)
        x, y = row_of(p, 0, n, c, area, 0), row_of(p, 7, n, c, area, 0)
        for i in range(area):
            y[i] = mac(gamma, normal(x[i], mean, std, r, d, flush), beta, kind, flush)
        c += 1
        if c == channels:
            n, c = n + 1, 0


def normalise_forward(p: Any, core: int, cores: int) -> None:
    """Compute y = mac(gamma, v, beta), v = ((x - mean)*r)/std + d."""
    if area_of(p, 0) == 1:
        by_channel(forward_rows, p, 0, core, cores)
    else:
        by_plane(_forward, p, 0, core, cores)


@njit(forceinline=True)
def _weights(p: Any, room: int, first: int, rows: int, kind: int, flush: int) -> None:
    batch, channels, area = axis(p, 0, 0), axis(p, 0, 1), area_of(p, 0)
    steps, dgamma, dbeta = steps_of(area, kind, flush), vector(p, 6), vector(p, 7)
    sums = clear_sums(room, ZERO)
    for lane in range(ROWS):
        c = first + min(lane, rows - 1)
        put(room, 0, lane, vector(p, 1)[c])
        put(room, 1, lane, one_of(p, 4, c, ONE))
        put(room, 2, lane, vector(p, 2)[c])
        put(room, 3, lane, one_of(p, 5, c, NOTHING))
    for n in range(batch):
        offset = 4 * (n * channels + first) * area
        x, dy = address(p, 0) + offset, address(p, 3) + offset
        if steps and kind == FMA:
            add_weights_fma(room, room + FIXED, x, dy, area, rows, steps)
        elif steps:
            add_weights_mul_add(room, room + FIXED, x, dy, area, rows, steps)
        for lane in range(rows):
            c = first + lane
            mean, std = vector(p, 1)[c], vector(p, 2)[c]
            r, d = one_of(p, 4, c, ONE), one_of(p, 5, c, NOTHING)
            values = row_of(p, 0, n, c, area, POSITIONS * steps)
            gradients = row_of(p, 3, n, c, area, POSITIONS * steps)
            products, total = sums[lane], sums[ROWS + lane]
            for i in range(values.size):
                v = normal(values[i], mean, std, r, d, flush)
                products = mac(gradients[i], v, products, kind, flush)
                total = add(gradients[i], total, flush)
            sums[lane], sums[ROWS + lane] = products, total
    for lane in range(rows):
        dgamma[first + lane], dbeta[first + lane] = sums[lane], sums[ROWS + lane]


def normalise_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute dgamma (c), the sum of dy*v, and dbeta (c), the sum of dy, over (n, h, w)."""
    begin, end = share(axis(p, 0, 1), core, cores)
    if area_of(p, 0) == 1:
        under_contract(weight_rows, p, begin, end - begin)
    else:
        by_group(_weights, p, begin, end, core)


@njit(forceinline=True)
def _fixed(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    channels, area = axis(p, 2, 1), area_of(p, 2)
    n, c = begin // channels, begin % channels
    for _ in range(count):
        std, gamma, r = vector(p, 0)[c], vector(p, 1)[c], one_of(p, 3, c, ONE)
        dy, dx = row_of(p, 2, n, c, area, 0), row_of(p, 4, n, c, area, 0)
        for i in range(area):
            dx[i] = div(scaled(dy[i], gamma, r, flush), std, flush)
        c += 1
        if c == channels:
            n, c = n + 1, 0


def normalise_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute dx = ((dy*gamma)*r)/std."""
    if area_of(p, 2) == 1:
        by_channel(fixed_rows, p, 2, core, cores)
    else:
        by_plane(_fixed, p, 2, core, cores)


@njit(forceinline=True)
def _inputs(p: Any, room: int, first: int, rows: int, kind: int, flush: int) -> None:
    batch, channels, area = axis(p, 0, 0), axis(p, 0, 1), area_of(p, 0)
    count, steps = np.float32(batch * area), steps_of(area, kind, flush)
    sums = clear_sums(room, ZERO)
    for lane in range(ROWS):
        c = first + min(lane, rows - 1)
        put(room, 0, lane, vector(p, 1)[c])
        put(room, 1, lane, vector(p, 2)[c])
        put(room, 2, lane, vector(p, 3)[c])
        put(room, 3, lane, one_of(p, 5, c, ONE))
    for n in range(batch):
        offset = 4 * (n * channels + first) * area
        x, dy = address(p, 0) + offset, address(p, 4) + offset
        if steps and kind == FMA:
            add_inputs_fma(room, room + FIXED, x, dy, area, rows, steps)
        elif steps:
            add_inputs_mul_add(room, room + FIXED, x, dy, area, rows, steps)
        for lane in range(rows):
            c = first + lane
            mean, std, gamma = vector(p, 1)[c], vector(p, 2)[c], vector(p, 3)[c]
            r = one_of(p, 5, c, ONE)
            values = row_of(p, 0, n, c, area, POSITIONS * steps)
            gradients = row_of(p, 4, n, c, area, POSITIONS * steps)
            total, products = sums[lane], sums[ROWS + lane]
            for i in range(values.size):
                u = div(sub(values[i], mean, flush), std, flush)
                g = scaled(gradients[i], gamma, r, flush)
                total = add(g, total, flush)
                products = mac(g, u, products, kind, flush)
            sums[lane], sums[ROWS + lane] = total, products
    for lane in range(rows):
        c = first + lane
        mean, std, gamma = vector(p, 1)[c], vector(p, 2)[c], vector(p, 3)[c]
        r = one_of(p, 5, c, ONE)
        a, b = div(sums[lane], count, flush), div(sums[ROWS + lane], count, flush)
        for n in range(batch):
            xs, dys = row_of(p, 0, n, c, area, 0), row_of(p, 4, n, c, area, 0)
            dx = row_of(p, 6, n, c, area, 0)
            for i in range(area):
                u = div(sub(xs[i], mean, flush), std, flush)
                g = scaled(dys[i], gamma, r, flush)
                dx[i] = div(mac(-u, b, sub(g, a, flush), kind, flush), std, flush)


def batch_norm_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute dx = mac(-u, b, g - a)/std, a and b the means of g and of g*u."""
    begin, end = share(axis(p, 0, 1), core, cores)
    if area_of(p, 0) == 1:
        under_contract(input_rows, p, begin, end - begin)
    else:
        by_group(_inputs, p, begin, end, core)


normalise_weight_grad_scratch = lanes_scratch


def batch_norm_input_grad_scratch(shapes: Any, attrs: Any) -> int:
    """Return the words of a group of channels, or of all where they lie side by side."""
    return max(lanes_scratch(shapes, attrs), rows_scratch(shapes, attrs))

"""Mean and variance of channels, deviation, moving averages, corrections of renormalisation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast.arithmetic import FMA, ZERO, add, div, mac, mul, read, sqrt, sub
from tinycl.fast.call import address, axis, real, share, vector
from tinycl.fast.elements import by_element, part, under_contract
from tinycl.fast.lanes import (
    FIXED,
    area_of,
    by_group,
    clear_sums,
    lanes_scratch,
    put,
    row_of,
    steps_of,
)
from tinycl.fast.normalise_rows import moment_rows
from tinycl.fast.row_sums import POSITIONS, ROWS, add_rows, add_squares_fma, add_squares_mul_add

ONE = np.float32(1)


@njit(forceinline=True)
def _moments(p: Any, room: int, first: int, rows: int, kind: int, flush: int) -> None:
    batch, channels, area = axis(p, 0, 0), axis(p, 0, 1), area_of(p, 0)
    count, steps = np.float32(batch * area), steps_of(area, kind, flush)
    mean, var = vector(p, 1), vector(p, 2)
    sums = clear_sums(room, ZERO)
    for n in range(batch):
        x = address(p, 0) + 4 * (n * channels + first) * area
        if steps:
            add_rows(room, room, x, x, area, rows, steps)
        for lane in range(rows):
            total = sums[lane]
            for value in row_of(p, 0, n, first + lane, area, POSITIONS * steps):
                total = add(value, total, flush)
            sums[lane] = total
    for lane in range(ROWS):
        held = min(lane, rows - 1)
        middle = div(sums[held], count, flush)
        put(room, 0, lane, middle)
        mean[first + held] = middle
    sums = clear_sums(room, ZERO)
    for n in range(batch):
        x = address(p, 0) + 4 * (n * channels + first) * area
        if steps and kind == FMA:
            add_squares_fma(room, room + FIXED, x, x, area, rows, steps)
        elif steps:
            add_squares_mul_add(room, room + FIXED, x, x, area, rows, steps)
        for lane in range(rows):
            middle, total = mean[first + lane], sums[lane]
            for value in row_of(p, 0, n, first + lane, area, POSITIONS * steps):
                d = sub(value, middle, flush)
                total = mac(d, d, total, kind, flush)
            sums[lane] = total
    for lane in range(rows):
        var[first + lane] = div(sums[lane], count, flush)


def channel_moments(p: Any, core: int, cores: int) -> None:
    """Compute mean (c) and biased variance (c) of x over (n, h, w), in two passes."""
    begin, end = share(axis(p, 0, 1), core, cores)
    if area_of(p, 0) == 1:
        under_contract(moment_rows, p, begin, end - begin)
    else:
        by_group(_moments, p, begin, end, core)


channel_moments_scratch = lanes_scratch


@njit(forceinline=True)
def _deviation(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    var, std, eps = part(p, 0, begin, count), part(p, 1, begin, count), real(p, 2, 0)
    for i in range(count):
        std[i] = sqrt(add(var[i], eps, flush), flush)


def deviation(p: Any, core: int, cores: int) -> None:
    """Compute std = sqrt(var + eps)."""
    by_element(_deviation, p, core, cores)


@njit(forceinline=True)
def _average(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    m, value = part(p, 0, begin, count), part(p, 1, begin, count)
    rate, scale = real(p, 3, 0), real(p, 3, 1)
    for i in range(count):
        away = sub(mul(scale, value[i], flush), m[i], flush)
        m[i] = mac(rate, away, m[i], kind, flush)


def moving_average(p: Any, core: int, cores: int) -> None:
    """Compute m = mac(rate, scale*value - m, m)."""
    by_element(_average, p, core, cores)


@njit(forceinline=True)
def _held(value: Any, low: Any, high: Any, flush: int) -> Any:
    """Return a value held between two bounds; a NaN stays."""
    low, high = read(low, flush), read(high, flush)
    below = high if value > high else value
    return low if value < low else below


@njit(forceinline=True)
def _corrections(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    mean, std = part(p, 0, begin, count), part(p, 1, begin, count)
    moving_mean, moving_std = part(p, 2, begin, count), part(p, 3, begin, count)
    r, d = part(p, 4, begin, count), part(p, 5, begin, count)
    rmax, dmax = real(p, 6, 0), real(p, 6, 1)
    rmin = div(ONE, rmax, flush)
    for i in range(count):
        shift = div(sub(mean[i], moving_mean[i], flush), moving_std[i], flush)
        r[i] = _held(div(std[i], moving_std[i], flush), rmin, rmax, flush)
        d[i] = _held(shift, -dmax, dmax, flush)


def renorm_corrections(p: Any, core: int, cores: int) -> None:
    """Compute r = std/moving_std and d = (mean - moving_mean)/moving_std, held in bounds."""
    by_element(_corrections, p, core, cores)

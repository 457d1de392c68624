"""A number for each channel of each sample: x*s and its gradients, plane by plane."""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast.arithmetic import FMA, ZERO, mac, mul
from tinycl.fast.call import address, elements, share, vector
from tinycl.fast.elements import part, under_contract
from tinycl.fast.lanes import by_group, clear_sums, lanes_scratch, steps_of
from tinycl.fast.row_sums import POSITIONS, add_products_fma, add_products_mul_add


@njit(forceinline=True)
def _scale(p: Any, image: int, scale: int, begin: int, count: int, flush: int) -> None:
    area = elements(p, image) // elements(p, scale)
    for plane in range(begin, begin + count):
        s = vector(p, scale)[plane]
        x, y = part(p, image, plane * area, area), part(p, 2, plane * area, area)
        for i in range(area):
            y[i] = mul(x[i], s, flush)


@njit(forceinline=True)
def _forward(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    _scale(p, 0, 1, begin, count, flush)


def channel_scale_forward(p: Any, core: int, cores: int) -> None:
    """Compute y = x*s."""
    begin, end = share(elements(p, 1), core, cores)
    under_contract(_forward, p, begin, end - begin)


@njit(forceinline=True)
def _input(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    _scale(p, 1, 0, begin, count, flush)


def channel_scale_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute dx = dy*s."""
    begin, end = share(elements(p, 0), core, cores)
    under_contract(_input, p, begin, end - begin)


@njit(forceinline=True)
def _gate(p: Any, room: int, first: int, rows: int, kind: int, flush: int) -> None:
    area, ds = elements(p, 0) // elements(p, 2), vector(p, 2)
    steps, sums = steps_of(area, kind, flush), clear_sums(room, ZERO)
    x, dy = address(p, 0) + 4 * first * area, address(p, 1) + 4 * first * area
    if steps and kind == FMA:
        add_products_fma(room, room, x, dy, area, rows, steps)
    elif steps:
        add_products_mul_add(room, room, x, dy, area, rows, steps)
    done = POSITIONS * steps
    for lane in range(rows):
        values = part(p, 0, (first + lane) * area + done, area - done)
        gradients = part(p, 1, (first + lane) * area + done, area - done)
        total = sums[lane]
        for i in range(values.size):
            total = mac(values[i], gradients[i], total, kind, flush)
        ds[first + lane] = total


def channel_scale_gate_grad(p: Any, core: int, cores: int) -> None:
    """Compute ds (n, c, 1, 1), the sum of x*dy over (h, w)."""
    begin, end = share(elements(p, 2), core, cores)
    by_group(_gate, p, begin, end, core)


channel_scale_gate_grad_scratch = lanes_scratch

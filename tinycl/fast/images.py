"""Where the outputs of a convolution's products lie, and its dy as the left side.

Rows of a product are channels, its columns (sample, position): place h*W + w of sample n.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast.call import address, axis
from tinycl.fast.pack import copy_rows
from tinycl.fast.product import SCRATCH


@njit
def y_element(p, i, j):
    """Return the offset of y[n, i, position], tensor 3 of a forward pass."""
    area = axis(p, 3, 2) * axis(p, 3, 3)
    return ((j // area) * axis(p, 3, 1) + i) * area + j % area


@njit
def y_place(p, i, j, count):
    """Return the same where `count` columns lie side by side, else -1."""
    area = axis(p, 3, 2) * axis(p, 3, 3)
    return y_element(p, i, j) if j % area + count <= area else -1


@njit
def dx_element(p, i, j):
    """Return the offset of dx[n, i, position], tensor 2 of an input gradient."""
    area = axis(p, 2, 2) * axis(p, 2, 3)
    return ((j // area) * axis(p, 2, 1) + i) * area + j % area


@njit
def dx_place(p, i, j, count):
    """Return the same where `count` columns lie side by side, else -1."""
    area = axis(p, 2, 2) * axis(p, 2, 3)
    return dx_element(p, i, j) if j % area + count <= area else -1


@njit
def gradients(p, i, count, t, depth, tall, full, room):
    """Of dy (n, co, area), tensor 1: rows are co, terms are (n, position)."""
    co, area = axis(p, 1, 1), axis(p, 1, 2) * axis(p, 1, 3)
    n, at = t // area, t % area
    if at + depth <= area:
        return address(p, 1) + 4 * ((n * co + i) * area + at), area, area, 1
    copy_rows(address(p, 1) + 4 * i * area, co, area, count, t, depth, room)
    return room, depth, depth, 1


def product_scratch(shapes: Any, attrs: Any) -> int:
    """Return the scratch words of a kernel that is one product."""
    return SCRATCH

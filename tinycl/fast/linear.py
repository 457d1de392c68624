"""Linear layer and its gradients as products of matrices: x (n, fi), w (fo, fi), y (n, fo)."""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast import call
from tinycl.fast.call import address, axis
from tinycl.fast.images import product_scratch
from tinycl.fast.pack import panel_of, turn_rows
from tinycl.fast.product import make_product


@njit
def _weights(p, i, count, t, depth, tall, full, room):
    """Of w (fo, fi): rows are fo, terms are fi."""
    fi = axis(p, 1, 1)
    return address(p, 1) + 4 * (i * fi + t), fi, fi, 1


@njit
def _samples(p, j, wide, t, depth, room, spare):
    """Of x (n, fi): columns are n, terms are fi."""
    n, fi = axis(p, 0, 0), axis(p, 0, 1)
    turn_rows(address(p, 0) + 4 * (j * fi + t), fi, min(wide, n - j), wide, depth, room)
    return room, wide


@njit
def _y_element(p, i, j):
    return j * axis(p, 3, 1) + i


@njit
def _nowhere(p, i, j, count):
    """Of y (n, fo) does not have the samples side by side."""
    return -1


_forward = make_product("linear_forward", _weights, _samples, _nowhere, _y_element)


def linear_forward(p: Any, core: int, cores: int) -> None:
    """Rows are fo, columns n, terms fi."""
    fi = axis(p, 1, 1)
    _forward(
        p,
        core,
        cores,
        axis(p, 1, 0),
        axis(p, 0, 0),
        fi,
        fi,
        1,
        address(p, 3),
        p[call.FUSED],
        address(p, 2),
    )


@njit
def _gradients_across(p, i, count, t, depth, tall, full, room):
    """Of dy (n, fo): rows are fo, terms are n."""
    fo = axis(p, 1, 1)
    return address(p, 1) + 4 * (t * fo + i), 1, 1, fo


@njit
def _inputs(p, j, wide, t, depth, room, spare):
    """Of x (n, fi): columns are fi, terms are n."""
    n, fi, fo = axis(p, 0, 0), axis(p, 0, 1), axis(p, 1, 1)
    return panel_of(address(p, 0), j, wide, 1, n, fi, t, depth, fo, room)


@njit
def _element(p, i, j):
    return i * axis(p, 2, 1) + j


@njit
def _place(p, i, j, count):
    return i * axis(p, 2, 1) + j


_weight_grad = make_product("linear_weight_grad", _gradients_across, _inputs, _place, _element)


def linear_weight_grad(p: Any, core: int, cores: int) -> None:
    """Rows are fo, columns fi, terms n."""
    n, fi = axis(p, 0, 0), axis(p, 0, 1)
    _weight_grad(p, core, cores, axis(p, 1, 1), fi, n, n, fi, address(p, 2), p[call.FUSED], 0)


@njit
def _gradients(p, i, count, t, depth, tall, full, room):
    """Of dy (n, fo): rows are n, terms are fo."""
    fo = axis(p, 1, 1)
    return address(p, 1) + 4 * (i * fo + t), fo, fo, 1


@njit
def _weights_across(p, j, wide, t, depth, room, spare):
    """Of w (fo, fi): columns are fi, terms are fo."""
    n, fo, fi = axis(p, 1, 0), axis(p, 0, 0), axis(p, 0, 1)
    return panel_of(address(p, 0), j, wide, 1, fo, fi, t, depth, n, room)


_input_grad = make_product("linear_input_grad", _gradients, _weights_across, _place, _element)


def linear_input_grad(p: Any, core: int, cores: int) -> None:
    """Rows are n, columns fi, terms fo."""
    fo, fi = axis(p, 0, 0), axis(p, 0, 1)
    _input_grad(p, core, cores, axis(p, 1, 0), fi, fo, fo, fi, address(p, 2), p[call.FUSED], 0)


linear_forward_scratch = linear_weight_grad_scratch = linear_input_grad_scratch = product_scratch

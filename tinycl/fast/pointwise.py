"""Pointwise convolution and its gradients as products of matrices."""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast import call
from tinycl.fast.call import address, axis, elements
from tinycl.fast.images import dx_element, dx_place, gradients, product_scratch, y_element, y_place
from tinycl.fast.machine import COLUMNS
from tinycl.fast.pack import pack_left, panel_of, transpose_panel
from tinycl.fast.product import DEPTH, PANEL, make_product


@njit
def _weights(p, i, count, t, depth, tall, full, room):
    ci = axis(p, 1, 1)
    return address(p, 1) + 4 * (i * ci + t), ci, ci, 1


@njit
def _positions(p, j, wide, t, depth, room, spare):
    """Of x (n, ci, area): columns are (n, position), terms are ci."""
    area = axis(p, 0, 2) * axis(p, 0, 3)
    n, ci, co = axis(p, 0, 0), axis(p, 0, 1), axis(p, 1, 0)
    return panel_of(address(p, 0), j, wide, n, ci, area, t, depth, co, room)


_forward = make_product("pointwise_forward", _weights, _positions, y_place, y_element)


def pointwise_forward(p: Any, core: int, cores: int) -> None:
    """Rows are co, columns (n, position), terms ci."""
    area = axis(p, 0, 2) * axis(p, 0, 3)
    ci = axis(p, 1, 1)
    _forward(
        p,
        core,
        cores,
        axis(p, 1, 0),
        axis(p, 0, 0) * area,
        ci,
        ci,
        area,
        address(p, 3),
        p[call.FUSED],
        address(p, 2),
    )


@njit
def _inputs(p, j, wide, t, depth, room, spare):
    """Of x (n, ci, area): columns are ci, terms are (n, position)."""
    area = axis(p, 0, 2) * axis(p, 0, 3)
    transpose_panel(address(p, 0), j, wide, axis(p, 0, 1), area, t, depth, room)
    return room, wide


@njit
def _dw_element(p, i, j):
    return i * axis(p, 2, 1) + j


@njit
def _dw_place(p, i, j, count):
    return i * axis(p, 2, 1) + j


_weight_grad = make_product("pointwise_weight_grad", gradients, _inputs, _dw_place, _dw_element)


def pointwise_weight_grad(p: Any, core: int, cores: int) -> None:
    """Rows are co, columns ci, terms (n, position); short samples are copied together."""
    ci, area = axis(p, 0, 1), axis(p, 0, 2) * axis(p, 0, 3)
    terms = axis(p, 0, 0) * area
    segment = area if area >= DEPTH else terms
    _weight_grad(
        p, core, cores, axis(p, 1, 1), ci, terms, segment, ci, address(p, 2), p[call.FUSED], 0
    )


@njit
def _transposed_weights(p, i, count, t, depth, tall, full, room):
    """Of w (co, ci): rows are ci, terms are co."""
    ci = axis(p, 0, 1)
    pack_left(address(p, 0) + 4 * (t * ci + i), ci, count, depth, tall, full, room)
    return room, depth, 1, 0


@njit
def _outputs(p, j, wide, t, depth, room, spare):
    """Of dy (n, co, area): columns are (n, position), terms are co."""
    area = axis(p, 1, 2) * axis(p, 1, 3)
    n, co, ci = axis(p, 1, 0), axis(p, 1, 1), axis(p, 0, 1)
    return panel_of(address(p, 1), j, wide, n, co, area, t, depth, ci, room)


@njit
def _weights_across(p, i, count, t, depth, tall, full, room):
    """Of w (co, ci), in place: rows are ci, terms are co."""
    ci = axis(p, 0, 1)
    return address(p, 0) + 4 * (t * ci + i), 1, 1, ci


_input_grad = make_product(
    "pointwise_input_grad", _transposed_weights, _outputs, dx_place, dx_element, packed=True
)
_input_grad_in_place = make_product(
    "pointwise_input_grad_in_place", _weights_across, _outputs, dx_place, dx_element
)


def pointwise_input_grad(p: Any, core: int, cores: int) -> None:
    """Rows are ci, columns (n, position), terms co.

    Weights that are small, or read by one or two panels, are not packed. Panels of fewer positions
    than columns have no time to read them across memory.
    """
    co, ci = axis(p, 0, 0), axis(p, 0, 1)
    area = axis(p, 1, 2) * axis(p, 1, 3)
    columns, dx, flags = axis(p, 1, 0) * area, address(p, 2), p[call.FUSED]
    if elements(p, 0) <= PANEL or COLUMNS <= columns <= 2 * COLUMNS:
        _input_grad_in_place(p, core, cores, ci, columns, co, co, area, dx, flags, 0)
    else:
        _input_grad(p, core, cores, ci, columns, co, co, area, dx, flags, 0)


pointwise_forward_scratch = pointwise_weight_grad_scratch = pointwise_input_grad_scratch = (
    product_scratch
)

"""Parts of a tensor along one axis: taken out, and put back. Bits move, nothing is computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import F32Array
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, Attr, operation
from tinycl.ops.survivors import I32Array

AXIS = Attr("axis")


def axis_of(name: str, tensor: str, shape: Shape, axis: int) -> int:
    """Return the axis; raise ShapeError unless a tensor of 1 to 4 axes has it."""
    if not 1 <= len(shape) <= 4:
        raise ShapeError(f"{name}: {tensor} has shape {shape}; it needs 1 to 4 axes")
    if axis >= len(shape):
        raise ShapeError(
            f"{name}: axis is {axis}; {tensor} {shape} has the axes 0 to {len(shape) - 1}"
        )
    return axis


def _taken(name: str, x: Shape, index: Shape, axis: int) -> Shape:
    """Return the shape of x at the places of an index."""
    axis_of(name, "x", x, axis)
    if len(index) != 2 or index[0] != 1:
        raise ShapeError(f"{name}: index has shape {index}; it needs (1, k)")
    return (*x[:axis], index[1], *x[axis + 1 :])


def _bound(shapes: Mapping[str, Shape], attrs: Mapping[str, Any]) -> int:
    return shapes["x"][int(attrs["axis"])]


_INDEX = Arg("index", "one k", "i32", below=_bound)


def _gather_shapes(x: Shape, index: Shape, *, axis: int) -> tuple[Shape, ...]:
    return (_taken("gather", x, index, axis),)


@operation(
    inputs=(Arg("x", "i"), _INDEX),
    outputs=(Arg("y", "i"),),
    attrs=(AXIS,),
    shapes=_gather_shapes,
)
def gather(x: F32Array, index: I32Array, *, axis: int, contract: Contract = DEFAULT) -> F32Array:
    """Take places of one axis.

    Parameters
    ----------
    x : ndarray of float32, one to four axes
    index : ndarray of int32, shape (1, k)
        Places along `axis`, in the order wanted; they may repeat.
    axis : int
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of float32
        x with k places along `axis`.

    Raises
    ------
    ShapeError
        An axis that x lacks; a place outside it.
    """
    return np.asarray(np.take(x, index[0], axis))


def _scatter_shapes(x: Shape, y: Shape, index: Shape, *, axis: int) -> tuple[Shape, ...]:
    needed = _taken("scatter", x, index, axis)
    if y != needed:
        raise ShapeError(
            f"scatter: y has shape {y}; into x {x} along axis {axis} it needs {needed}"
        )
    return (x,)


@operation(
    inputs=(Arg("x", "i"), Arg("y", "i"), _INDEX),
    outputs=(Arg("x", "i", updates="x"),),
    attrs=(AXIS,),
    shapes=_scatter_shapes,
)
def scatter(
    x: F32Array, y: F32Array, index: I32Array, *, axis: int, contract: Contract = DEFAULT
) -> F32Array:
    """Put values at places of one axis.

    Parameters
    ----------
    x : ndarray of float32, one to four axes
    y : ndarray of float32
        As x, with k places along `axis`.
    index : ndarray of int32, shape (1, k)
        Where each goes; of several for one place the last stays.
    axis : int
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of float32, same shape as x

    Raises
    ------
    ShapeError
        An axis that x lacks; a place outside it; another shape of y.
    """
    made = x.copy()
    last = {place: k for k, place in enumerate(index[0].tolist())}
    along, values = np.moveaxis(made, axis, 0), np.moveaxis(y, axis, 0)
    along[list(last)] = values[list(last.values())]
    return made

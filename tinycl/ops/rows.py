"""Rows of a memory taken out, put in and set behind each other. Bits move, nothing is computed.

A row is what lies behind the first axis: latents (f32), packed latents (u8), labels (i32).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import Array
from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import F32Array
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, expect, operation
from tinycl.ops.survivors import I32Array

U8Array = NDArray[np.uint8]


def _rows(shapes: Mapping[str, Shape], attrs: Mapping[str, Any]) -> int:
    return shapes["x"][0]


_INDEX = Arg("index", "one k", "i32", below=_rows)
_PLACES = Arg("places", "one k", "i32", below=_rows, least=-1)


def listed(name: str, tensor: str, shape: Shape) -> int:
    """Return the length of a list (1, k) of rows; raise ShapeError for another shape."""
    if len(shape) != 2 or shape[0] != 1:
        raise ShapeError(f"{name}: {tensor} has shape {shape}; it needs (1, k)")
    return shape[1]


def _bytes_shapes(x: Shape, index: Shape) -> tuple[Shape, ...]:
    expect("gather_bytes", "x", x, 2, "i byte")
    return ((listed("gather_bytes", "index", index), x[1]),)


@operation(
    inputs=(Arg("x", "i byte", "u8"), _INDEX),
    outputs=(Arg("y", "k byte", "u8"),),
    shapes=_bytes_shapes,
)
def gather_bytes(x: U8Array, index: I32Array, *, contract: Contract = DEFAULT) -> U8Array:
    """Take rows of bytes.

    Parameters
    ----------
    x : ndarray of uint8, shape (n, bytes)
    index : ndarray of int32, shape (1, k)
        Rows, in the order wanted; they may repeat.
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of uint8, shape (k, bytes)

    Raises
    ------
    ShapeError
        A row that x lacks.
    """
    return np.asarray(x[index[0]])


def _labels_shapes(x: Shape, index: Shape) -> tuple[Shape, ...]:
    expect("gather_labels", "x", x, 1, "i")
    return ((listed("gather_labels", "index", index),),)


@operation(
    inputs=(Arg("x", "i", "i32"), _INDEX),
    outputs=(Arg("y", "k", "i32", moves=("x",)),),
    shapes=_labels_shapes,
)
def gather_labels(x: I32Array, index: I32Array, *, contract: Contract = DEFAULT) -> I32Array:
    """Take labels: x (n,) at the places of index (1, k), which may repeat; returns (k,)."""
    return np.asarray(x[index[0]])


def _concat_shapes(a: Shape, b: Shape) -> tuple[Shape, ...]:
    name = "concat_rows"
    for tensor, shape in (("a", a), ("b", b)):
        if not 1 <= len(shape) <= 4:
            raise ShapeError(f"{name}: {tensor} has shape {shape}; it needs 1 to 4 axes")
    if a[1:] != b[1:]:
        raise ShapeError(f"{name}: a {a} and b {b} must agree behind the first axis")
    return ((a[0] + b[0], *a[1:]),)


@operation(
    inputs=(Arg("a", "n i"), Arg("b", "n i")), outputs=(Arg("y", "n i"),), shapes=_concat_shapes
)
def concat_rows(a: F32Array, b: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Set b (m, ...) behind a (n, ...); returns (n + m, ...), one to four axes."""
    return np.concatenate([a, b])


def _concat_labels_shapes(a: Shape, b: Shape) -> tuple[Shape, ...]:
    for tensor, shape in (("a", a), ("b", b)):
        expect("concat_labels", tensor, shape, 1, "n")
    return ((a[0] + b[0],),)


@operation(
    inputs=(Arg("a", "n", "i32"), Arg("b", "n", "i32")),
    outputs=(Arg("y", "n", "i32", moves=("a", "b")),),
    shapes=_concat_labels_shapes,
)
def concat_labels(a: I32Array, b: I32Array, *, contract: Contract = DEFAULT) -> I32Array:
    """Set the labels b (m,) behind a (n,); returns (n + m,)."""
    return np.concatenate([a, b])


def _put_shapes(name: str, x: Shape, y: Shape, places: Shape) -> tuple[Shape, ...]:
    k = listed(name, "places", places)
    if y != (k, *x[1:]):
        raise ShapeError(f"{name}: y has shape {y}; {k} rows of x {x} need {(k, *x[1:])}")
    return (x,)


def _put(x: Array, y: Array, places: I32Array) -> Array:
    """Put row j of y at places[j] of x, in order."""
    made = x.copy()
    for row, place in zip(y, places[0].tolist(), strict=True):
        if place >= 0:
            made[place] = row
    return made


def _put_rows_shapes(x: Shape, y: Shape, places: Shape) -> tuple[Shape, ...]:
    if not 1 <= len(x) <= 4:
        raise ShapeError(f"put_rows: x has shape {x}; it needs 1 to 4 axes")
    return _put_shapes("put_rows", x, y, places)


@operation(
    inputs=(Arg("x", "n i"), Arg("y", "k i"), _PLACES),
    outputs=(Arg("x", "n i", updates="x"),),
    shapes=_put_rows_shapes,
)
def put_rows(
    x: F32Array, y: F32Array, places: I32Array, *, contract: Contract = DEFAULT
) -> F32Array:
    """Put rows into a memory.

    Parameters
    ----------
    x : ndarray of float32, shape (n, ...), one to four axes
    y : ndarray of float32, shape (k, ...)
    places : ndarray of int32, shape (1, k)
        The row of x to which each row of y goes; -1: nowhere. Of several for one place the last
        stays.
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of float32, same shape as x

    Raises
    ------
    ShapeError
        Another shape of y; a place outside x.
    """
    return _put(x, y, places)


def _put_bytes_shapes(x: Shape, y: Shape, places: Shape) -> tuple[Shape, ...]:
    expect("put_bytes", "x", x, 2, "n byte")
    return _put_shapes("put_bytes", x, y, places)


@operation(
    inputs=(Arg("x", "n byte", "u8"), Arg("y", "k byte", "u8"), _PLACES),
    outputs=(Arg("x", "n byte", "u8", updates="x"),),
    shapes=_put_bytes_shapes,
)
def put_bytes(x: U8Array, y: U8Array, places: I32Array, *, contract: Contract = DEFAULT) -> U8Array:
    """Put rows of bytes y (k, bytes) into x (n, bytes), as `put_rows` does."""
    return _put(x, y, places)


def _put_labels_shapes(x: Shape, y: Shape, places: Shape) -> tuple[Shape, ...]:
    expect("put_labels", "x", x, 1, "n")
    return _put_shapes("put_labels", x, y, places)


@operation(
    inputs=(Arg("x", "n", "i32"), Arg("y", "k", "i32"), _PLACES),
    outputs=(Arg("x", "n", "i32", updates="x", moves=("x", "y")),),
    shapes=_put_labels_shapes,
)
def put_labels(
    x: I32Array, y: I32Array, places: I32Array, *, contract: Contract = DEFAULT
) -> I32Array:
    """Put labels y (k,) into x (n,), as `put_rows` does."""
    return _put(x, y, places)

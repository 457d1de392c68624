"""Convolutions of bytes: sums in int32, scaled back to bytes by a multiplier and a shift.

    acc = bias + sum of (x - zero of x) * weight, modulo 2^32, in -2^31 .. 2^31 - 1
    y   = (acc * multiplier + 2^(shift - 1)) >> shift, plus zero of y, held between 0 and 255

x and y are bytes, weights signed bytes, multipliers lie in [2^30, 2^31) and shifts in 1 .. 62, so
that 64 bits hold every product. ``>>`` rounds down. Outside the image x is its zero. Sums of
integers have no order: no field of the contract matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import Array
from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.sums import Shape
from tinycl.ops import windows
from tinycl.ops.conv2d import NO_PADDING, UNIT
from tinycl.ops.quantise import U8Array, byte
from tinycl.ops.spec import PADDING, STRIDE, Arg, expect, operation, window_size
from tinycl.ops.survivors import I32Array

I8Array = NDArray[np.int8]
I64Array = NDArray[np.int64]
LEAST_MULTIPLIER, MOST_SHIFT = 1 << 30, 62


def _multiplier(shapes: Mapping[str, Shape], attrs: Mapping[str, Any]) -> int:
    return 1 << 31


def shift_bound(shapes: Mapping[str, Shape], attrs: Mapping[str, Any]) -> int:
    """Return the bound of a shift."""
    return MOST_SHIFT + 1


def _inputs(weight: str) -> tuple[Arg, ...]:
    """Return the inputs of a convolution whose weight has these axes, its outputs' first."""
    c = weight.split()[0]
    return (
        Arg("x", "n ci h w" if c == "co" else "n c h w", "u8"),
        Arg("w", weight, "i8"),
        Arg("bias", c, "i32"),
        Arg("multiplier", c, "i32", below=_multiplier, least=LEAST_MULTIPLIER),
        Arg("shift", c, "i32", below=shift_bound, least=1),
        Arg("zeros", "xy", "i32", below=byte),
    )


def _each(
    name: str, count: int, bias: Shape, multiplier: Shape, shift: Shape, zeros: Shape
) -> None:
    """Raise ShapeError unless there is one of each for every output channel, and two zeros."""
    for what, shape in (("bias", bias), ("multiplier", multiplier), ("shift", shift)):
        if shape != (count,):
            raise ShapeError(f"{name}: {what} has shape {shape}; it needs ({count},)")
    if zeros != (2,):
        raise ShapeError(f"{name}: zeros has shape {zeros}; it needs (2,), of x and of y")


def scaled(total: I64Array, shift: Array, zero: int) -> U8Array:
    """Return total / 2^shift to the nearest, halves up, plus zero, as bytes."""
    wide = (total + (np.int64(1) << (shift.astype(np.int64) - 1))) >> shift.astype(np.int64)
    return np.clip(wide + zero, 0, 255).astype(np.uint8)


def _summed(
    terms: Iterable[tuple[Array, Array]],
    shape: Shape,
    bias: I32Array,
    multiplier: I32Array,
    shift: I32Array,
    zeros: I32Array,
) -> U8Array:
    """Add products of bytes less their zero and weights; scale the sums, (n, co, ho, wo)."""
    acc = np.broadcast_to(bias.reshape(-1, 1, 1), shape).astype(np.int64)
    for a, b in terms:
        acc = acc + (a.astype(np.int64) - zeros[0]) * b.astype(np.int64)
    acc = (acc & 0xFFFFFFFF).astype(np.uint32).view(np.int32).astype(np.int64)
    total = acc * multiplier.reshape(-1, 1, 1).astype(np.int64)
    return scaled(total, shift.reshape(-1, 1, 1), int(zeros[1]))


def _padded(x: U8Array, padding: Shape, zero: int) -> I64Array:
    """Return x with its zero around the image."""
    return windows.pad(x.astype(np.int64) - zero, padding) + zero


def _conv2d_shapes(
    x: Shape, w: Shape, *scales: Shape, stride: Shape, padding: Shape
) -> tuple[Shape, ...]:
    name = "int8_conv2d"
    expect(name, "x", x, 4, "n, ci, h, w")
    expect(name, "w", w, 4, "co, ci, kh, kw")
    if x[1] != w[1]:
        raise ShapeError(f"{name}: x has {x[1]} channels, w takes {w[1]}")
    _each(name, w[0], *scales)
    return ((x[0], w[0], *window_size(name, x[2:], w[2:], stride, padding)),)


def _conv2d_macs(x: Shape, w: Shape, *scales: Shape, **attrs: Shape) -> int:
    (y,) = _conv2d_shapes(x, w, *scales, **attrs)
    return int(np.prod(y) * np.prod(w[1:]))


@operation(
    inputs=_inputs("co ci kh kw"),
    outputs=(Arg("y", "n co ho wo", "u8"),),
    attrs=(STRIDE, PADDING),
    shapes=_conv2d_shapes,
    macs=_conv2d_macs,
)
def int8_conv2d(
    x: U8Array,
    w: I8Array,
    bias: I32Array,
    multiplier: I32Array,
    shift: I32Array,
    zeros: I32Array,
    *,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    contract: Contract = DEFAULT,
) -> U8Array:
    """Convolve bytes.

    Parameters
    ----------
    x : ndarray of uint8, shape (n, ci, h, w)
    w : ndarray of int8, shape (co, ci, kh, kw)
    bias, multiplier, shift : ndarray of int32, shape (co,)
    zeros : ndarray of int32, shape (2,)
        The bytes that stand for 0 in x and in y, from 0 to 255.
    stride : (int, int)
        Rows, columns.
    padding : (int, int, int, int)
        Top, bottom, left, right.
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of uint8, shape (n, co, ho, wo)

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit; a multiplier, shift or zero out of range.
    """
    (co, ci, kh, kw), zero = w.shape, int(zeros[0])
    out = window_size("int8_conv2d", x.shape[2:], (kh, kw), stride, padding)
    wide = _padded(x, padding, zero)
    terms = (
        (windows.seen(wide[:, c], i, j, stride, out)[:, None], w[:, c, i, j].reshape(co, 1, 1))
        for c, i, j in np.ndindex(ci, kh, kw)
    )
    return _summed(terms, (len(x), co, *out), bias, multiplier, shift, zeros)


def _depthwise_shapes(
    x: Shape, w: Shape, *scales: Shape, stride: Shape, padding: Shape
) -> tuple[Shape, ...]:
    name = "int8_depthwise"
    expect(name, "x", x, 4, "n, c, h, w")
    expect(name, "w", w, 3, "c, kh, kw")
    if x[1] != w[0]:
        raise ShapeError(f"{name}: x has {x[1]} channels, w takes {w[0]}")
    _each(name, w[0], *scales)
    return ((x[0], w[0], *window_size(name, x[2:], w[1:], stride, padding)),)


def _depthwise_macs(x: Shape, w: Shape, *scales: Shape, **attrs: Shape) -> int:
    (y,) = _depthwise_shapes(x, w, *scales, **attrs)
    return int(np.prod(y) * np.prod(w[1:]))


@operation(
    inputs=_inputs("c kh kw"),
    outputs=(Arg("y", "n c ho wo", "u8"),),
    attrs=(STRIDE, PADDING),
    shapes=_depthwise_shapes,
    macs=_depthwise_macs,
)
def int8_depthwise(
    x: U8Array,
    w: I8Array,
    bias: I32Array,
    multiplier: I32Array,
    shift: I32Array,
    zeros: I32Array,
    *,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    contract: Contract = DEFAULT,
) -> U8Array:
    """Convolve each channel of bytes with its own filter.

    Parameters
    ----------
    x : ndarray of uint8, shape (n, c, h, w)
    w : ndarray of int8, shape (c, kh, kw)
    bias, multiplier, shift : ndarray of int32, shape (c,)
    zeros : ndarray of int32, shape (2,)
        The bytes that stand for 0 in x and in y, from 0 to 255.
    stride : (int, int)
        Rows, columns.
    padding : (int, int, int, int)
        Top, bottom, left, right.
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of uint8, shape (n, c, ho, wo)

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit; a multiplier, shift or zero out of range.
    """
    c, kh, kw = w.shape
    out = window_size("int8_depthwise", x.shape[2:], (kh, kw), stride, padding)
    wide = _padded(x, padding, int(zeros[0]))
    terms = (
        (windows.seen(wide, i, j, stride, out), w[:, i, j].reshape(c, 1, 1))
        for i, j in np.ndindex(kh, kw)
    )
    return _summed(terms, (len(x), c, *out), bias, multiplier, shift, zeros)


def _pointwise_shapes(x: Shape, w: Shape, *scales: Shape) -> tuple[Shape, ...]:
    name = "int8_pointwise"
    expect(name, "x", x, 4, "n, ci, h, w")
    expect(name, "w", w, 2, "co, ci")
    if x[1] != w[1]:
        raise ShapeError(f"{name}: x has {x[1]} channels, w takes {w[1]}")
    _each(name, w[0], *scales)
    return ((x[0], w[0], *x[2:]),)


@operation(
    inputs=_inputs("co ci"),
    outputs=(Arg("y", "n co h w", "u8"),),
    shapes=_pointwise_shapes,
    macs=lambda x, w, *scales: int(np.prod(x) * w[0]),
)
def int8_pointwise(
    x: U8Array,
    w: I8Array,
    bias: I32Array,
    multiplier: I32Array,
    shift: I32Array,
    zeros: I32Array,
    *,
    contract: Contract = DEFAULT,
) -> U8Array:
    """Convolve bytes with a kernel of 1x1.

    Parameters
    ----------
    x : ndarray of uint8, shape (n, ci, h, w)
    w : ndarray of int8, shape (co, ci)
    bias, multiplier, shift : ndarray of int32, shape (co,)
    zeros : ndarray of int32, shape (2,)
        The bytes that stand for 0 in x and in y, from 0 to 255.
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of uint8, shape (n, co, h, w)

    Raises
    ------
    ShapeError
        Shapes or dtypes that do not fit; a multiplier, shift or zero out of range.
    """
    co, ci = w.shape
    terms = ((x[:, c, None], w[:, c].reshape(co, 1, 1)) for c in range(ci))
    return _summed(terms, (len(x), co, *x.shape[2:]), bias, multiplier, shift, zeros)

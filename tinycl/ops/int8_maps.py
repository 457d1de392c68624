"""The addition of two byte tensors of different scales, and the maximum of bytes in a window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.sums import Shape
from tinycl.ops import windows
from tinycl.ops.conv2d import NO_PADDING
from tinycl.ops.int8 import scaled, shift_bound
from tinycl.ops.pooling import check_padding
from tinycl.ops.quantise import U8Array, byte
from tinycl.ops.spec import KERNEL, PADDING, STRIDE, Arg, expect, operation, same, window_size
from tinycl.ops.survivors import I32Array


def _multiplier(shapes: Mapping[str, Shape], attrs: Mapping[str, Any]) -> int:
    return 1 << 31


def _add_shapes(
    a: Shape, b: Shape, multiplier: Shape, shift: Shape, zeros: Shape
) -> tuple[Shape, ...]:
    same("int8_add", a=a, b=b)
    for what, shape, count in (
        ("multiplier", multiplier, 2),
        ("shift", shift, 1),
        ("zeros", zeros, 3),
    ):
        if shape != (count,):
            raise ShapeError(f"int8_add: {what} has shape {shape}; it needs ({count},)")
    return (a,)


@operation(
    inputs=(
        Arg("a", "i", "u8"),
        Arg("b", "i", "u8"),
        Arg("multiplier", "ab", "i32", below=_multiplier),
        Arg("shift", "one", "i32", below=shift_bound, least=1),
        Arg("zeros", "aby", "i32", below=byte),
    ),
    outputs=(Arg("y", "i", "u8"),),
    shapes=_add_shapes,
)
def int8_add(
    a: U8Array,
    b: U8Array,
    multiplier: I32Array,
    shift: I32Array,
    zeros: I32Array,
    *,
    contract: Contract = DEFAULT,
) -> U8Array:
    """Add bytes of different scales.

    Parameters
    ----------
    a, b : ndarray of uint8
    multiplier : ndarray of int32, shape (2,)
        Of a and of b, not negative.
    shift : ndarray of int32, shape (1,)
        From 1 to 62.
    zeros : ndarray of int32, shape (3,)
        The bytes that stand for 0 in a, b and y, from 0 to 255.
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of uint8, same shape as a
        ((a - zero)*multiplier + (b - zero)*multiplier + 2^(shift - 1)) >> shift, plus the zero of
        y, held between 0 and 255.

    Raises
    ------
    ShapeError
        Shapes that do not fit; a multiplier, shift or zero out of range.
    """
    of_a, of_b = (
        (tensor.astype(np.int64) - int(zeros[i])) * int(multiplier[i])
        for i, tensor in enumerate((a, b))
    )
    return scaled(of_a + of_b, shift.reshape(()), int(zeros[2]))


def _max_pool_shapes(
    x: Shape, *, kernel: Shape, stride: Shape, padding: Shape
) -> tuple[Shape, ...]:
    name = "int8_max_pool"
    expect(name, "x", x, 4, "n, c, h, w")
    check_padding(name, kernel, padding)
    return ((*x[:2], *window_size(name, x[2:], kernel, stride, padding)),)


@operation(
    inputs=(Arg("x", "n c h w", "u8"),),
    outputs=(Arg("y", "n c ho wo", "u8"),),
    attrs=(KERNEL, STRIDE, PADDING),
    shapes=_max_pool_shapes,
)
def int8_max_pool(
    x: U8Array,
    *,
    kernel: Shape,
    stride: Shape,
    padding: Shape = NO_PADDING,
    contract: Contract = DEFAULT,
) -> U8Array:
    """Take the largest byte of each window; x and y have one scale and one zero.

    Parameters
    ----------
    x : ndarray of uint8, shape (n, c, h, w)
    kernel, stride : (int, int)
        Rows, columns.
    padding : (int, int, int, int)
        Top, bottom, left, right, smaller than the kernel; padded positions are left out.
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of uint8, shape (n, c, ho, wo)

    Raises
    ------
    ShapeError
        Shapes or attributes that do not fit.
    """
    out = window_size("int8_max_pool", x.shape[2:], kernel, stride, padding)
    padded = windows.pad(x, padding)  # a byte of 0 is never larger than one of the image
    views = (windows.seen(padded, i, j, stride, out) for i, j in np.ndindex(*kernel))
    best = np.zeros((*x.shape[:2], *out), np.uint8)
    for view in views:
        best = np.maximum(best, view)
    return best

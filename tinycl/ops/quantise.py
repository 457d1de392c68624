"""Float32 tensors as bytes with a scale and a zero point, and back: x = (q - zero) * scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array, quiet
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, operation
from tinycl.ops.survivors import I32Array

U8Array = NDArray[np.uint8]
BYTE = 256


def byte(shapes: Mapping[str, Shape], attrs: Mapping[str, Any]) -> int:
    """Return the bound of a zero point."""
    return BYTE


_SCALE, _ZERO = Arg("scale", "one"), Arg("zero", "one", "i32", below=byte)


def _shapes(x: Shape, scale: Shape, zero: Shape) -> tuple[Shape, ...]:
    for name, shape in (("scale", scale), ("zero", zero)):
        if shape != (1,):
            raise ShapeError(f"quantise: {name} has shape {shape}; it needs (1,)")
    return (x,)


@operation(inputs=(Arg("x", "i"), _SCALE, _ZERO), outputs=(Arg("q", "i", "u8"),), shapes=_shapes)
@quiet
def quantise(
    x: F32Array, scale: F32Array, zero: I32Array, *, contract: Contract = DEFAULT
) -> U8Array:
    """Return the nearest bytes.

    Parameters
    ----------
    x : ndarray of float32
    scale : ndarray of float32, shape (1,)
    zero : ndarray of int32, shape (1,)
        The byte that stands for 0, from 0 to 255.
    contract : Contract

    Returns
    -------
    ndarray of uint8, same shape as x
        x/scale, rounded as a float32, to the nearest whole number, ties to even; plus zero, held
        between 0 and 255. A NaN gives zero.

    Raises
    ------
    ShapeError
        A scale or zero that is not one value; a zero outside 0 to 255.
    """
    quotient = Arithmetic(contract).div(x, scale.reshape(())).astype(np.float64)
    whole = np.clip(np.rint(quotient), -BYTE, BYTE)  # before any cast; a NaN stays
    near = np.where(np.isnan(whole), 0, whole).astype(np.int64) + int(zero[0])
    return np.clip(near, 0, BYTE - 1).astype(np.uint8)


@operation(inputs=(Arg("q", "i", "u8"), _SCALE, _ZERO), outputs=(Arg("x", "i"),), shapes=_shapes)
def dequantise(
    q: U8Array, scale: F32Array, zero: I32Array, *, contract: Contract = DEFAULT
) -> F32Array:
    """Return (q - zero) * scale.

    Parameters
    ----------
    q : ndarray of uint8
    scale : ndarray of float32, shape (1,)
    zero : ndarray of int32, shape (1,)
        The byte that stands for 0, from 0 to 255.
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape as q
        The difference is exact, the product is rounded.

    Raises
    ------
    ShapeError
        A scale or zero that is not one value; a zero outside 0 to 255.
    """
    difference = (q.astype(np.int32) - zero[0]).astype(np.float32)
    return Arithmetic(contract).mul(difference, scale.reshape(()))

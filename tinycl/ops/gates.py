"""One bit an element in place of an activation's input: what the gradient of a ReLU needs of it.

Shapes: x, dy, dx any; bits (ceil(size/32),), bit b of word w standing for element 32w + b.
"""

from __future__ import annotations

import math

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array, f32, quiet
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, Attr, operation
from tinycl.ops.survivors import I32Array


def _words(shape: Shape) -> int:
    return -(-math.prod(shape) // 32)


@operation(
    inputs=(Arg("x", "i"),),
    outputs=(Arg("bits", "word", "i32"),),
    attrs=(Attr("below", "f32"),),
    shapes=lambda x, *, below: ((_words(x),),),
)
@quiet
def gate_bits(x: F32Array, *, below: float, contract: Contract = DEFAULT) -> I32Array:
    """Tell for each element whether it lets its gradient pass.

    Parameters
    ----------
    x : ndarray of float32, any shape
    below : float
        6 for ReLU6; Inf, which bounds nothing, for ReLU.
    contract : Contract

    Returns
    -------
    ndarray of int32, shape (ceil(size/32),)
        Bits of 0 < x < below, of x > 0 where `below` is Inf; 0 for a NaN and behind the last
        element.
    """
    one = Arithmetic(contract)
    value = one.read(x).reshape(-1)
    opened = (value > 0) & ((value < one.read(f32(below))) | (f32(below) == np.inf))
    opened = np.pad(opened, (0, 32 * _words(x.shape) - opened.size))
    return np.packbits(opened, bitorder="little").view("<i4").astype(np.int32)


def _grad_shapes(bits: Shape, dy: Shape) -> tuple[Shape, ...]:
    if bits != (_words(dy),):
        raise ShapeError(
            f"gate_grad: bits has shape {bits}; for dy {dy} it needs ({_words(dy)},), "
            "a word for 32 elements"
        )
    return (dy,)


@operation(
    inputs=(Arg("bits", "word", "i32"), Arg("dy", "i")),
    outputs=(Arg("dx", "i"),),
    shapes=_grad_shapes,
)
def gate_grad(bits: I32Array, dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Let a gradient pass where its bit is set.

    Parameters
    ----------
    bits : ndarray of int32, shape (ceil(size/32),)
    dy : ndarray of float32, any shape
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape as dy
        dy where its bit is set, +0.0 elsewhere.

    Raises
    ------
    ShapeError
        Another number of words than dy needs.
    """
    packed = np.ascontiguousarray(bits).astype("<i4").view(np.uint8)
    opened = np.unpackbits(packed, bitorder="little")[: dy.size].reshape(dy.shape)
    return np.where(opened == 1, Arithmetic(contract).read(dy), np.float32(0))

"""Flatten an image to a vector, and back. Bits move, nothing is computed.

Shapes: x (n, c, h, w), y (n, c*h*w).
"""

from __future__ import annotations

import math

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import F32Array
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, Attr, expect, operation


def _forward_shapes(x: Shape) -> tuple[Shape, ...]:
    expect("flatten_forward", "x", x, 4, "n, c, h, w")
    return ((x[0], math.prod(x[1:])),)


@operation(inputs=(Arg("x", "n c h w"),), outputs=(Arg("y", "n f"),), shapes=_forward_shapes)
def flatten_forward(x: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return (n, c*h*w).

    Parameters
    ----------
    x : ndarray of float32, shape (n, c, h, w)
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of float32, shape (n, c*h*w)
    """
    return x.reshape(len(x), -1)


def _input_grad_shapes(dy: Shape, *, image: Shape) -> tuple[Shape, ...]:
    expect("flatten_input_grad", "dy", dy, 2, "n, f")
    if dy[1] != math.prod(image):
        raise ShapeError(f"flatten_input_grad: {dy[1]} features are no image of {tuple(image)}")
    return ((dy[0], *image),)


@operation(
    inputs=(Arg("dy", "n f"),),
    outputs=(Arg("dx", "n c h w"),),
    attrs=(Attr("image", count=3, least=1),),
    shapes=_input_grad_shapes,
)
def flatten_input_grad(dy: F32Array, *, image: Shape, contract: Contract = DEFAULT) -> F32Array:
    """Return (n, c, h, w).

    Parameters
    ----------
    dy : ndarray of float32, shape (n, c*h*w)
    image : (int, int, int)
        (c, h, w).
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of float32, shape (n, c, h, w)

    Raises
    ------
    ShapeError
        An image of another size.
    """
    return dy.reshape(len(dy), *image)

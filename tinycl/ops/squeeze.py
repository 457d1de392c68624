"""Scaling of each channel of each sample by a number of its own: squeeze-excite.

x, y and dy are (n, c, h, w), the scale s is (n, c, 1, 1).
"""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, expect, operation, same

_X, _S, _DY = Arg("x", "n c h w"), Arg("s", "n c 1 1"), Arg("dy", "n c h w")


def _expect_scale(name: str, operand: str, image: Shape, s: Shape) -> None:
    expect(name, operand, image, 4, "n, c, h, w")
    if s != (*image[:2], 1, 1):
        raise ShapeError(
            f"{name}: s has shape {s}; {operand} {image} needs one number a channel of each "
            f"sample, {(*image[:2], 1, 1)}"
        )


def _forward_shapes(x: Shape, s: Shape) -> tuple[Shape, ...]:
    _expect_scale("channel_scale_forward", "x", x, s)
    return (x,)


@operation(inputs=(_X, _S), outputs=(Arg("y", "n c h w"),), shapes=_forward_shapes)
def channel_scale_forward(x: F32Array, s: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return x * s.

    Parameters
    ----------
    x : ndarray of float32, shape (n, c, h, w)
    s : ndarray of float32, shape (n, c, 1, 1)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape of x

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    return Arithmetic(contract).mul(x, s)


def _input_shapes(s: Shape, dy: Shape) -> tuple[Shape, ...]:
    _expect_scale("channel_scale_input_grad", "dy", dy, s)
    return (dy,)


@operation(inputs=(_S, _DY), outputs=(Arg("dx", "n c h w"),), shapes=_input_shapes)
def channel_scale_input_grad(
    s: F32Array, dy: F32Array, *, contract: Contract = DEFAULT
) -> F32Array:
    """Return dy * s, the gradient of x.

    Parameters
    ----------
    s : ndarray of float32, shape (n, c, 1, 1)
    dy : ndarray of float32, shape (n, c, h, w)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape of dy

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    return Arithmetic(contract).mul(dy, s)


def _gate_shapes(x: Shape, dy: Shape) -> tuple[Shape, ...]:
    expect("channel_scale_gate_grad", "x", x, 4, "n, c, h, w")
    same("channel_scale_gate_grad", x=x, dy=dy)
    return ((*x[:2], 1, 1),)


@operation(inputs=(_X, _DY), outputs=(Arg("ds", "n c 1 1"),), shapes=_gate_shapes)
def channel_scale_gate_grad(x: F32Array, dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return the gradient of s.

    Parameters
    ----------
    x, dy : ndarray of float32, shape (n, c, h, w)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, c, 1, 1)
        acc = mac(x, dy, acc) over (h, w) from +0.0.

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    one, planes = Arithmetic(contract), (*x.shape[:2], -1)
    total = np.zeros(x.shape[:2], np.float32)
    for value, gradient in zip(
        np.moveaxis(x.reshape(planes), -1, 0), np.moveaxis(dy.reshape(planes), -1, 0), strict=True
    ):
        total = one.mac(value, gradient, total)
    return total[:, :, None, None]

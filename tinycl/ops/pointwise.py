"""Pointwise convolution (1x1, stride 1, no padding) and its gradients with respect to w and x.

Shapes: x (n, ci, h, w), w (co, ci), bias (co,), y (n, co, h, w). The bias gradient is
`conv2d_bias_grad`.
"""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array
from tinycl.num.sums import Shape, Term, batch_sum, ordered_sum
from tinycl.ops.spec import Arg, expect, operation


def _forward_shapes(x: Shape, w: Shape, bias: Shape | None) -> tuple[Shape, ...]:
    name = "pointwise_forward"
    expect(name, "x", x, 4, "n, ci, h, w")
    expect(name, "w", w, 2, "co, ci")
    if x[1] != w[1]:
        raise ShapeError(f"{name}: x has {x[1]} channels, w takes {w[1]}")
    if bias is not None and bias != w[:1]:
        raise ShapeError(f"{name}: bias has shape {bias}; it needs ({w[0]},)")
    return ((x[0], w[0], *x[2:]),)


@operation(
    inputs=(Arg("x", "n ci h w"), Arg("w", "co ci"), Arg("bias", "co", optional=True)),
    outputs=(Arg("y", "n co h w"),),
    shapes=_forward_shapes,
    macs=lambda x, w, bias: int(np.prod(x) * w[0]),
)
def pointwise_forward(
    x: F32Array, w: F32Array, bias: F32Array | None = None, *, contract: Contract = DEFAULT
) -> F32Array:
    """Mix the channels of each position.

    Parameters
    ----------
    x : ndarray of float32, shape (n, ci, h, w)
    w : ndarray of float32, shape (co, ci)
    bias : ndarray of float32, shape (co,), optional
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, co, h, w)
        Each element sums x*w over ascending ci.

    Raises
    ------
    ShapeError
        Shapes or dtypes that do not fit.
    """
    co, ci = w.shape
    terms = (Term(x[:, c, None], w[:, c].reshape(co, 1, 1)) for c in range(ci))
    start = None if bias is None else bias.reshape(co, 1, 1)
    return ordered_sum(Arithmetic(contract), terms, ci, (len(x), co, *x.shape[2:]), start)


def _weight_grad_shapes(x: Shape, dy: Shape) -> tuple[Shape, ...]:
    name = "pointwise_weight_grad"
    expect(name, "x", x, 4, "n, ci, h, w")
    expect(name, "dy", dy, 4, "n, co, h, w")
    if (x[0], x[2:]) != (dy[0], dy[2:]):
        raise ShapeError(f"{name}: x {x} and dy {dy} must agree in n, h and w")
    return ((dy[1], x[1]),)


@operation(
    inputs=(Arg("x", "n ci h w"), Arg("dy", "n co h w")),
    outputs=(Arg("dw", "co ci"),),
    shapes=_weight_grad_shapes,
    macs=lambda x, dy: int(np.prod(dy) * x[1]),
)
def pointwise_weight_grad(x: F32Array, dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Gradient with respect to the weights.

    Parameters
    ----------
    x : ndarray of float32, shape (n, ci, h, w)
    dy : ndarray of float32, shape (n, co, h, w)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (co, ci)
        Each element sums x*dy over (n, h, w).

    Raises
    ------
    ShapeError
        Shapes or dtypes that do not fit.
    """
    batch, ci, h, width = x.shape
    co = dy.shape[1]
    samples = (
        (Term(x[n, None, :, i, j], dy[n, :, i, j, None]) for i, j in np.ndindex(h, width))
        for n in range(batch)
    )
    return batch_sum(Arithmetic(contract), samples, h * width, batch, (co, ci))


def _input_grad_shapes(w: Shape, dy: Shape) -> tuple[Shape, ...]:
    name = "pointwise_input_grad"
    expect(name, "w", w, 2, "co, ci")
    expect(name, "dy", dy, 4, "n, co, h, w")
    if dy[1] != w[0]:
        raise ShapeError(f"{name}: dy has {dy[1]} channels, w makes {w[0]}")
    return ((dy[0], w[1], *dy[2:]),)


@operation(
    inputs=(Arg("w", "co ci"), Arg("dy", "n co h w")),
    outputs=(Arg("dx", "n ci h w"),),
    shapes=_input_grad_shapes,
    macs=lambda w, dy: int(np.prod(dy) * w[1]),
)
def pointwise_input_grad(w: F32Array, dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Gradient with respect to the input.

    Parameters
    ----------
    w : ndarray of float32, shape (co, ci)
    dy : ndarray of float32, shape (n, co, h, w)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, ci, h, w)
        Each element sums w*dy over ascending co.

    Raises
    ------
    ShapeError
        Shapes or dtypes that do not fit.
    """
    co, ci = w.shape
    terms = (Term(dy[:, c, None], w[c].reshape(ci, 1, 1)) for c in range(co))
    return ordered_sum(Arithmetic(contract), terms, co, (len(dy), ci, *dy.shape[2:]))

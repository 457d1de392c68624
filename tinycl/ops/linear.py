"""Linear layer: y = x w' + bias, and its three gradients.

Shapes: x (n, fi), w (fo, fi), bias (fo,), y (n, fo).
"""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array
from tinycl.num.sums import Shape, Term, batch_sum, ordered_sum
from tinycl.ops.spec import Arg, expect, operation


def _forward_shapes(x: Shape, w: Shape, bias: Shape | None) -> tuple[Shape, ...]:
    expect("linear_forward", "x", x, 2, "n, fi")
    expect("linear_forward", "w", w, 2, "fo, fi")
    if x[1] != w[1]:
        raise ShapeError(f"linear_forward: x has {x[1]} features, w takes {w[1]}")
    if bias is not None and bias != w[:1]:
        raise ShapeError(f"linear_forward: bias has shape {bias}; it needs ({w[0]},)")
    return ((x[0], w[0]),)


def _forward_macs(x: Shape, w: Shape, bias: Shape | None) -> int:
    return int(x[0] * np.prod(w))


@operation(
    inputs=(Arg("x", "n fi"), Arg("w", "fo fi"), Arg("bias", "fo", optional=True)),
    outputs=(Arg("y", "n fo"),),
    shapes=_forward_shapes,
    macs=_forward_macs,
)
def linear_forward(
    x: F32Array, w: F32Array, bias: F32Array | None = None, *, contract: Contract = DEFAULT
) -> F32Array:
    """Multiply by the weights.

    Parameters
    ----------
    x : ndarray of float32, shape (n, fi)
    w : ndarray of float32, shape (fo, fi)
    bias : ndarray of float32, shape (fo,), optional
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, fo)
        Each element sums x*w over ascending fi.

    Raises
    ------
    ShapeError
        Shapes or dtypes that do not fit.
    """
    terms = (Term(x[:, i, None], w[None, :, i]) for i in range(x.shape[1]))
    return ordered_sum(Arithmetic(contract), terms, x.shape[1], (len(x), len(w)), bias)


def _pair(name: str, a: tuple[str, Shape], b: tuple[str, Shape]) -> None:
    for label, shape in (a, b):
        expect(name, label, shape, 2, "n, features" if label != "w" else "fo, fi")


def _weight_grad_shapes(x: Shape, dy: Shape) -> tuple[Shape, ...]:
    _pair("linear_weight_grad", ("x", x), ("dy", dy))
    if x[0] != dy[0]:
        raise ShapeError(f"linear_weight_grad: x has {x[0]} samples, dy has {dy[0]}")
    return ((dy[1], x[1]),)


@operation(
    inputs=(Arg("x", "n fi"), Arg("dy", "n fo")),
    outputs=(Arg("dw", "fo fi"),),
    shapes=_weight_grad_shapes,
    macs=lambda x, dy: int(np.prod(dy) * x[1]),
)
def linear_weight_grad(x: F32Array, dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Gradient with respect to the weights.

    Parameters
    ----------
    x : ndarray of float32, shape (n, fi)
    dy : ndarray of float32, shape (n, fo)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (fo, fi)
        Each element sums x*dy over ascending n.

    Raises
    ------
    ShapeError
        Shapes or dtypes that do not fit.
    """
    samples = ([Term(x[n][None, :], dy[n][:, None])] for n in range(len(x)))
    return batch_sum(Arithmetic(contract), samples, 1, len(x), (dy.shape[1], x.shape[1]))


def _bias_grad_shapes(dy: Shape) -> tuple[Shape, ...]:
    expect("linear_bias_grad", "dy", dy, 2, "n, fo")
    return (dy[1:],)


@operation(inputs=(Arg("dy", "n fo"),), outputs=(Arg("db", "fo"),), shapes=_bias_grad_shapes)
def linear_bias_grad(dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Gradient with respect to the bias.

    Parameters
    ----------
    dy : ndarray of float32, shape (n, fo)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (fo,)
        Each element adds dy over ascending n.

    Raises
    ------
    ShapeError
        A `dy` that does not have two axes.
    """
    samples = ([Term(row, None)] for row in dy)
    return batch_sum(Arithmetic(contract), samples, 1, len(dy), dy.shape[1:])


def _input_grad_shapes(w: Shape, dy: Shape) -> tuple[Shape, ...]:
    _pair("linear_input_grad", ("w", w), ("dy", dy))
    if dy[1] != w[0]:
        raise ShapeError(f"linear_input_grad: dy has {dy[1]} features, w makes {w[0]}")
    return ((dy[0], w[1]),)


@operation(
    inputs=(Arg("w", "fo fi"), Arg("dy", "n fo")),
    outputs=(Arg("dx", "n fi"),),
    shapes=_input_grad_shapes,
    macs=lambda w, dy: int(dy[0] * np.prod(w)),
)
def linear_input_grad(w: F32Array, dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Gradient with respect to the input.

    Parameters
    ----------
    w : ndarray of float32, shape (fo, fi)
    dy : ndarray of float32, shape (n, fo)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, fi)
        Each element sums w*dy over ascending fo.

    Raises
    ------
    ShapeError
        Shapes or dtypes that do not fit.
    """
    terms = (Term(dy[:, o, None], w[None, o, :]) for o in range(len(w)))
    return ordered_sum(Arithmetic(contract), terms, len(w), (len(dy), w.shape[1]))

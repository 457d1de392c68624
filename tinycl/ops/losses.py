"""Softmax cross-entropy, mean squared error, and the mean over a batch.

A loss is per sample; its gradient divides by the whole accumulated batch. CONTRACT.md section 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array, f32, quiet
from tinycl.num.exact import round_to_f32
from tinycl.num.explog import exp, log
from tinycl.num.sums import Shape, plain_sum
from tinycl.ops.spec import Arg, Attr, expect, operation, same

BATCH = Attr("batch", least=1)
I32Array = NDArray[np.int32]


def _classes(scores: str) -> Callable[..., int]:
    return lambda shapes, attrs: int(shapes[scores][1])


def _softmax_shapes(z: Shape, target: Shape) -> tuple[Shape, ...]:
    name = "softmax_cross_entropy_forward"
    expect(name, "z", z, 2, "n, classes")
    if target != z[:1]:
        raise ShapeError(f"{name}: target has shape {target}; it needs ({z[0]},)")
    return z, z[:1]


@operation(
    inputs=(Arg("z", "n class"), Arg("target", "n", "i32", below=_classes("z"))),
    outputs=(Arg("p", "n class"), Arg("loss", "n")),
    shapes=_softmax_shapes,
)
@quiet
def softmax_cross_entropy_forward(
    z: F32Array, target: I32Array, *, contract: Contract = DEFAULT
) -> tuple[F32Array, F32Array]:
    """Turn scores into probabilities and a loss.

    Parameters
    ----------
    z : ndarray of float32, shape (n, classes)
    target : ndarray of int32, shape (n,)
        From 0 to classes - 1.
    contract : Contract

    Returns
    -------
    p : ndarray of float32, shape (n, classes)
        e / s with e = exp(z - max), s the sum of e over ascending classes.
    loss : ndarray of float32, shape (n,)
        log(s) - (z_target - max).

    Raises
    ------
    ShapeError
        Shapes that do not fit, a target out of range.
    """
    one = Arithmetic(contract)
    z = one.read(z)
    top = z[:, 0]
    for column in z.T[1:]:
        top = np.where((column > top) | (np.isnan(column) & ~np.isnan(top)), column, top)
    below = one.sub(z, top[:, None])
    e = one.read(exp(below))
    s = plain_sum(one, e.T, top.shape)
    chosen = below[np.arange(len(z)), target]
    return one.div(e, s[:, None]), one.sub(log(s), chosen)


def _softmax_grad_shapes(p: Shape, target: Shape, *, batch: int) -> tuple[Shape, ...]:
    _softmax_shapes(p, target)
    return (p,)


@operation(
    inputs=(Arg("p", "n class"), Arg("target", "n", "i32", below=_classes("p"))),
    outputs=(Arg("dz", "n class"),),
    attrs=(BATCH,),
    shapes=_softmax_grad_shapes,
)
def softmax_cross_entropy_input_grad(
    p: F32Array, target: I32Array, *, batch: int, contract: Contract = DEFAULT
) -> F32Array:
    """Return (p - y) / batch, y being 1 at the target and +0.0 elsewhere.

    Parameters
    ----------
    p : ndarray of float32, shape (n, classes)
    target : ndarray of int32, shape (n,)
    batch : int
        The whole accumulated batch.
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, classes)

    Raises
    ------
    ShapeError
        Shapes that do not fit, a target out of range.
    """
    one = Arithmetic(contract)
    y = (np.arange(p.shape[1]) == target[:, None]).astype(np.float32)
    return one.div(one.sub(p, y), f32(batch))


def _squared_shapes(y: Shape, t: Shape) -> tuple[Shape, ...]:
    same("mean_squared_error", y=y, t=t)
    if not y:
        raise ShapeError("mean_squared_error: y needs at least one axis, the samples")
    return (y[:1],)


@operation(
    inputs=(Arg("y", "n f"), Arg("t", "n f")), outputs=(Arg("loss", "n"),), shapes=_squared_shapes
)
def mean_squared_error_forward(
    y: F32Array, t: F32Array, *, contract: Contract = DEFAULT
) -> F32Array:
    """Return, for each sample, the mean over its F elements of (y - t)^2.

    Parameters
    ----------
    y, t : ndarray of float32, shape (n, ...)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n,)
        ``s = mac(d, d, s)`` from +0.0 in row-major order, divided by F.

    Raises
    ------
    ShapeError
        Shapes that do not agree.
    """
    one = Arithmetic(contract)
    d = one.sub(y, t).reshape(len(y), -1)
    s: F32Array = np.zeros(len(y), np.float32)
    for column in d.T:
        s = one.mac(column, column, s)
    return one.div(s, f32(d.shape[1]))


def _squared_grad_shapes(y: Shape, t: Shape, *, batch: int) -> tuple[Shape, ...]:
    _squared_shapes(y, t)
    return (y,)


@operation(
    inputs=(Arg("y", "n f"), Arg("t", "n f")),
    outputs=(Arg("dy", "n f"),),
    attrs=(BATCH,),
    shapes=_squared_grad_shapes,
)
def mean_squared_error_input_grad(
    y: F32Array, t: F32Array, *, batch: int, contract: Contract = DEFAULT
) -> F32Array:
    """Return (d + d) / M with d = y - t and M = batch * F, rounded once.

    Parameters
    ----------
    y, t : ndarray of float32, shape (n, ...)
    batch : int
        The whole accumulated batch.
    contract : Contract

    Returns
    -------
    ndarray of float32, shape of y

    Raises
    ------
    ShapeError
        Shapes that do not agree.
    """
    one = Arithmetic(contract)
    d = one.sub(y, t)
    return one.div(
        one.add(d, d), np.asarray(round_to_f32(Fraction(batch * math.prod(y.shape[1:]))))
    )


def _mean_shapes(x: Shape, *, count: int) -> tuple[Shape, ...]:
    expect("mean", "x", x, 1, "n")
    return ((),)


@operation(
    inputs=(Arg("x", "n"),),
    outputs=(Arg("y", ""),),
    attrs=(Attr("count", least=1),),
    shapes=_mean_shapes,
)
def mean(x: F32Array, *, count: int, contract: Contract = DEFAULT) -> F32Array:
    """Return the sum of x divided by `count`.

    Parameters
    ----------
    x : ndarray of float32, shape (n,)
    count : int
        The whole accumulated batch.
    contract : Contract

    Returns
    -------
    ndarray of float32, shape ()
        A sum from +0.0 in ascending order, and one division.
    """
    one = Arithmetic(contract)
    return one.div(plain_sum(one, x, ()), f32(count))

"""Bias gradients from a part of dy: its survivors, or the samples that train."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array
from tinycl.num.keyed import ABSENT, Keys, keyed_batch_sum
from tinycl.num.sums import Shape, Term
from tinycl.ops.spec import Arg, operation
from tinycl.ops.survivors import (
    CHANNELS,
    COUNT,
    INDEX,
    I32Array,
    check_survivors,
    output_keys,
    survivors,
)

_DY, _DB = Arg("dy", "n c i"), Arg("db", "c")


def _expect_channels(name: str, dy: Shape) -> None:
    if not 2 <= len(dy) <= 4:
        raise ShapeError(f"{name}: dy has shape {dy}; it needs 2 to 4 axes (n, c, positions)")


def _terms(dy: F32Array) -> Callable[[Keys], Term]:
    """Return the terms of each channel, numbered over (n, positions)."""
    values = np.moveaxis(dy.reshape(*dy.shape[:2], -1), 1, 0).reshape(dy.shape[1], -1)
    rows = np.arange(len(values))
    return lambda number: Term(values[rows, number], None)


def _sparse_shapes(dy: Shape, count: Shape, index: Shape, *, channels: int) -> tuple[Shape, ...]:
    _expect_channels("sparse_bias_grad", dy)
    check_survivors("sparse_bias_grad", dy, count, index, channels)
    return (dy[1:2],)


@operation(inputs=(_DY, COUNT, INDEX), outputs=(_DB,), attrs=(CHANNELS,), shapes=_sparse_shapes)
def sparse_bias_grad(
    dy: F32Array,
    count: I32Array,
    index: I32Array,
    *,
    channels: int = 0,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Gradient with respect to the bias, from the survivors of dy.

    Parameters
    ----------
    dy : ndarray of float32, shape (n, c, ...)
        Two to four axes.
    count : ndarray of int32, shape (n,) or (1,)
        Survivors of each sample, or of every sample.
    index : ndarray of int32, shape (n, cap) or (1, cap)
        The first `count` of a row list them.
    channels : int
        1 where `index` lists channels, 0 where it lists entries.
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (c,)
        Each element adds the survivors of dy over (n, positions), or by their lists.

    Raises
    ------
    ShapeError
        Shapes or attributes that do not fit; bad lists of survivors.
    """
    n, c = dy.shape[:2]
    items = c if channels else dy[0].size
    given = survivors("sparse_bias_grad", count, index, n, items, contract)
    keys = output_keys(given, dy.shape, channels)
    return keyed_batch_sum(Arithmetic(contract), keys, _terms(dy), (c,))


def _sampled_shapes(dy: Shape, trained: Shape) -> tuple[Shape, ...]:
    _expect_channels("sampled_bias_grad", dy)
    if trained != dy[:1]:
        raise ShapeError(f"sampled_bias_grad: trained has shape {trained}; it needs ({dy[0]},)")
    return (dy[1:2],)


@operation(inputs=(_DY, Arg("trained", "n", "i32")), outputs=(_DB,), shapes=_sampled_shapes)
def sampled_bias_grad(dy: F32Array, trained: I32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Gradient with respect to the bias, from the samples that train.

    Parameters
    ----------
    dy : ndarray of float32, shape (n, c, ...)
        Two to four axes.
    trained : ndarray of int32, shape (n,)
        0 leaves a sample out.
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (c,)
        Each element adds dy over (n, positions).

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    n, c = dy.shape[:2]
    places = np.arange(dy[0, 0].size)
    keys = np.where((trained != 0).reshape(n, 1, 1), places, ABSENT)
    keys = np.broadcast_to(keys, (n, c, len(places)))
    return keyed_batch_sum(Arithmetic(contract), keys, _terms(dy), (c,))

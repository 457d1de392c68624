"""Measures of size: sums of magnitudes, and of squares. Always sequential, from +0.0.

Magnitudes are never negative: +0.0 and the first one are the first one, and no sum of flushed
operands has to be flushed.
"""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array, quiet
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, Attr, expect, operation
from tinycl.ops.subsets import axis_of


@quiet
def _sum(a: F32Array, axis: int, contract: Contract) -> F32Array:
    """Add |a| along an axis in ascending order; `accumulate` adds one element at a time."""
    sizes = np.abs(Arithmetic(contract).read(a))
    sums = np.add.accumulate(sizes, axis=axis, dtype=np.float32)
    return np.asarray(np.take(sums, -1, axis))


def _row_shapes(a: Shape) -> tuple[Shape, ...]:
    if not a:
        raise ShapeError("magnitude_sum: a has shape (); it needs rows (r, ...)")
    return (a[:1],)


@operation(inputs=(Arg("a", "r i"),), outputs=(Arg("y", "r"),), shapes=_row_shapes)
def magnitude_sum(a: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Add the magnitudes of each row.

    Parameters
    ----------
    a : ndarray of float32, shape (r, ...)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (r,)
        Sums of |a| in row-major order.

    Raises
    ------
    ShapeError
        No axis.
    """
    return _sum(a.reshape(len(a), -1), 1, contract)


def _entry_shapes(dy: Shape) -> tuple[Shape, ...]:
    if not dy:
        raise ShapeError("entry_magnitudes: dy has shape (); it needs samples (n, ...)")
    return ((1, int(np.prod(dy[1:]))),)


@operation(inputs=(Arg("dy", "n i"),), outputs=(Arg("a", "one m"),), shapes=_entry_shapes)
def entry_magnitudes(dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Add the magnitudes of each entry over the samples.

    Parameters
    ----------
    dy : ndarray of float32, shape (n, ...)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (1, m)
        Sums of |dy| over ascending n; m entries a sample.

    Raises
    ------
    ShapeError
        No axis.
    """
    return _sum(dy.reshape(len(dy), -1), 0, contract)[None]


def _channel_shapes(dy: Shape) -> tuple[Shape, ...]:
    expect("channel_magnitudes", "dy", dy, 4, "n, c, h, w")
    return (dy[:2],)


@operation(inputs=(Arg("dy", "n c h w"),), outputs=(Arg("a", "n c"),), shapes=_channel_shapes)
def channel_magnitudes(dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Add the magnitudes of each channel of each sample.

    Parameters
    ----------
    dy : ndarray of float32, shape (n, c, h, w)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, c)
        Sums of |dy| over (h, w).

    Raises
    ------
    ShapeError
        A `dy` that does not have four axes.
    """
    return _sum(dy.reshape(*dy.shape[:2], -1), 2, contract)


def _square_shapes(w: Shape, *, axis: int) -> tuple[Shape, ...]:
    return ((1, w[axis_of("axis_squares", "w", w, axis)]),)


@operation(
    inputs=(Arg("w", "i"),),
    outputs=(Arg("s", "one d"),),
    attrs=(Attr("axis"),),
    shapes=_square_shapes,
)
def axis_squares(w: F32Array, *, axis: int, contract: Contract = DEFAULT) -> F32Array:
    """Add the squares at each place of one axis: squared L2 norms.

    Parameters
    ----------
    w : ndarray of float32, one to four axes
    axis : int
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (1, d)
        acc = mac(w, w, acc) from +0.0 over the other axes in row-major order.

    Raises
    ------
    ShapeError
        An axis that w lacks.
    """
    one = Arithmetic(contract)
    places = np.moveaxis(w, axis, -1).reshape(-1, w.shape[axis])
    total = np.zeros(w.shape[axis], np.float32)
    for values in places:
        total = one.mac(values, values, total)
    return total[None]

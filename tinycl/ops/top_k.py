"""Selection: in each row the entries of largest magnitude, as lists of survivors."""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num import selection
from tinycl.num.arithmetic import Arithmetic, F32Array
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, Attr, operation
from tinycl.ops.survivors import COUNT, INDEX, I32Array


def _room(a: Shape, k: int) -> int:
    """Return cap: k where that is a choice, or all entries of a row."""
    m = int(np.prod(a[1:]))
    return k if 0 < k < m else m


def _shapes(a: Shape, wanted: Shape | None, *, k: int) -> tuple[Shape, ...]:
    if not a:
        raise ShapeError("top_k: a has shape (); it needs rows (r, ...)")
    if wanted is not None and wanted != a[:1]:
        raise ShapeError(f"top_k: wanted has shape {wanted}; it needs ({a[0]},)")
    return (a[:1], (a[0], _room(a, k)))


@operation(
    inputs=(Arg("a", "r i"), Arg("wanted", "r", "i32", optional=True)),
    outputs=(COUNT, INDEX),
    attrs=(Attr("k"),),
    shapes=_shapes,
)
def top_k(
    a: F32Array, wanted: I32Array | None = None, *, k: int, contract: Contract = DEFAULT
) -> tuple[I32Array, I32Array]:
    """List the largest magnitudes of each row.

    Parameters
    ----------
    a : ndarray of float32, shape (r, ...)
        m entries a row.
    wanted : ndarray of int32, shape (r,), optional
        How many of each row; at most `cap` are listed.
    k : int
        Sets cap: k, or m where k is 0 or not below m.
    contract : Contract
        Its `selection_order` decides order and ties (`tinycl/num/selection.py`).

    Returns
    -------
    count : ndarray of int32, shape (r,)
        cap, or the smaller of it and `wanted`.
    index : ndarray of int32, shape (r, cap)
        Row-major places of the survivors; -1 behind them.

    Raises
    ------
    ShapeError
        Shapes that do not fit; a negative number wanted.
    """
    cap = _room(a.shape, k)
    if wanted is not None and (wanted < 0).any():
        row = int(np.argmax(wanted < 0))
        raise ShapeError(f"top_k: wanted[{row}] is {wanted[row]}; it takes values from 0 on")
    rows = Arithmetic(contract).read(a).reshape(len(a), -1)
    count = np.full(len(a), cap) if wanted is None else np.minimum(wanted, cap)
    index = np.full((len(a), cap), -1, np.int32)
    order: selection.Order = "heap" if contract.selection_order == "heap" else "ascending"
    for values, places, chosen in zip(rows, index, count.tolist(), strict=True):
        if chosen:
            places[:chosen] = selection.top_k(values, chosen, order)
    return count.astype(np.int32), index

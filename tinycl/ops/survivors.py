"""Survivors: which entries, or channels, of a gradient dy take part, and in which order.

Two int32 tensors: count (r,) and index (r, cap), r being n, or 1 where all samples share them. Row
s lists count[s] entries of dy[s] by their row-major place in (c, ho, wo), or channels; what stands
behind them is not read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinycl.contract import Contract
from tinycl.errors import ShapeError
from tinycl.num.keyed import ABSENT, Keys
from tinycl.num.sums import Mask, Shape
from tinycl.ops.spec import TABLE, Arg, Attr

I32Array = NDArray[np.int32]

COUNT, INDEX = Arg("count", "r", "i32"), Arg("index", "r k", "i32")
CHANNELS = Attr("channels")


class Survivors(NamedTuple):
    """Survivors of a batch, as the reductions see them.

    Attributes
    ----------
    keys : ndarray of int64, shape (n, m)
        Place of each entry or channel in its sample's order, ABSENT where it does not survive.
    dense : ndarray of bool, shape (n,)
        Samples whose terms enter in the dense order: all of them with
        ``selection_order=ascending``, those in which everything survives with ``heap``.
    full : ndarray of bool, shape (n,)
        Samples in which everything survives.
    """

    keys: Keys
    dense: Mask
    full: Mask


def survivors(
    name: str, count: I32Array, index: I32Array, n: int, m: int, contract: Contract
) -> Survivors:
    """Check lists of survivors and number them.

    Parameters
    ----------
    name : str
        Operation, for the error.
    count : ndarray of int32, shape (r,)
    index : ndarray of int32, shape (r, cap)
    n, m : int
        Samples; entries or channels a sample.
    contract : Contract

    Returns
    -------
    Survivors

    Raises
    ------
    ShapeError
        A count outside 0 to cap; a listed index that is outside 0 to m-1 or listed twice; with
        ``selection_order=ascending`` a list that does not ascend.
    """
    ascending = contract.selection_order == "ascending"
    keys = np.full((len(count), m), ABSENT, np.int64)
    for r, (k, row) in enumerate(zip(count.tolist(), index, strict=True)):
        keys_of = _listed(name, r, k, row.astype(np.int64), m, ascending)
        keys[r, keys_of] = keys_of if ascending or k == m else np.arange(k)
    full = np.broadcast_to(count == m, n)
    return Survivors(np.broadcast_to(keys, (n, m)), full | ascending, full)


def _listed(name: str, r: int, k: int, row: Keys, m: int, ascending: bool) -> Keys:
    """Return what row r lists; raise ShapeError where it is not a list of survivors."""
    if not 0 <= k <= row.size:
        raise ShapeError(
            f"{name}: count[{r}] is {k}; index has room for 0 to {row.size} survivors a row"
        )
    listed = row[:k]
    for at in np.flatnonzero((listed < 0) | (listed >= m))[:1]:
        raise ShapeError(
            f"{name}: index[{r}, {at}] is {listed[at]}; what count[{r}] = {k} counts "
            f"as a survivor lies from 0 to {m - 1}"
        )
    twice = np.flatnonzero(np.bincount(listed) > 1)
    if twice.size:
        raise ShapeError(f"{name}: index[{r}] lists {twice[0]} twice; list each survivor once")
    for at in np.flatnonzero(np.diff(listed) < 0)[:1] if ascending else ():
        raise ShapeError(
            f"{name}: index[{r}, {at + 1}] is {listed[at + 1]}, after {listed[at]}; "
            "survivors ascend under selection_order=ascending: sort them, or choose heap"
        )
    return listed


def check_survivors(name: str, dy: Shape, count: Shape, index: Shape, channels: int) -> None:
    """Raise ShapeError unless count and index can list entries (or channels) of dy (n, c, ...)."""
    if channels > 1:
        raise ShapeError(
            f"{name}: channels is {channels}; it takes 0 (survivors are entries) or 1 (channels)"
        )
    room = dy[1] if channels else int(np.prod(dy[1:]))
    if len(count) != 1 or count[0] not in (1, dy[0]):
        raise ShapeError(
            f"{name}: count has shape {count}; it needs ({dy[0]},), a list for each sample, "
            "or (1,), one list for all"
        )
    if len(index) != 2 or index[0] != count[0] or index[1] > room:
        raise ShapeError(
            f"{name}: index has shape {index}; it needs ({count[0]}, 1 to {room}): a row for "
            f"each count, no longer than dy {dy} has {'channels' if channels else 'entries'}"
        )


def sparse_shapes(dense: str, axis: int) -> Callable[..., tuple[Shape, ...]]:
    """Return the rule of shapes of a sparse gradient.

    Parameters
    ----------
    dense : str
        The dense gradient; its output comes first.
    axis : int
        Axis of that output which `effort` is counted for.
    """

    def shapes(
        a: Shape, dy: Shape, count: Shape, index: Shape, *, channels: int = 0, **attrs: Shape
    ) -> tuple[Shape, ...]:
        (out,) = TABLE[dense].shapes(a, dy, **attrs)
        check_survivors(dense, dy, count, index, channels)
        own = len(a) == 3 or len(out) == 3  # depthwise: an entry serves its own channel alone
        kernel = a[-2:] if "size" in attrs else attrs.get("kernel", (1,))
        most = int(dy[0] * np.prod(dy[2:]) * np.prod(kernel)) * (1 if own else dy[1])
        if most >= 1 << 31:
            raise ShapeError(
                f"{dense}: effort could reach {most} multiply-accumulates for one channel, and is "
                "counted in 32 bits: split the batch"
            )
        return (out, (out[axis],))

    return shapes


def sparse_macs(dense: str) -> Callable[..., int]:
    """Return the cost of a sparse gradient: at most that of the dense one."""

    def macs(a: Shape, dy: Shape, *lists: Shape, channels: int = 0, **attrs: Any) -> int:
        return TABLE[dense].macs(a, dy, **attrs)

    return macs


def output_keys(given: Survivors, dy: Shape, channels: int) -> Keys:
    """Return keys (n, c, positions), by which the terms of an output channel enter its sums.

    An entry brings its key; a channel's terms are those of all its positions, in dense order.
    """
    n, c = dy[:2]
    if not channels:
        return given.keys.reshape(n, c, -1)
    kept = (given.keys != ABSENT)[:, :, None]
    return np.where(kept, np.arange(int(np.prod(dy[2:]))), ABSENT)

"""Int32 tensors: labels, masks, and lists of what a selection left."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tinycl.testing.strategies.values import Shape

I32Array = NDArray[np.int32]

BEHIND = (-1, 0, 2**31 - 1, -(2**31))  # what stands behind the survivors must not matter


def _tensor(shape: Shape, least: int, most: int) -> st.SearchStrategy[I32Array]:
    size = math.prod(shape)
    values = st.lists(st.integers(least, most), min_size=size, max_size=size)
    return values.map(lambda v: np.array(v, np.int32).reshape(shape))


def labels(n: int, classes: int) -> st.SearchStrategy[I32Array]:
    """Generate labels from 0 to `classes` - 1.

    Parameters
    ----------
    n, classes : int

    Returns
    -------
    strategy of ndarray of int32, shape (n,)
    """
    return _tensor((n,), 0, classes - 1)


def masks(shape: Shape) -> st.SearchStrategy[I32Array]:
    """Generate masks: 1 what takes part, 0 what does not; none, all or some.

    Parameters
    ----------
    shape : tuple of int

    Returns
    -------
    strategy of ndarray of int32, shape `shape`
        For arrays of bool: ``masks(shape).map(lambda m: m == 1)``.
    """
    whole = st.sampled_from((0, 1)).map(lambda bit: np.full(shape, bit, np.int32))
    return st.one_of(whole, _tensor(shape, 0, 1))


@dataclass(frozen=True, eq=False)
class Selection:
    """Lists of survivors, as `top_k` writes them; also to be unpacked.

    Attributes
    ----------
    count : ndarray of int32, shape (rows,)
    index : ndarray of int32, shape (rows, cap)
        The first ``count[r]`` of row r are distinct places; what stands behind means nothing.
    """

    count: I32Array
    index: I32Array

    def __iter__(self) -> Iterator[I32Array]:
        """Yield `count` and `index`."""
        return iter((self.count, self.index))


def selections(
    rows: int, items: int, *, cap: int | None = None, order: str = "ascending"
) -> st.SearchStrategy[Selection]:
    """Generate selections: none, some or all of the items of each row.

    Parameters
    ----------
    rows, items : int
        How many lists, and of how many items each is a choice.
    cap : int, optional
        Places in a list, at most `items`; drawn if left out.
    order : {"ascending", "heap"}
        ``ascending`` as most contracts want them, ``heap`` in any order.

    Returns
    -------
    strategy of Selection
    """
    if rows < 1 or not 1 <= (items if cap is None else cap) <= items:
        raise ValueError(
            "selections: takes at least 1 row and 1 item, and cap from 1 to items; got "
            f"rows={rows}, items={items}, cap={cap}"
        )
    if order not in ("ascending", "heap"):
        raise ValueError(f"selections: order is 'ascending' or 'heap', got {order!r}")
    return _selections(rows, items, cap, order)


@st.composite
def _selections(draw: st.DrawFn, rows: int, items: int, cap: int | None, order: str) -> Selection:
    if cap is None:
        cap = draw(st.one_of(st.integers(1, items), st.just(items)))
    index = np.full((rows, cap), draw(st.sampled_from(BEHIND)), np.int32)
    count = np.zeros(rows, np.int32)
    some = st.lists(st.integers(0, items - 1), max_size=cap, unique=True)
    full = st.permutations(range(items)).map(lambda p: p[:cap])
    for r in range(rows):
        chosen = draw(st.one_of(some, full))
        count[r] = len(chosen)
        index[r, : len(chosen)] = sorted(chosen) if order == "ascending" else chosen
    return Selection(count, index)

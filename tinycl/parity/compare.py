"""Two tensors compared as bits, and the difference told in the operation's own coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinycl.bits import DTYPES, Array, to_hex, ulp_distance, words
from tinycl.errors import ShapeError


@dataclass(frozen=True)
class Element:
    """One element that differs.

    Attributes
    ----------
    index : tuple of int
    expected_hex, got_hex : str
        Eight hexadecimal digits, NaNs as 7fc00000.
    expected, got : str
        In decimal, with as many digits as the value needs.
    ulp : int or None
        Steps between neighbouring float32 values; None for int32 and where one of the two is NaN.
    """

    index: tuple[int, ...]
    expected_hex: str
    got_hex: str
    expected: str
    got: str
    ulp: int | None


@dataclass(frozen=True)
class Difference:
    """What differs between an expected tensor and the one that came.

    Attributes
    ----------
    kind : {"values", "shape", "dtype", "missing", "unexpected"}
        Only ``values`` has elements.
    differing, total : int
        Elements that differ, of how many. All of them, unless `kind` is ``values``.
    axes : tuple of str
        Names of the coordinates.
    first, largest : Element or None
        The first in row-major order, and the first of the largest distance (a NaN against a
        number is beyond every distance).
    told : str
        What is wrong, where `kind` is not ``values``.
    """

    kind: str
    differing: int
    total: int
    axes: tuple[str, ...] = ()
    first: Element | None = None
    largest: Element | None = None
    told: str = ""

    def place(self, element: Element) -> str:
        """Coordinates by name, such as ``n=0 co=3 ho=1 wo=2``; ``-`` for a scalar."""
        named = zip(self.axes, element.index, strict=True)
        return " ".join(f"{name}={i}" for name, i in named) or "-"


def compare(expected: Array, got: Array, axes: str | Sequence[str] = "") -> Difference | None:
    """Compare two tensors, bits only.

    A NaN equals a NaN, whatever its sign and payload, and nothing else; +0 and -0 differ.

    Parameters
    ----------
    expected, got : ndarray of float32, int32, uint8 or int8
    axes : str or sequence of str
        Names of the axes, as in `Arg.axes`; stretched to the rank by `axis_names`.

    Returns
    -------
    Difference or None
        None only if dtype, shape and all bits agree.

    Raises
    ------
    ShapeError
        `expected` is of none of these types.
    """
    expected, got = np.asarray(expected), np.asarray(got)
    if expected.dtype not in DTYPES.values():
        raise ShapeError(
            f"compare: expected has dtype {expected.dtype}; it takes "
            + ", ".join(kind.__name__ for kind in DTYPES.values())
        )
    for kind in ("dtype", "shape"):
        ours, theirs = getattr(expected, kind), getattr(got, kind)
        if ours != theirs:
            total = max(expected.size, 1)
            return Difference(kind, total, total, told=f"{kind} {ours} expected, got {theirs}")
    wrong = words(expected) != words(got)
    differing = int(np.count_nonzero(wrong))
    if not differing:
        return None
    places = np.argwhere(wrong)
    distance = _distance(expected[wrong], got[wrong])
    return Difference(
        "values",
        differing,
        expected.size,
        axis_names(axes, expected.ndim),
        _element(expected, got, places[0]),
        _element(expected, got, places[int(np.argmax(distance))]),
    )


def axis_names(axes: str | Sequence[str], rank: int) -> tuple[str, ...]:
    """Return one name for each of `rank` axes.

    Where the rank is higher, the last name stands for several axes and is numbered: ``n f`` at rank
    4 becomes ``n f0 f1 f2``. Where it is lower, or there are no names: ``i0``, ``i1``, and so on.
    """
    names = axes.split() if isinstance(axes, str) else list(axes)
    if len(names) == rank:
        return tuple(names)
    if not names or len(names) > rank:
        return tuple(f"i{k}" for k in range(rank))
    several = [f"{names[-1]}{k}" for k in range(rank - len(names) + 1)]
    return (*names[:-1], *several)


def _distance(expected: Array, got: Array) -> Array:
    """How far apart values are, to find the largest difference; a NaN is furthest from all."""
    if expected.dtype != np.float32:
        return np.abs(expected.astype(np.int64) - got.astype(np.int64))
    nan = np.isnan(expected) | np.isnan(got)
    return np.where(nan, np.iinfo(np.int64).max, ulp_distance(expected, got))


def _element(expected: Array, got: Array, place: Array) -> Element:
    index = tuple(int(i) for i in place)
    a, b = expected[index], got[index]
    known = a.dtype == np.float32 and not (np.isnan(a) or np.isnan(b))
    ulp = int(ulp_distance(a, b)) if known else None
    return Element(index, to_hex(a), to_hex(b), str(a), str(b), ulp)

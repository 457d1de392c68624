"""A head whose rows are kept class by class (CWR*): counted, loaded, consolidated.

Shapes: saved and w (classes, features), past and counts (classes,). CONTRACT.md section 6 has the
rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array, f32, quiet
from tinycl.num.sums import Shape, plain_sum
from tinycl.ops.spec import Arg, Attr, expect, operation
from tinycl.ops.survivors import I32Array

_SAVED, _W, _COUNTS = Arg("saved", "class i"), Arg("w", "class i"), Arg("counts", "class", "i32")


def _classes(shapes: Mapping[str, Shape], attrs: Mapping[str, Any]) -> int:
    return int(attrs["classes"])


def _counts_shapes(labels: Shape, *, classes: int) -> tuple[Shape, ...]:
    expect("class_counts", "labels", labels, 1, "n")
    return ((classes,),)


@operation(
    inputs=(Arg("labels", "n", "i32", below=_classes, least=-1),),
    outputs=(_COUNTS,),
    attrs=(Attr("classes", least=1),),
    shapes=_counts_shapes,
)
def class_counts(labels: I32Array, *, classes: int, contract: Contract = DEFAULT) -> I32Array:
    """Count the labels (n,) of each class; returns (classes,). -1, a free place, is of none."""
    return np.bincount(labels[labels >= 0], minlength=classes).astype(np.int32)


def _expect_rows(name: str, saved: Shape, **vectors: Shape) -> None:
    expect(name, "saved", saved, 2, "class feature")
    for tensor, shape in vectors.items():
        if shape != saved[:1]:
            raise ShapeError(f"{name}: {tensor} has shape {shape}; saved {saved} needs {saved[:1]}")


def _load_shapes(saved: Shape, counts: Shape) -> tuple[Shape, ...]:
    _expect_rows("load_head", saved, counts=counts)
    return (saved,)


@operation(inputs=(_SAVED, _COUNTS), outputs=(_W,), shapes=_load_shapes)
def load_head(saved: F32Array, counts: I32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Begin with the rows of the classes at hand.

    Parameters
    ----------
    saved : ndarray of float32, shape (classes, features)
    counts : ndarray of int32, shape (classes,)
        How many samples of each class there are.
    contract : Contract
        Does not matter: bits move.

    Returns
    -------
    ndarray of float32, shape (classes, features)
        The saved row where the count is above 0, else +0.0.

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    return np.where(counts[:, None] > 0, saved, np.float32(0))


def _consolidate_shapes(saved: Shape, past: Shape, w: Shape, counts: Shape) -> tuple[Shape, ...]:
    name = "consolidate_head"
    _expect_rows(name, saved, past=past, counts=counts)
    if w != saved:
        raise ShapeError(f"{name}: w has shape {w}; saved has {saved}")
    if saved[0] * saved[1] >= 1 << 31:
        raise ShapeError(f"{name}: saved {saved} has 2^31 elements or more")
    return saved, past


@operation(
    inputs=(_SAVED, Arg("past", "class", "i32"), _W, _COUNTS),
    outputs=(
        Arg("saved", "class i", updates="saved"),
        Arg("past", "class", "i32", updates="past"),
    ),
    shapes=_consolidate_shapes,
)
@quiet
def consolidate_head(
    saved: F32Array,
    past: I32Array,
    w: F32Array,
    counts: I32Array,
    *,
    contract: Contract = DEFAULT,
) -> tuple[F32Array, I32Array]:
    """Take what was learnt about the classes at hand into the saved rows.

    Parameters
    ----------
    saved : ndarray of float32, shape (classes, features)
    past : ndarray of int32, shape (classes,)
        Samples of each class that the saved row has seen; a class without any is new.
    w : ndarray of float32, shape (classes, features)
        The head after this batch.
    counts : ndarray of int32, shape (classes,)
        Samples of each class in this batch. Rows without any stay as they are.
    contract : Contract

    Returns
    -------
    saved : ndarray of float32, shape (classes, features)
        With v = w - m, m the mean of all rows at hand: v for a new class, else
        (saved*k + v)/(k + 1), k = sqrt(past/count).
    past : ndarray of int32, shape (classes,)
        past + count, modulo 2^32.

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    one, rows = Arithmetic(contract), counts > 0
    current = w[rows]
    if not current.size:
        return saved.copy(), past.copy()
    mean = one.div(plain_sum(one, current.ravel(), ()), f32(current.size))
    change = one.sub(current, mean)
    k = one.sqrt(one.div(past[rows].astype(np.float32), counts[rows].astype(np.float32)))[:, None]
    known = one.div(one.mac(saved[rows], k, change), one.add(k, f32(1)))
    made, seen = saved.copy(), past.copy()
    made[rows] = np.where(past[rows, None] > 0, known, change)
    seen[rows] = (past[rows].astype(np.int64) + counts[rows]).astype(np.int32)
    return made, seen

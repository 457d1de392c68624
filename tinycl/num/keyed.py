"""Ordered reductions of which each output row has terms, and an order of terms, of its own.

Terms keep the numbers that they have in the full reduction, and so their lane, group or block.
A key says when a term enters its partial sum, or that it is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from tinycl.num.arithmetic import Arithmetic, F32Array
from tinycl.num.sums import Mask, Partial, Shape, Term, joined, sharing

Keys = NDArray[np.int64]
# Takes one number a row and returns that term of each row; it broadcasts to (rows, ...).
Numbered = Callable[[Keys], Term]

ABSENT = np.iinfo(np.int64).max  # the key of a term that is left out


def keyed_sum(arithmetic: Arithmetic, keys: Keys, term: Numbered, shape: Shape) -> Partial:
    """Reduce under the contract's `reduction` and `start`.

    Parameters
    ----------
    arithmetic : Arithmetic
        The operators, and with them the contract.
    keys : ndarray of int64, shape (rows, T)
        For each row and number of a term its place in the order in which terms enter: ascending,
        distinct within a row; ABSENT where the row has no such term.
    term : callable
        Numbers (rows,) to the `Term` of each row. Numbers of absent terms are asked for too; what
        they give does not matter.
    shape : tuple of int
        (rows, ...), the shape of the outputs.

    Returns
    -------
    Partial
        The sums, +0.0 where nothing has begun.
    """
    rows, total = keys.shape
    kind, n, size = sharing(arithmetic.contract, total)

    def parts() -> Iterator[Partial]:
        if kind == "lanes":
            for lane in range(n):
                yield _part(arithmetic, keys, np.arange(lane, total, n), term, shape)
            return
        for block in range(0, total, max(size, 1)):
            numbers = np.arange(block, min(block + size, total))
            if (keys[:, numbers] != ABSENT).any():
                yield _part(arithmetic, keys, numbers, term, shape)

    return joined(arithmetic, parts(), shape)


def _part(
    arithmetic: Arithmetic, keys: Keys, numbers: Keys, term: Numbered, shape: Shape
) -> Partial:
    """Sum the terms of one partial sum in the order of their keys; all rows step at once."""
    contract = arithmetic.contract
    zero = contract.start == "zero" and contract.reduction.kind != "grouped"
    part = Partial(arithmetic, shape, zero)
    chosen = keys[:, numbers]
    counts = (chosen != ABSENT).sum(axis=1)
    order = numbers[np.argsort(chosen, axis=1)]
    wide = (-1, *(1,) * (len(shape) - 1))
    for step in range(int(counts.max(initial=0))):
        a, b, present = term(order[:, step])
        here: Mask = (step < counts).reshape(wide)
        part.take(Term(a, b, here if present is None else here & present))
    return part


def keyed_batch_sum(arithmetic: Arithmetic, keys: Keys, term: Numbered, shape: Shape) -> F32Array:
    """Reduce a weight or bias gradient over a batch, under the contract's `batch`.

    Parameters
    ----------
    arithmetic : Arithmetic
    keys : ndarray of int64, shape (n, rows, T)
        Keys of each sample, below T or ABSENT.
    term : callable
        As in `keyed_sum`, but numbers run through the batch: s*T + t.
    shape : tuple of int
        (rows, ...), the shape of the gradient.

    Returns
    -------
    ndarray of float32
        ``chain``: one reduction through all samples. ``per_sample``: one reduction a sample, added
        in order to +0.0 or, with ``start=first_product``, to the first; a sample without any term
        for an element is left out of it.
    """
    batch, rows, each = keys.shape
    if arithmetic.contract.batch == "chain":
        absent = keys == ABSENT
        later = np.arange(batch).reshape(-1, 1, 1) * (keys.max(initial=0, where=~absent) + 1)
        chain = np.where(absent, ABSENT, np.where(absent, 0, keys) + later)
        flat = chain.transpose(1, 0, 2).reshape(rows, batch * each)
        return keyed_sum(arithmetic, flat, term, shape).value
    whole = Partial(arithmetic, shape, arithmetic.contract.start == "zero")
    for s in range(batch):
        sample = keyed_sum(arithmetic, keys[s], _shifted(term, s * each), shape)
        whole.take(Term(sample.value, None, sample.begun))
    return whole.value


def _shifted(term: Numbered, by: int) -> Numbered:
    """Return the terms that begin at the number `by`."""
    return lambda number: term(number + by)

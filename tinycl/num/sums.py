"""Ordered reductions: terms in a stated order, shared among partial sums, joined.

Everything is vectorised over outputs and loops over terms; CONTRACT.md section 1 is the definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinycl.contract import Contract
from tinycl.num.arithmetic import Arithmetic, F32Array

Shape = tuple[int, ...]
Mask = NDArray[np.bool_]


class Term(NamedTuple):
    """One term of every output: a*b where `present` (everywhere if None); a alone if b is None."""

    a: F32Array
    b: F32Array | None
    present: Mask | None = None


class Partial:
    """One partial sum of every output.

    `value` is what has been summed, `begun` where there is anything at all; `zero` makes it begin
    at +0.0 and not with its first term.
    """

    def __init__(self, arithmetic: Arithmetic, shape: Shape, zero: bool = True) -> None:
        self.arithmetic = arithmetic
        self.zero = zero
        self.value: F32Array = np.zeros(shape, np.float32)
        self.begun: Mask = np.zeros(shape, np.bool_)

    def begin(self, value: F32Array) -> Partial:
        """Put a value in: a bias, or the +0.0 that an accumulator of groups begins with."""
        self.value = np.broadcast_to(self.arithmetic.read(value), self.value.shape)
        self.begun = np.ones_like(self.begun)
        return self

    def take(self, term: Term) -> None:
        """Add one term where it is present."""
        a, b, present = term
        one = self.arithmetic
        grown = one.add(a, self.value) if b is None else one.mac(a, b, self.value)
        if not self.zero:
            first = one.read(a) if b is None else one.mul(a, b)
            grown = np.where(self.begun, grown, first)
        here = np.broadcast_to(np.True_ if present is None else present, self.begun.shape)
        self.value = np.where(here, grown, self.value)
        self.begun = self.begun | here

    def join(self, right: Partial) -> Partial:
        """Return the sum of two partial sums; one that has not begun is left out."""
        joined = Partial(self.arithmetic, self.value.shape, self.zero)
        both = self.arithmetic.add(self.value, right.value)
        either = np.where(self.begun, self.value, right.value)
        joined.value = np.where(self.begun & right.begun, both, either)
        joined.begun = self.begun | right.begun
        return joined


def _pairwise(parts: list[Partial]) -> Partial:
    """Join neighbours until one is left; a last one without a neighbour passes through."""
    while len(parts) > 1:
        pairs = [parts[i].join(parts[i + 1]) for i in range(0, len(parts) - 1, 2)]
        parts = pairs + parts[len(pairs) * 2 :]
    return parts[0]


def ordered_sum(
    arithmetic: Arithmetic,
    terms: Iterable[Term],
    total: int,
    shape: Shape,
    bias: F32Array | None = None,
) -> F32Array:
    """Reduce `terms` under the contract's `reduction`, `start` and `bias`.

    Parameters
    ----------
    arithmetic : Arithmetic
        The operators, and with them the contract.
    terms : iterable of Term
        In order; each broadcasts to `shape`. Skipped terms are there too, with their mask.
    total : int
        T, the number of terms, skipped ones included.
    shape : tuple of int
        Shape of the outputs.
    bias : ndarray of float32, optional
        Broadcasts to `shape`.

    Returns
    -------
    ndarray of float32
        One rounded sum an output element.
    """
    contract = arithmetic.contract
    early = bias if contract.bias == "start" else None
    kind, n, size = sharing(contract, total)
    if kind == "lanes":
        lanes = [_fresh(arithmetic, shape, early if i == 0 else None) for i in range(n)]
        for t, term in enumerate(terms):
            lanes[t % n].take(term)
        whole = joined(arithmetic, lanes, shape, early)
    else:
        parts = _consecutive(arithmetic, terms, size, shape, early)
        whole = joined(arithmetic, parts, shape, early)
    if bias is not None and early is None:
        return arithmetic.add(whole.value, bias)
    return whole.value


def sharing(contract: Contract, total: int) -> tuple[str, int, int]:
    """Return the kind of reduction, its number of lanes, and its terms a partial sum."""
    kind, n = contract.reduction.kind, contract.reduction.n
    size = {"grouped": n, "blocks": n, "split": max(1, -(-total // n)) if n else 1}.get(kind, total)
    return kind, n, size


def _fresh(arithmetic: Arithmetic, shape: Shape, early: F32Array | None = None) -> Partial:
    """Return an empty partial sum, or one that begins with the bias `early`."""
    grouped = arithmetic.contract.reduction.kind == "grouped"
    part = Partial(arithmetic, shape, arithmetic.contract.start == "zero" and not grouped)
    return part if early is None or grouped else part.begin(early)


def _consecutive(
    arithmetic: Arithmetic, terms: Iterable[Term], size: int, shape: Shape, early: F32Array | None
) -> Iterator[Partial]:
    """Yield the partial sums over `size` consecutive terms each; at least one."""
    part = _fresh(arithmetic, shape, early)
    for t, term in enumerate(terms):
        if t and t % size == 0:
            yield part
            part = _fresh(arithmetic, shape)
        part.take(term)
    yield part


def joined(
    arithmetic: Arithmetic, parts: Iterable[Partial], shape: Shape, early: F32Array | None = None
) -> Partial:
    """Join partial sums in the order and the way of the contract's `reduction`."""
    reduction = arithmetic.contract.reduction
    if reduction.join == "pairwise":
        return _pairwise(list(parts))
    whole = Partial(arithmetic, shape)
    if reduction.kind == "grouped" and (arithmetic.contract.start == "zero" or early is not None):
        whole.begin(np.zeros((), np.float32) if early is None else early)
    for part in parts:
        whole = whole.join(part)
    return whole


def batch_sum(
    arithmetic: Arithmetic, samples: Iterable[Iterable[Term]], each: int, batch: int, shape: Shape
) -> F32Array:
    """Reduce a weight or bias gradient over a batch, under the contract's `batch`.

    Parameters
    ----------
    arithmetic : Arithmetic
        The operators, and with them the contract.
    samples : iterable of iterable of Term
        The terms of each sample, in order.
    each, batch : int
        Terms a sample; samples.
    shape : tuple of int
        Shape of the gradient.

    Returns
    -------
    ndarray of float32
        ``chain``: one reduction through all samples. ``per_sample``: one reduction a sample, added
        in order to +0.0 or, with ``start=first_product``, to the first.
    """
    if arithmetic.contract.batch == "chain":
        chain = (term for sample in samples for term in sample)
        return ordered_sum(arithmetic, chain, each * batch, shape)
    whole = Partial(arithmetic, shape, arithmetic.contract.start == "zero")
    for sample in samples:
        whole.take(Term(ordered_sum(arithmetic, sample, each, shape), None))
    return whole.value


def plain_sum(arithmetic: Arithmetic, values: Iterable[F32Array], shape: Shape) -> F32Array:
    """Add values in order from +0.0, whatever the contract's `reduction` says."""
    total: F32Array = np.zeros(shape, np.float32)
    for value in values:
        total = arithmetic.add(total, value)
    return total

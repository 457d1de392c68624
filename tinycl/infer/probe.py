"""A dot product that can only be called: its tree, its rounding, its zeros, its contract."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tinycl.infer.draw import drawing
from tinycl.infer.observed import Observed
from tinycl.infer.search import infer
from tinycl.infer.tree import (
    Dot,
    ProbeError,
    Terms,
    Tree,
    least,
    leaves_of,
    read_tree,
    text_of,
)
from tinycl.infer.vectors import vectors
from tinycl.infer.verdict import Inferred
from tinycl.num.arithmetic import F32Array

SECONDS = 10.0


@dataclass(frozen=True)
class Probed:
    """What a dot product does.

    Attributes
    ----------
    length : int
        K, the number of products.
    tree : int or tuple or None
        Nested numbers of terms; the bias has the number K. None where terms are missing.
    missing, doubled : tuple of int
        Terms that take no part, or that do not count as one.
    products : {"rounded", "fused", "mixed", "wide", "unknown"}
        Rounded before they are added; added by fma, but for the first of a partial sum; some so,
        some so; products or sums are wider than float32. `unknown`: there is but one term.
    keeps_negative_zero : bool
        Whether a sum of -0 is -0: no partial sum begins with +0.
    bias : {"", "first", "last", "between"}
        Where it enters: with the first product of a chain, after all else, or elsewhere.
    flushes_inputs, flushes_results : bool
        Whether subnormal factors, or subnormal results, become zeros.
    answer : Inferred or None
        The contract that it amounts to, judged on random and on hard vectors.
    calls : int
        How often the function was called.
    """

    length: int
    tree: Tree | None
    missing: tuple[int, ...]
    doubled: tuple[int, ...]
    products: str
    keeps_negative_zero: bool
    bias: str
    flushes_inputs: bool
    flushes_results: bool
    answer: Inferred | None
    calls: int

    @property
    def text(self) -> str:
        """All of it, a line each."""
        zero = "first product" if self.keeps_negative_zero else "+0"
        lines = [f"terms     {self.length}" + (" and a bias" if self.bias else "")]
        if self.tree is None:
            lines += [f"missing   {self.missing}", f"not once  {self.doubled}"]
        else:
            lines.append(f"tree      {text_of(self.tree, self.length)}")
        lines += [f"products  {self.products}", f"starts    from the {zero}"]
        lines += [f"bias      {self.bias}"] if self.bias else []
        flushed = (("inputs", self.flushes_inputs), ("results", self.flushes_results))
        lines.append("flushes   " + (", ".join(n for n, does in flushed if does) or "nothing"))
        if self.answer is not None:
            lines.append(f"contract  {self.answer.told}")
        return "\n".join(lines)

    @property
    def drawn(self) -> str:
        """The tree, drawn; empty where terms are missing."""
        return "" if self.tree is None else drawing(self.tree, self.length)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        told = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "answer"}
        sums = None if self.tree is None else text_of(self.tree, self.length)
        answer = None if self.answer is None else self.answer.to_dict()
        return {**told, "sums": sums, "answer": answer}


def probe(dot: Dot, length: int, *, bias: bool = False, seconds: float = SECONDS) -> Probed:
    """Find out what a dot product does by calling it.

    Parameters
    ----------
    dot : callable
        Takes a and b, float32 arrays of shape (length,), and with `bias` a float32 more; returns
        one float32. It must give the same for the same.
    length : int
        1 to 512.
    bias : bool
    seconds : float
        For the search of the contract, once the rest is known.

    Returns
    -------
    Probed

    Raises
    ------
    ProbeError
        It is no sum of products in a fixed tree.
    """
    terms = Terms(dot, length, bias)
    shares = [float(terms.share(i)) for i in range(terms.leaves)]
    missing = tuple(i for i, share in enumerate(shares) if share == 0)
    doubled = tuple(i for i, share in enumerate(shares) if share not in (0, 1))
    whole = not missing and not doubled
    tree = read_tree(terms) if whole else None
    products = "unknown"
    if tree is not None:
        tree, products = _products(terms, tree)
    negative = np.full(terms.leaves, -0.0, np.float32)
    tiny = np.zeros(terms.leaves, np.float32)
    tiny[0] = 2.0**-130
    small = np.where(np.arange(terms.leaves) == 0, np.float32(2.0**-70), np.float32(0))
    ones = np.ones(terms.leaves, np.float32)
    return Probed(
        length=length,
        tree=tree,
        missing=missing,
        doubled=doubled,
        products=products,
        keeps_negative_zero=bool(np.signbit(terms.of(negative, ones))),
        bias=_bias_place(tree, length) if bias else "",
        flushes_inputs=float(terms.of(tiny, ones * np.float32(2.0**20))) == 0,
        flushes_results=float(terms.of(small, np.where(small > 0, small, ones))) == 0,
        answer=_contract(terms, seconds) if whole else None,
        calls=terms.calls,
    )


def dot_of_matmul(
    matmul: Callable[[F32Array, F32Array], Any],
    rows: int,
    columns: int,
    place: tuple[int, int] = (0, 0),
) -> Dot:
    """Return one element of a matrix product as a dot product.

    Parameters
    ----------
    matmul : callable
        Takes float32 arrays of shapes (rows, K) and (K, columns), returns (rows, columns).
    rows, columns : int
    place : (int, int)
        Row and column of the element that is looked at; the rest is zeros.
    """

    def dot(a: F32Array, b: F32Array) -> np.float32:
        left, right = (np.zeros(s, np.float32) for s in ((rows, len(a)), (len(b), columns)))
        left[place[0]], right[:, place[1]] = a, b
        return np.float32(np.asarray(matmul(left, right))[place])

    return dot


def _products(terms: Terms, tree: Tree) -> tuple[Tree, str]:
    """Tell how products are added; put pairs at the bottom into the order that this shows."""
    seen: list[tuple[bool, bool]] = []

    def walk(node: Tree) -> Tree:
        if isinstance(node, int):
            return node
        parts = [walk(part) for part in node]
        single = [p for p in parts if isinstance(p, int) and p < terms.length]
        for leaf in single[:2]:
            other = next(least(p) for p in parts if p != leaf)
            if other >= terms.length:
                continue
            both = isinstance(other, int) and other in single
            seen.append((_fused(terms, leaf, other), both and _fused(terms, other, leaf)))
            if both and seen[-1] == (False, True):
                return (leaf, other) if len(parts) == 2 else tuple(parts)
            if both and len(parts) == 2:
                return (other, leaf) if seen[-1] == (True, False) else tuple(parts)
        return tuple(parts)

    ordered = walk(tree)
    if not seen:
        return ordered, "unknown"
    if any(one and two for one, two in seen) or _is_wide(terms, tree):
        return ordered, "wide"
    some = [one or two for one, two in seen]
    return ordered, "fused" if all(some) else "mixed" if any(some) else "rounded"


def _fused(terms: Terms, leaf: int, other: int) -> bool:
    """Tell whether a product reaches a sum that holds another one without having been rounded."""
    a, b = np.zeros(terms.leaves, np.float32), np.zeros(terms.leaves, np.float32)
    a[[leaf, other]] = 1 + 2.0**-12, 1 + 2.0**-11
    b[[leaf, other]] = 1 + 2.0**-12, -1
    return float(terms.of(a, b)) == 2.0**-24


def _is_wide(terms: Terms, tree: Tree) -> bool:
    """Tell whether a sum of two terms keeps more than float32 holds until a third one comes."""
    while isinstance(tree, tuple) and any(isinstance(part, tuple) for part in tree):
        tree = next(part for part in tree if isinstance(part, tuple))
    pair = list(leaves_of(tree))[:2]
    third = next((i for i in range(terms.leaves) if i not in leaves_of(tree)), None)
    if third is None or len(pair) < 2:
        return False
    a = np.zeros(terms.leaves, np.float32)
    a[[*pair, third]] = 1, 2.0**-30, -1
    return float(terms.of(a, np.ones(terms.leaves, np.float32))) != 0


def _bias_place(tree: Tree | None, bias: int) -> str:
    if not isinstance(tree, tuple):
        return "between"
    if bias in tree and len(tree) == 2 and tree != (0, 1):
        return "last"
    return "first" if _at_bottom(tree, bias) else "between"


def _at_bottom(tree: Tree, bias: int) -> bool:
    """Whether the bias meets a single product first, or is what a chain begins with."""
    while isinstance(tree, tuple):
        if bias in tree:
            return len(tree) == 2 and all(isinstance(part, int) for part in tree)
        tree = next(part for part in tree if bias in leaves_of(part))
    return False


def _contract(terms: Terms, seconds: float) -> Inferred:
    """Search the contract on ordinary vectors and on hard ones; on ordinary ones if that fails."""
    given = vectors(terms.length, terms.leaves)
    cases = [_observed(terms, x, w) for x, w in given]
    deadline = time.monotonic() + seconds
    found = infer(cases, seconds)
    if found.contract is not None:
        return found
    ordinary = infer(cases[:1], max(deadline - time.monotonic(), 0.1))
    return (
        found
        if ordinary.contract is None
        else Inferred(None, nearest=ordinary.contract, rest=found.rest, tried=found.tried)
    )


def _observed(terms: Terms, x: F32Array, w: F32Array) -> Observed:
    """Call the function for each row of x; a bias is the same for all rows."""
    x = x.copy()
    if terms.bias:
        x[:, terms.length] = x[0, terms.length]
    got = np.array([[terms.of(row, w)] for row in x], np.float32)
    bias = np.float32(x[0, terms.length] * w[terms.length]) if terms.bias else None
    inputs = (
        x[:, : terms.length],
        w[None, : terms.length],
        None if bias is None else np.array([bias], np.float32),
    )
    return Observed("linear_forward", inputs, {}, got)


__all__ = ["ProbeError", "Probed", "dot_of_matmul", "probe"]

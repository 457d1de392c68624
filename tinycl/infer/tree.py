"""The summation tree of a dot product that can only be called, read off by masked numbers.

Two products are +M and -M, the others 1, with M so large that M + 1 is M. What is added before the
two meet is swallowed, what is added later is counted: so each call tells how many leaves lie below
the place where two of them meet, and these numbers are the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinycl.errors import TinyclError
from tinycl.num.arithmetic import F32Array

Tree = int | tuple[Any, ...]  # a term's number, or the subtrees that one step adds
Dot = Callable[..., Any]
HALF_MASK = np.float32(2.0**50)  # of the two factors that make M
MOST_TERMS = 512


class ProbeError(TinyclError):
    """A function that is no sum of products in a fixed tree."""


class Terms:
    """A dot product by its terms: numbers 0 .. K-1 are products, and K the bias if there is one."""

    def __init__(self, dot: Dot, length: int, bias: bool) -> None:
        whole = isinstance(length, int) and not isinstance(length, bool)
        if not whole or not 1 <= length <= MOST_TERMS:
            raise ProbeError(f"probe: takes 1 to {MOST_TERMS} terms, got {length!r}")
        self.dot, self.length, self.bias = dot, length, bias
        self.leaves = length + bias
        self.calls = 0

    def of(self, a: F32Array, b: F32Array) -> np.float32:
        """Return what comes of factors a and b (leaves,); a bias is a product, which is exact."""
        self.calls += 1
        factors: list[Any] = [np.array(v[: self.length], np.float32) for v in (a, b)]
        if self.bias:
            factors.append(np.float32(a[self.length] * b[self.length]))
        value = np.asarray(self.dot(*factors))
        if value.size != 1 or value.dtype.kind != "f":
            raise ProbeError(
                f"probe: the function must return one float, got {value.dtype} {value.shape}"
            )
        return np.float32(value.reshape(()))

    def share(self, i: int) -> np.float32:
        """Return what comes if term i alone is 1."""
        a = np.zeros(self.leaves, np.float32)
        a[i] = 1
        return self.of(a, np.ones(self.leaves, np.float32))

    def below(self, i: int, j: int) -> int:
        """Return how many leaves lie below the place where terms i and j meet."""
        a, b = np.ones(self.leaves, np.float32), np.ones(self.leaves, np.float32)
        a[[i, j]] = HALF_MASK, -HALF_MASK
        b[[i, j]] = HALF_MASK
        count = float(self.of(a, b))
        if not (count.is_integer() and 0 <= count <= self.leaves - 2):
            raise ProbeError(
                f"probe: terms {i} and {j} of opposite sign left {count} of {self.leaves - 2} "
                "ones: the function is no sum in a fixed tree"
            )
        return self.leaves - int(count)


def read_tree(terms: Terms) -> Tree:
    """Read the tree off; `Terms.share` must be 1 for each leaf.

    Parameters
    ----------
    terms : Terms

    Returns
    -------
    int or tuple
        Nested pairs of term numbers; longer tuples where one step adds several. Of two subtrees
        the larger one comes first, of equally large ones that with the lowest number.

    Raises
    ------
    ProbeError
        What comes back fits no tree.
    """
    return _subtree(terms, list(range(terms.leaves)))[0]


def _subtree(terms: Terms, leaves: Sequence[int]) -> tuple[Tree, int]:
    """Return the tree over some leaves that have one root, and how many leaves that root has."""
    first, tree, done, size = leaves[0], leaves[0], 1, 1
    meeting: dict[int, list[int]] = {}
    for leaf in leaves[1:]:
        meeting.setdefault(terms.below(first, leaf), []).append(leaf)
    found: Tree = tree
    for size, others in sorted(meeting.items()):
        other, below = _subtree(terms, others)
        done += len(others)
        if done != size:
            raise ProbeError(
                f"probe: term {first} meets {others[:8]} below {size} leaves, {done} are known: "
                "the function is no sum in a fixed tree"
            )
        parts = other if below == size and isinstance(other, tuple) else (other,)
        found = _ordered((found, *parts))
    return found, size


def _ordered(parts: Sequence[Tree]) -> Tree:
    return tuple(sorted(parts, key=lambda part: (-len(list(leaves_of(part))), least(part))))


def leaves_of(tree: Tree) -> Iterator[int]:
    """Yield the numbers of the terms in a tree, from left to right."""
    if isinstance(tree, int):
        yield tree
        return
    for part in tree:
        yield from leaves_of(part)


def least(tree: Tree) -> int:
    """Return the lowest number in a tree."""
    return min(leaves_of(tree))


def chain(tree: Tree) -> list[Tree]:
    """Return what is added one after the other: the first part, then each right one."""
    parts: list[Tree] = []
    while isinstance(tree, tuple) and len(tree) == 2:
        parts.append(tree[1])
        tree = tree[0]
    return [tree, *reversed(parts)]


def text_of(tree: Tree, bias: int | None = None) -> str:
    """Return a tree as sums, read from left to right: ``(0 + 2 + 4) + (1 + 3 + 5)``.

    Parameters
    ----------
    tree : int or tuple
    bias : int, optional
        The number that stands for the bias.
    """
    if isinstance(tree, int):
        return "bias" if tree == bias else str(tree)
    if len(tree) > 2:
        return "[" + " + ".join(_inner(part, bias) for part in tree) + "]"
    parts, words, at = chain(tree), [], 0
    while at < len(parts):
        run = _run(parts, at, bias)
        if run > 4:
            words += [str(parts[at]), str(parts[at + 1]), "...", str(parts[at + run - 1])]
            at += run
        else:
            words.append(_inner(parts[at], bias))
            at += 1
    return " + ".join(words)


def _inner(part: Tree, bias: int | None) -> str:
    told = text_of(part, bias)
    return f"({told})" if isinstance(part, tuple) and len(part) == 2 else told


def _run(parts: Sequence[Tree], at: int, bias: int | None) -> int:
    """Return how many single terms from here on follow each other in equal steps."""
    numbers: list[int] = []
    for part in parts[at:]:
        if not isinstance(part, int) or part == bias:
            break
        if len(numbers) > 1 and part - numbers[-1] != numbers[1] - numbers[0]:
            break
        numbers.append(part)
    return len(numbers)

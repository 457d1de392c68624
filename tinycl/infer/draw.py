"""A summation tree as lines of text: below each sum what it adds, in this order."""

from __future__ import annotations

from collections.abc import Iterator

from tinycl.infer.tree import Tree, chain, leaves_of, text_of

MOST_DRAWN = 40  # terms; above that sums in one line say more
BRANCH, LAST, DOWN, BLANK = "├─ ", "└─ ", "│  ", "   "


def drawing(tree: Tree, bias: int | None = None) -> str:
    """Draw a tree; one with more than `MOST_DRAWN` terms is written as sums in one line.

    Parameters
    ----------
    tree : int or tuple
        What `read_tree` returns.
    bias : int, optional
        The number that stands for the bias.
    """
    if sum(1 for _ in leaves_of(tree)) > MOST_DRAWN:
        return text_of(tree, bias)
    return "\n".join(_lines(tree, bias))


def _lines(tree: Tree, bias: int | None) -> Iterator[str]:
    if isinstance(tree, int):
        yield text_of(tree, bias)
        return
    at_once = len(tree) > 2
    yield "all at once" if at_once else "+"
    parts = list(tree) if at_once else chain(tree)
    for part in parts:
        end = part is parts[-1]
        for i, line in enumerate(_lines(part, bias)):
            head = (LAST if end else BRANCH) if i == 0 else (BLANK if end else DOWN)
            yield head + line

"""Fusion for lean runs: a weight gradient that only SGD reads lets the weights descend itself.

    dw = weight_grad(x, dy), ..., dx = input_grad(w, dy), ..., w, v = sgd(w, dw, v)
    ->  dx = input_grad(w, dy), w, v = weight_grad(x, dy) with SGD

Exact: each element's gradient is complete when its tile is, and goes through the same two or three
multiply-adds. The product moves behind the last operation that reads the weights as they were.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import NamedTuple

from tinycl.plan import Op

PRODUCTS = frozenset(f"{layer}_weight_grad" for layer in ("conv2d", "pointwise", "linear"))


class Update(NamedTuple):
    """What an operation does with the gradient that it computes."""

    weight: str
    velocity: str | None
    lr: float
    momentum: float
    decay: float


class Move(NamedTuple):
    """A gradient at `place` goes behind the operation at `target`; `last`: its SGD, left out."""

    place: int
    target: int
    last: int


def find_updates(
    ops: Sequence[Op], products: Set[int], kept: Set[str], lasting: Set[str]
) -> list[Move]:
    """Find the weight gradients that can take their update in.

    Parameters
    ----------
    ops : sequence of Op
        One body.
    products : set of int
        Places of the weight gradients that the product itself computes, not a plain loop.
    kept : set of str
        Tensors that are seen outside the body.
    lasting : set of str
        Tensors that have a place of their own for as long as the plan runs.
    """
    updated = {n for op in ops if op.kind == "sgd" for n in op.writes}
    found = []
    for last, op in enumerate(ops):
        if op.kind != "sgd" or len(op.inputs) > 3 and op.inputs[3] is not None:
            continue
        gradient, state = op.inputs[1] or "", {*op.reads} - {op.inputs[1]}
        makers = [i for i, o in enumerate(ops) if gradient in o.writes]
        users = [i for i, o in enumerate(ops) if gradient in o.reads]
        if len(makers) != 1 or users != [last] or makers[0] > last or gradient in kept:
            continue
        place = makers[0]
        sources, between = {*ops[place].reads}, range(place + 1, last)
        target = max((i for i in between if state & {*ops[i].reads}), default=place)
        if (
            place in products
            and state <= lasting
            and not sources & updated
            and not any(state & {*ops[i].writes} for i in between)
            and not any(sources & {*ops[i].writes} for i in range(place + 1, target + 1))
        ):
            found.append(Move(place, target, last))
    return found


def update_of(op: Op) -> Update:
    """Return what an operation `sgd` does."""
    lr, momentum, decay = (float(op.attrs[k]) for k in ("lr", "momentum", "weight_decay"))
    return Update(op.inputs[0] or "", op.inputs[2], lr, momentum, decay)

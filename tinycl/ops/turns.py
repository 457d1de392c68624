"""Lists of places that move on with a turn: slices of a memory, of a shuffled order."""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.num.sums import Shape
from tinycl.ops.chance import COUNT, one_turn
from tinycl.ops.spec import Arg, expect, operation
from tinycl.ops.survivors import I32Array

_TURN = Arg("turn", "one", "i32")


def _places_shapes(turn: Shape, *, count: int) -> tuple[Shape, ...]:
    one_turn("turn_places", turn)
    return ((1, count),)


@operation(
    inputs=(_TURN,),
    outputs=(Arg("places", "one k", "i32"),),
    attrs=(COUNT,),
    shapes=_places_shapes,
)
def turn_places(turn: I32Array, *, count: int, contract: Contract = DEFAULT) -> I32Array:
    """Return the places of a turn's slice.

    Parameters
    ----------
    turn : ndarray of int32, shape (1,)
        Counts without a sign.
    count : int
        Places of a slice.
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of int32, shape (1, count)
        turn*count + j, modulo 2^32.
    """
    first = int(turn.view(np.uint32)[0]) * count
    return ((first + np.arange(count)) & 0xFFFFFFFF).astype(np.uint32).view(np.int32)[None]


def _take_shapes(order: Shape, turn: Shape, *, count: int) -> tuple[Shape, ...]:
    expect("take_turn", "order", order, 1, "n")
    one_turn("take_turn", turn)
    return ((1, count),)


@operation(
    inputs=(Arg("order", "n", "i32"), _TURN),
    outputs=(Arg("index", "one k", "i32", moves=("order",)),),
    attrs=(COUNT,),
    shapes=_take_shapes,
)
def take_turn(
    order: I32Array, turn: I32Array, *, count: int, contract: Contract = DEFAULT
) -> I32Array:
    """Take a turn's slice of an order that begins again behind its end.

    Parameters
    ----------
    order : ndarray of int32, shape (n,)
    turn : ndarray of int32, shape (1,)
        Counts without a sign.
    count : int
        Entries of a slice.
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of int32, shape (1, count)
        order[(turn*count + j) mod n].
    """
    first = int(turn.view(np.uint32)[0]) * count % len(order)
    return order[(first + np.arange(count)) % len(order)][None]

"""Random numbers as operations: Philox4x32-10, addressed by seed, stream and index."""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num import generator
from tinycl.num.arithmetic import F32Array
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, Attr, operation
from tinycl.ops.survivors import I32Array

SEED, STREAM, START, COUNT = Attr("seed"), Attr("stream"), Attr("start"), Attr("count", least=1)


TURN = Arg("turn", "one", "i32", optional=True)


def stream_at(stream: int, turn: I32Array | None) -> int:
    """Return the stream of a turn, `stream` + turn; a turn counts without a sign."""
    return stream + (0 if turn is None else int(turn[0]) & 0xFFFFFFFF)


def one_turn(name: str, turn: Shape | None) -> None:
    """Raise ShapeError unless a turn is one number."""
    if turn not in (None, (1,)):
        raise ShapeError(f"{name}: turn has shape {turn}; it needs (1,)")


def _shapes(turn: Shape | None, *, count: int, **_: int) -> tuple[Shape, ...]:
    one_turn("random", turn)
    return ((count,),)


@operation(
    inputs=(TURN,),
    outputs=(Arg("y", "i", "i32"),),
    attrs=(SEED, STREAM, START, COUNT),
    shapes=_shapes,
)
def random_words(
    turn: I32Array | None = None,
    *,
    seed: int,
    stream: int,
    start: int,
    count: int,
    contract: Contract = DEFAULT,
) -> I32Array:
    """Return `count` words of the stream `stream` + turn from `start` on, as int32 patterns."""
    return generator.words(seed, stream_at(stream, turn), start, count).view(np.int32)


@operation(
    inputs=(TURN,), outputs=(Arg("y", "i"),), attrs=(SEED, STREAM, START, COUNT), shapes=_shapes
)
def random_uniform(
    turn: I32Array | None = None,
    *,
    seed: int,
    stream: int,
    start: int,
    count: int,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Return (word >> 8) * 2^-24 of the same words, shape (count,), in [0, 1)."""
    return generator.uniform(seed, stream_at(stream, turn), start, count)


@operation(
    inputs=(TURN,), outputs=(Arg("y", "i", "i32"),), attrs=(SEED, STREAM, COUNT), shapes=_shapes
)
def random_permutation(
    turn: I32Array | None = None,
    *,
    seed: int,
    stream: int,
    count: int,
    contract: Contract = DEFAULT,
) -> I32Array:
    """Return a shuffle of 0 to count - 1 (Fisher-Yates), shape (count,)."""
    return generator.permutation(count, seed, stream_at(stream, turn))


def _turn_shapes(turn: Shape) -> tuple[Shape, ...]:
    one_turn("next_turn", turn)
    return (turn,)


@operation(
    inputs=(Arg("turn", "one", "i32"),),
    outputs=(Arg("turn", "one", "i32", updates="turn"),),
    shapes=_turn_shapes,
)
def next_turn(turn: I32Array, *, contract: Contract = DEFAULT) -> I32Array:
    """Return turn + 1, modulo 2^32: the count that makes a body draw anew each time it runs.

    Parameters
    ----------
    turn : ndarray of int32, shape (1,)
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of int32, shape (1,)
    """
    return (turn.view(np.uint32) + np.uint32(1)).view(np.int32)

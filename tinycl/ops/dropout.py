"""Dropout. Its gradient is `mul` of dy and the mask."""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num import generator
from tinycl.num.arithmetic import Arithmetic, F32Array, f32, quiet
from tinycl.num.sums import Shape
from tinycl.ops.chance import SEED, STREAM, TURN, one_turn, stream_at
from tinycl.ops.spec import Arg, Attr, operation
from tinycl.ops.survivors import I32Array


def _shapes(
    x: Shape, turn: Shape | None, *, seed: int, stream: int, rate: float
) -> tuple[Shape, ...]:
    one_turn("dropout_forward", turn)
    if not 0 <= rate < 1:
        raise ShapeError(f"dropout_forward: rate must be at least 0 and below 1, got {rate}")
    return x, x


@operation(
    inputs=(Arg("x", "i"), TURN),
    outputs=(Arg("y", "i"), Arg("mask", "i")),
    attrs=(SEED, STREAM, Attr("rate", kind="f32")),
    shapes=_shapes,
)
@quiet
def dropout_forward(
    x: F32Array,
    turn: I32Array | None = None,
    *,
    seed: int,
    stream: int,
    rate: float,
    contract: Contract = DEFAULT,
) -> tuple[F32Array, F32Array]:
    """Drop elements at random and scale the others up.

    Parameters
    ----------
    x : ndarray of float32, any shape
    turn : ndarray of int32, shape (1,), optional
    seed, stream : int
        Of the uniforms, one an element in row-major order, from place 0 of stream + turn.
    rate : float
        The share that is dropped, at least 0 and below 1; rounded to binary32.
    contract : Contract

    Returns
    -------
    y, mask : ndarray of float32, same shape
        mask = uniform < rate ? +0 : 1/(1 - rate), both operators rounded; y = x * mask.

    Raises
    ------
    ShapeError
        A rate out of range; a turn that is not one number.
    """
    one, share = Arithmetic(contract), f32(rate)
    drawn = generator.uniform(seed, stream_at(stream, turn), 0, x.size).reshape(x.shape)
    kept = one.div(f32(1), one.sub(f32(1), share))
    mask = np.where(drawn < one.read(share), f32(0), kept)
    return one.mul(x, mask), mask

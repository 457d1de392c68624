"""Random numbers as operations: Philox4x32-10, addressed by seed, stream and index."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinycl.contract import DEFAULT, Contract
from tinycl.num import generator
from tinycl.num.arithmetic import F32Array
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, Attr, operation

SEED, STREAM, START, COUNT = Attr("seed"), Attr("stream"), Attr("start"), Attr("count", least=1)


def _shapes(*, count: int, **_: int) -> tuple[Shape, ...]:
    return ((count,),)


@operation(
    inputs=(),
    outputs=(Arg("y", "i", "i32"),),
    attrs=(SEED, STREAM, START, COUNT),
    shapes=_shapes,
)
def random_words(
    *, seed: int, stream: int, start: int, count: int, contract: Contract = DEFAULT
) -> NDArray[np.int32]:
    """Return `count` words of a stream from `start` on, as int32 bit patterns."""
    return generator.words(seed, stream, start, count).view(np.int32)


@operation(inputs=(), outputs=(Arg("y", "i"),), attrs=(SEED, STREAM, START, COUNT), shapes=_shapes)
def random_uniform(
    *, seed: int, stream: int, start: int, count: int, contract: Contract = DEFAULT
) -> F32Array:
    """Return (word >> 8) * 2^-24 of the same words, shape (count,), in [0, 1)."""
    return generator.uniform(seed, stream, start, count)


@operation(inputs=(), outputs=(Arg("y", "i", "i32"),), attrs=(SEED, STREAM, COUNT), shapes=_shapes)
def random_permutation(
    *, seed: int, stream: int, count: int, contract: Contract = DEFAULT
) -> NDArray[np.int32]:
    """Return a shuffle of 0 to count - 1 (Fisher-Yates), shape (count,)."""
    return generator.permutation(count, seed, stream)

"""The operators themselves as operations: what a target's arithmetic is tested with.

All operands of one operation have the same shape. `add` is also the residual add.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tinycl.contract import DEFAULT, Contract
from tinycl.num import explog
from tinycl.num.arithmetic import Arithmetic, F32Array, quiet
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, operation, same

A, B, C, Y = Arg("a", "i"), Arg("b", "i"), Arg("c", "i"), Arg("y", "i")


def _shapes(*operands: Shape) -> tuple[Shape, ...]:
    same("elementwise operation", **dict(zip("abc", operands, strict=False)))
    return (operands[0],)


def _make(arity: int) -> Callable[[Callable[..., F32Array]], Callable[..., F32Array]]:
    return operation(inputs=(A, B, C)[:arity], outputs=(Y,), shapes=_shapes)


@_make(2)
def add(a: F32Array, b: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return a + b, rounded once."""
    return Arithmetic(contract).add(a, b)


@_make(2)
def sub(a: F32Array, b: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return a - b, rounded once."""
    return Arithmetic(contract).sub(a, b)


@_make(2)
def mul(a: F32Array, b: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return a * b, rounded once."""
    return Arithmetic(contract).mul(a, b)


@_make(2)
def div(a: F32Array, b: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return a / b, rounded once."""
    return Arithmetic(contract).div(a, b)


@_make(3)
def mac(a: F32Array, b: F32Array, c: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return a*b + c, rounded as the contract's `mac` says."""
    return Arithmetic(contract).mac(a, b, c)


@_make(1)
def sqrt(a: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return the square root, rounded once."""
    return Arithmetic(contract).sqrt(a)


@_make(1)
def exp(a: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return e^a, correctly rounded."""
    one = Arithmetic(contract)
    return one.read(explog.exp(one.read(a)))


@_make(1)
def log(a: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return the natural logarithm, correctly rounded."""
    one = Arithmetic(contract)
    return one.read(explog.log(one.read(a)))


@operation(inputs=(A, B), outputs=(Arg("y", "i", "i32"),), shapes=_shapes)
@quiet
def compare(a: F32Array, b: F32Array, *, contract: Contract = DEFAULT) -> NDArray[np.int32]:
    """Return 1 where a < b, 2 where a == b, 4 where a > b, 0 where one is NaN."""
    one = Arithmetic(contract)
    a, b = one.read(a), one.read(b)
    return np.asarray((a < b) * 1 + (a == b) * 2 + (a > b) * 4, np.int32)

"""ReLU, ReLU6, hard-swish and sigmoid, each with its gradient. CONTRACT.md section 2 has the rules.

Any shape; an element depends on the same element of the inputs only.
"""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.num.arithmetic import Arithmetic, F32Array, f32, quiet
from tinycl.num.explog import exp
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, operation, same

ZERO, ONE, THREE, SIX = f32(0), f32(1), f32(3), f32(6)

_X, _Y, _DY = Arg("x", "i"), Arg("y", "i"), Arg("dy", "i")


def _pair_shapes(x: Shape, dy: Shape) -> tuple[Shape, ...]:
    same("activation gradient", x=x, dy=dy)
    return (x,)


@operation(inputs=(_X,), outputs=(_Y,), shapes=lambda x: (x,))
@quiet
def relu_forward(x: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return x where x > 0, NaN where x is NaN, +0.0 elsewhere.

    Parameters
    ----------
    x : ndarray of float32, any shape
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
    """
    x = Arithmetic(contract).read(x)
    return np.where((x > 0) | np.isnan(x), x, ZERO)


@operation(inputs=(_X, _DY), outputs=(Arg("dx", "i"),), shapes=_pair_shapes)
@quiet
def relu_input_grad(x: F32Array, dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return dy where x > 0, +0.0 elsewhere (at zero and at NaN too).

    Parameters
    ----------
    x, dy : ndarray of float32, any shape
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
    """
    one = Arithmetic(contract)
    return np.where(one.read(x) > 0, one.read(dy), ZERO)


@operation(inputs=(_X,), outputs=(_Y,), shapes=lambda x: (x,))
@quiet
def relu6_forward(x: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return x cut to [0, 6]; NaN stays NaN, -0.0 becomes +0.0.

    Parameters
    ----------
    x : ndarray of float32, any shape
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
    """
    x = Arithmetic(contract).read(x)
    return np.where((x > 0) | np.isnan(x), np.where(x >= SIX, SIX, x), ZERO)


@operation(inputs=(_X, _DY), outputs=(Arg("dx", "i"),), shapes=_pair_shapes)
@quiet
def relu6_input_grad(x: F32Array, dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return dy where 0 < x < 6, +0.0 elsewhere (at 0, at 6 and at NaN too).

    Parameters
    ----------
    x, dy : ndarray of float32, any shape
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
    """
    one = Arithmetic(contract)
    x = one.read(x)
    return np.where((x > 0) & (x < SIX), one.read(dy), ZERO)


@operation(inputs=(_X,), outputs=(_Y,), shapes=lambda x: (x,))
def hard_swish_forward(x: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return (x * relu6(x + 3)) / 6: an addition, a product, a division.

    Parameters
    ----------
    x : ndarray of float32, any shape
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
    """
    one = Arithmetic(contract)
    gate = relu6_forward(one.add(x, THREE), contract=contract)
    return one.div(one.mul(x, gate), SIX)


@operation(inputs=(_X, _DY), outputs=(Arg("dx", "i"),), shapes=_pair_shapes)
@quiet
def hard_swish_input_grad(x: F32Array, dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return +0.0 where x <= -3, dy where x >= 3, dy * (((x + x) + 3) / 6) elsewhere.

    Parameters
    ----------
    x, dy : ndarray of float32, any shape
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
    """
    one = Arithmetic(contract)
    x = one.read(x)
    slope = one.div(one.add(one.add(x, x), THREE), SIX)
    inner = one.mul(dy, slope)
    return np.where(x <= -THREE, ZERO, np.where(x >= THREE, one.read(dy), inner))


@operation(inputs=(_X,), outputs=(_Y,), shapes=lambda x: (x,))
def sigmoid_forward(x: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return 1 / (1 + exp(-x)), with the correctly rounded exp.

    Parameters
    ----------
    x : ndarray of float32, any shape
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
    """
    one = Arithmetic(contract)
    e = one.read(exp(np.negative(one.read(x))))
    return one.div(ONE, one.add(ONE, e))


@operation(inputs=(_Y, _DY), outputs=(Arg("dx", "i"),), shapes=_pair_shapes)
def sigmoid_input_grad(y: F32Array, dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return dy * (y * (1 - y)), from the sigmoid's own output.

    Parameters
    ----------
    y, dy : ndarray of float32, any shape
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
    """
    one = Arithmetic(contract)
    return one.mul(dy, one.mul(y, one.sub(ONE, y)))

"""SGD with momentum and weight decay, Adam, and gradient accumulation. All work in place in a plan.

Any shape; an element depends on the same element of the inputs only.
"""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array, f32
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, Attr, operation, same
from tinycl.ops.survivors import I32Array


def _f32s(*names: str) -> tuple[Attr, ...]:
    return tuple(Attr(name, "f32") for name in names)


_TRAINED = Arg("trained", "n", "i32", optional=True)


def _expect_samples(name: str, trained: Shape | None) -> None:
    if trained is not None and len(trained) != 1:
        raise ShapeError(f"{name}: trained has shape {trained}; it needs (n,)")


def _idle(trained: I32Array | None) -> bool:
    """Tell whether no sample of the batch trains, so that nothing changes."""
    return trained is not None and not trained.any()


def _sgd_shapes(
    w: Shape,
    g: Shape,
    velocity: Shape | None,
    trained: Shape | None,
    *,
    momentum: float,
    **_: float,
) -> tuple[Shape, ...]:
    same("sgd", w=w, g=g, velocity=w if velocity is None else velocity)
    _expect_samples("sgd", trained)
    if velocity is None and momentum != 0:
        raise ShapeError(f"sgd: momentum {momentum} needs a velocity tensor")
    return w, w


@operation(
    inputs=(Arg("w", "i"), Arg("g", "i"), Arg("velocity", "i", optional=True), _TRAINED),
    outputs=(
        Arg("w", "i", updates="w"),
        Arg("velocity", "i", updates="velocity", optional=True),
    ),
    attrs=_f32s("lr", "momentum", "weight_decay"),
    shapes=_sgd_shapes,
)
def sgd(
    w: F32Array,
    g: F32Array,
    velocity: F32Array | None = None,
    trained: I32Array | None = None,
    *,
    lr: float,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    contract: Contract = DEFAULT,
) -> tuple[F32Array, F32Array | None]:
    """Take one step of stochastic gradient descent.

    Parameters
    ----------
    w, g : ndarray of float32, any shape
        Weights and their gradient.
    velocity : ndarray of float32, same shape, optional
        Without it `momentum` must be 0.
    trained : ndarray of int32, shape (n,), optional
        Where all of it is 0 no bit changes.
    lr, momentum, weight_decay : float
        Rounded to binary32.
    contract : Contract

    Returns
    -------
    w, velocity : ndarray of float32
        g' = mac(weight_decay, w, g), left out when weight_decay is 0;
        velocity = mac(momentum, velocity, g'); w = mac(-lr, velocity, w).

    Raises
    ------
    ShapeError
        Shapes that do not agree; momentum without velocity.
    """
    if _idle(trained):
        return w.copy(), None if velocity is None else velocity.copy()
    one = Arithmetic(contract)
    step = _decayed(one, w, g, weight_decay)
    if velocity is not None:
        velocity = step = one.mac(f32(momentum), velocity, step)
    return one.mac(f32(-lr), step, w), velocity


def _decayed(one: Arithmetic, w: F32Array, g: F32Array, weight_decay: float) -> F32Array:
    """Return mac(weight_decay, w, g), or g where there is no decay."""
    decay = one.read(f32(weight_decay))
    return one.mac(decay, w, g) if decay != 0 else one.read(g)


def _adam_shapes(
    w: Shape, g: Shape, m: Shape, v: Shape, correction: Shape, trained: Shape | None, **_: float
) -> tuple[Shape, ...]:
    same("adam", w=w, g=g, m=m, v=v)
    _expect_samples("adam", trained)
    if correction != (2,):
        raise ShapeError(f"adam: correction has shape {correction}; it needs (2,)")
    return w, w, w


@operation(
    inputs=(
        *(Arg(name, "i") for name in ("w", "g", "m", "v")),
        Arg("correction", "k"),
        _TRAINED,
    ),
    outputs=(
        Arg("w", "i", updates="w"),
        Arg("m", "i", updates="m"),
        Arg("v", "i", updates="v"),
    ),
    attrs=_f32s("lr", "beta1", "beta2", "eps", "weight_decay"),
    shapes=_adam_shapes,
)
def adam(
    w: F32Array,
    g: F32Array,
    m: F32Array,
    v: F32Array,
    correction: F32Array,
    trained: I32Array | None = None,
    *,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    contract: Contract = DEFAULT,
) -> tuple[F32Array, F32Array, F32Array]:
    """Take one step of Adam (Kingma and Ba, 2015, algorithm 1).

    Parameters
    ----------
    w, g, m, v : ndarray of float32, any shape
        Weights, gradient, first and second moment.
    correction : ndarray of float32, shape (2,)
        (1 - beta1^t, 1 - beta2^t), see `tinycl.nn.Adam`.
    trained : ndarray of int32, shape (n,), optional
        Where all of it is 0 no bit changes.
    lr, beta1, beta2, eps, weight_decay : float
        Rounded to binary32.
    contract : Contract

    Returns
    -------
    w, m, v : ndarray of float32
        In the order of rounding of CONTRACT.md section 2.

    Raises
    ------
    ShapeError
        Shapes that do not agree.
    """
    if _idle(trained):
        return w.copy(), m.copy(), v.copy()
    one = Arithmetic(contract)
    b1, b2 = f32(beta1), f32(beta2)
    c1, c2 = np.asarray(f32(1) - b1), np.asarray(f32(1) - b2)
    step = _decayed(one, w, g, weight_decay)
    m = one.mac(b1, m, one.mul(c1, step))
    v = one.mac(b2, v, one.mul(one.mul(c2, step), step))
    scale = one.add(one.sqrt(one.div(v, correction[1])), f32(eps))
    return one.mac(f32(-lr), one.div(one.div(m, correction[0]), scale), w), m, v


def _accumulate_shapes(total: Shape, x: Shape) -> tuple[Shape, ...]:
    same("accumulate", total=total, x=x)
    return (total,)


@operation(
    inputs=(Arg("total", "i"), Arg("x", "i")),
    outputs=(Arg("total", "i", updates="total"),),
    shapes=_accumulate_shapes,
)
def accumulate(total: F32Array, x: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return total + x.

    Parameters
    ----------
    total, x : ndarray of float32, any shape
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
    """
    return Arithmetic(contract).add(total, x)


@operation(inputs=(Arg("x", "i"),), outputs=(Arg("x", "i", updates="x"),), shapes=lambda x: (x,))
def clear(x: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return +0.0 everywhere.

    Parameters
    ----------
    x : ndarray of float32, any shape
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of float32, same shape
    """
    return np.zeros_like(x)


@operation(inputs=(Arg("x", "i"),), outputs=(Arg("y", "i"),), shapes=lambda x: (x,))
def copy(x: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Return x: every bit but those of a NaN, subnormals too.

    Parameters
    ----------
    x : ndarray of float32, any shape
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of float32, same shape
    """
    return x.copy()

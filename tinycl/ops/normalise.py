"""Normalisation of channels and its gradients.

x, y and dy are (n, c, h, w) or (n, c); all else is (c,). A normalised value is
v = (x - mean)/std, or with the corrections of batch renormalisation v = ((x - mean)*r)/std + d.
It is computed again in the backward pass: nothing but x is kept.
"""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.num.arithmetic import Arithmetic, F32Array
from tinycl.num.sums import Shape
from tinycl.ops.moments import across, chain, count_of, expect_channels, places
from tinycl.ops.spec import Arg, operation, same

_X, _DY = Arg("x", "n c h w"), Arg("dy", "n c h w")
_MEAN, _STD, _GAMMA, _BETA = (Arg(name, "c") for name in ("mean", "std", "gamma", "beta"))
_R, _D = Arg("r", "c", optional=True), Arg("d", "c", optional=True)


def _normal(
    one: Arithmetic,
    x: F32Array,
    mean: F32Array,
    std: F32Array,
    r: F32Array | None = None,
    d: F32Array | None = None,
) -> F32Array:
    """Return v."""
    v = one.sub(x, across(mean, x))
    if r is not None:
        v = one.mul(v, across(r, x))
    v = one.div(v, across(std, x))
    return v if d is None else one.add(v, across(d, x))


def _scaled(one: Arithmetic, gamma: F32Array, dy: F32Array, r: F32Array | None) -> F32Array:
    """Return dy*gamma, or (dy*gamma)*r."""
    g = one.mul(dy, across(gamma, dy))
    return g if r is None else one.mul(g, across(r, dy))


def _forward_shapes(
    x: Shape,
    mean: Shape,
    std: Shape,
    gamma: Shape,
    beta: Shape,
    r: Shape | None,
    d: Shape | None,
) -> tuple[Shape, ...]:
    name = "normalise_forward"
    expect_channels(name, "x", x, mean=mean, std=std, gamma=gamma, beta=beta, r=r, d=d)
    return (x,)


@operation(
    inputs=(_X, _MEAN, _STD, _GAMMA, _BETA, _R, _D),
    outputs=(Arg("y", "n c h w"),),
    shapes=_forward_shapes,
)
def normalise_forward(
    x: F32Array,
    mean: F32Array,
    std: F32Array,
    gamma: F32Array,
    beta: F32Array,
    r: F32Array | None = None,
    d: F32Array | None = None,
    *,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Normalise, scale and shift each channel.

    Parameters
    ----------
    x : ndarray of float32, shape (n, c, h, w) or (n, c)
    mean, std, gamma, beta : ndarray of float32, shape (c,)
    r, d : ndarray of float32, shape (c,), optional
    contract : Contract

    Returns
    -------
    ndarray of float32, shape of x
        v = x - mean; v = v*r if there is an r; v = v/std; v = v + d if there is a d;
        y = mac(gamma, v, beta).

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    one = Arithmetic(contract)
    v = _normal(one, x, mean, std, r, d)
    return one.mac(across(gamma, x), v, across(beta, x))


def _weight_shapes(
    x: Shape, mean: Shape, std: Shape, dy: Shape, r: Shape | None, d: Shape | None
) -> tuple[Shape, ...]:
    name = "normalise_weight_grad"
    expect_channels(name, "x", x, mean=mean, std=std, r=r, d=d)
    same(name, x=x, dy=dy)
    return x[1:2], x[1:2]


@operation(
    inputs=(_X, _MEAN, _STD, _DY, _R, _D),
    outputs=(Arg("dgamma", "c"), Arg("dbeta", "c")),
    shapes=_weight_shapes,
)
def normalise_weight_grad(
    x: F32Array,
    mean: F32Array,
    std: F32Array,
    dy: F32Array,
    r: F32Array | None = None,
    d: F32Array | None = None,
    *,
    contract: Contract = DEFAULT,
) -> tuple[F32Array, F32Array]:
    """Return the gradients of gamma and beta.

    Parameters
    ----------
    x, dy : ndarray of float32, shape (n, c, h, w) or (n, c)
    mean, std : ndarray of float32, shape (c,)
    r, d : ndarray of float32, shape (c,), optional
        As in `normalise_forward`.
    contract : Contract

    Returns
    -------
    dgamma, dbeta : ndarray of float32, shape (c,)
        acc = mac(dy, v, acc) with v of `normalise_forward`, and acc = acc + dy, over (n, h, w)
        from +0.0.

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    one = Arithmetic(contract)
    gradients = places(dy)
    normal = places(_normal(one, x, mean, std, r, d))
    return chain(one, gradients, normal), chain(one, gradients)


def _input_shapes(std: Shape, gamma: Shape, dy: Shape, r: Shape | None) -> tuple[Shape, ...]:
    expect_channels("normalise_input_grad", "dy", dy, std=std, gamma=gamma, r=r)
    return (dy,)


@operation(inputs=(_STD, _GAMMA, _DY, _R), outputs=(Arg("dx", "n c h w"),), shapes=_input_shapes)
def normalise_input_grad(
    std: F32Array,
    gamma: F32Array,
    dy: F32Array,
    r: F32Array | None = None,
    *,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Return the gradient of x where the statistics are constants.

    Parameters
    ----------
    std, gamma : ndarray of float32, shape (c,)
    dy : ndarray of float32, shape (n, c, h, w) or (n, c)
    r : ndarray of float32, shape (c,), optional
    contract : Contract

    Returns
    -------
    ndarray of float32, shape of dy
        (dy*gamma)/std, or ((dy*gamma)*r)/std.

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    one = Arithmetic(contract)
    return one.div(_scaled(one, gamma, dy, r), across(std, dy))


def _batch_shapes(
    x: Shape, mean: Shape, std: Shape, gamma: Shape, dy: Shape, r: Shape | None
) -> tuple[Shape, ...]:
    name = "batch_norm_input_grad"
    expect_channels(name, "x", x, mean=mean, std=std, gamma=gamma, r=r)
    same(name, x=x, dy=dy)
    return (x,)


@operation(
    inputs=(_X, _MEAN, _STD, _GAMMA, _DY, _R),
    outputs=(Arg("dx", "n c h w"),),
    shapes=_batch_shapes,
)
def batch_norm_input_grad(
    x: F32Array,
    mean: F32Array,
    std: F32Array,
    gamma: F32Array,
    dy: F32Array,
    r: F32Array | None = None,
    *,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Return the gradient of x where mean and std are those of x itself.

    Parameters
    ----------
    x, dy : ndarray of float32, shape (n, c, h, w) or (n, c)
    mean, std, gamma : ndarray of float32, shape (c,)
    r : ndarray of float32, shape (c,), optional
        A constant, as is the d of batch renormalisation.
    contract : Contract

    Returns
    -------
    ndarray of float32, shape of x
        u = (x - mean)/std; g = dy*gamma, or (dy*gamma)*r; a = (sum of g)/count;
        b = (sum of mac(g, u, acc))/count; dx = mac(-u, b, g - a)/std. Sums run over (n, h, w)
        from +0.0.

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    one, count = Arithmetic(contract), count_of(x)
    u, g = _normal(one, x, mean, std), _scaled(one, gamma, dy, r)
    a = one.div(chain(one, places(g)), count)
    b = one.div(chain(one, places(g), places(u)), count)
    inner = one.mac(np.negative(u), across(b, x), one.sub(g, across(a, x)))
    return one.div(inner, across(std, x))

"""Synaptic intelligence (Zenke et al., 2017): how much each weight matters to what was learnt.

All tensors have one shape, any. CONTRACT.md section 6 has the rules.
"""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array, f32, quiet
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, Attr, operation, same


def _path_shapes(path: Shape, gradient: Shape, before: Shape, after: Shape) -> tuple[Shape, ...]:
    same("synaptic_path", path=path, gradient=gradient, before=before, after=after)
    return (path,)


@operation(
    inputs=(Arg("path", "i"), Arg("gradient", "i"), Arg("before", "i"), Arg("after", "i")),
    outputs=(Arg("path", "i", updates="path"),),
    shapes=_path_shapes,
)
def synaptic_path(
    path: F32Array,
    gradient: F32Array,
    before: F32Array,
    after: F32Array,
    *,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Add what one step changed the loss by: mac(gradient, after - before, path).

    Parameters
    ----------
    path, gradient, before, after : ndarray of float32, one shape
        The sum so far, the gradient of the loss, the weights before and after the step.
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape

    Raises
    ------
    ShapeError
        Shapes that differ.
    """
    one = Arithmetic(contract)
    return one.mac(gradient, one.sub(after, before), path)


def _importance_shapes(
    importance: Shape, path: Shape, anchor: Shape, weight: Shape, *, clip: float, **_: float
) -> tuple[Shape, ...]:
    name = "synaptic_importance"
    same(name, importance=importance, path=path, anchor=anchor, weight=weight)
    if not clip >= 0:
        raise ShapeError(f"{name}: clip is {clip}; it takes numbers from 0")
    return (importance,)


@operation(
    inputs=(Arg("importance", "i"), Arg("path", "i"), Arg("anchor", "i"), Arg("weight", "i")),
    outputs=(Arg("importance", "i", updates="importance"),),
    attrs=(Attr("factor", "f32"), Attr("eps", "f32"), Attr("clip", "f32")),
    shapes=_importance_shapes,
)
@quiet
def synaptic_importance(
    importance: F32Array,
    path: F32Array,
    anchor: F32Array,
    weight: F32Array,
    *,
    factor: float,
    eps: float,
    clip: float,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Take a batch into the importance of each weight.

    Parameters
    ----------
    importance, path, anchor, weight : ndarray of float32, one shape
        The importance so far, the batch's sum of `synaptic_path`, the weights before and after it.
    factor, eps, clip : float
        Rounded to binary32; clip is at least 0.
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
        s = importance + (factor*(-path))/mac(d, d, eps), d = weight - anchor, between +0 and clip.
        The importance stays where the quotient is a NaN; +0 where s is one.

    Raises
    ------
    ShapeError
        Shapes that differ; a clip below 0.
    """
    one = Arithmetic(contract)
    d = one.sub(weight, anchor)
    share = one.div(one.mul(f32(factor), np.negative(path)), one.mac(d, d, f32(eps)))
    total, most = one.add(importance, share), one.read(f32(clip))
    bounded = np.where(total > 0, np.where(total < most, total, most), np.float32(0))
    return np.where(np.isnan(share), one.read(importance), bounded)


def _pull_shapes(
    gradient: Shape, importance: Shape, weight: Shape, anchor: Shape, **_: float
) -> tuple[Shape, ...]:
    same("synaptic_pull", gradient=gradient, importance=importance, weight=weight, anchor=anchor)
    return (gradient,)


@operation(
    inputs=(Arg("gradient", "i"), Arg("importance", "i"), Arg("weight", "i"), Arg("anchor", "i")),
    outputs=(Arg("gradient", "i", updates="gradient"),),
    attrs=(Attr("strength", "f32"),),
    shapes=_pull_shapes,
)
def synaptic_pull(
    gradient: F32Array,
    importance: F32Array,
    weight: F32Array,
    anchor: F32Array,
    *,
    strength: float,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Pull weights back to where they were: mac(strength*importance, weight - anchor, gradient).

    Parameters
    ----------
    gradient, importance, weight, anchor : ndarray of float32, one shape
    strength : float
        Rounded to binary32.
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape

    Raises
    ------
    ShapeError
        Shapes that differ.
    """
    one = Arithmetic(contract)
    return one.mac(one.mul(f32(strength), importance), one.sub(weight, anchor), gradient)

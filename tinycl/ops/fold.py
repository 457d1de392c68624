"""A normalisation with fixed statistics becomes part of the layer before it."""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, operation, same

_ROWS = tuple(Arg(name, "c") for name in ("gamma", "beta", "mean", "std"))


def _fold_shapes(
    weight: Shape,
    bias: Shape | None,
    gamma: Shape,
    beta: Shape,
    mean: Shape,
    std: Shape,
) -> tuple[Shape, ...]:
    channels = weight[:1]
    if not channels:
        raise ShapeError("fold_norm: weight has shape (); it needs an axis of output channels")
    same(
        "fold_norm",
        **{"weight's first axis": channels, "bias": channels if bias is None else bias},
        gamma=gamma,
        beta=beta,
        mean=mean,
        std=std,
    )
    return weight, channels


@operation(
    inputs=(Arg("weight", "c i"), Arg("bias", "c", optional=True), *_ROWS),
    outputs=(Arg("folded", "c i"), Arg("shift", "c")),
    shapes=_fold_shapes,
)
def fold_norm(
    weight: F32Array,
    bias: F32Array | None,
    gamma: F32Array,
    beta: F32Array,
    mean: F32Array,
    std: F32Array,
    *,
    contract: Contract = DEFAULT,
) -> tuple[F32Array, F32Array]:
    """Return weight and bias of one layer that does what a layer and its normalisation do.

    Parameters
    ----------
    weight : ndarray of float32, output channels first
        Of a convolution, depthwise or pointwise too, or of a linear layer.
    bias : ndarray of float32, shape (c,), optional
        Left out, it is +0.0.
    gamma, beta, mean, std : ndarray of float32, shape (c,)
    contract : Contract

    Returns
    -------
    folded : ndarray of float32, shape of weight
        weight*f with f = gamma/std.
    shift : ndarray of float32, shape (c,)
        mac(bias - mean, f, beta).

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    one = Arithmetic(contract)
    factor = one.div(gamma, std)
    start = np.zeros_like(mean) if bias is None else bias
    by_channel = factor.reshape(-1, *[1] * (weight.ndim - 1))
    return one.mul(weight, by_channel), one.mac(one.sub(start, mean), factor, beta)

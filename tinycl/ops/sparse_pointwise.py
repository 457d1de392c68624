"""Sparse gradients of a pointwise convolution with respect to w and x.

Shapes: x (n, ci, h, w), w (co, ci), dy (n, co, h, w). Survivors (`tinycl/ops/survivors.py`) are
entries of dy, or channels where `channels` is 1. The terms are those of the dense gradients whose
entry survives, with the same numbers (CONTRACT.md section 5).
"""

from __future__ import annotations

from tinycl.contract import DEFAULT, Contract
from tinycl.num.arithmetic import F32Array
from tinycl.ops.sparse_sums import Layer, Sparse, input_sum, weight_sum
from tinycl.ops.spec import Arg, operation
from tinycl.ops.survivors import CHANNELS, COUNT, INDEX, I32Array, sparse_macs, sparse_shapes


@operation(
    inputs=(Arg("x", "n ci h w"), Arg("dy", "n co h w"), COUNT, INDEX),
    outputs=(Arg("dw", "co ci"), Arg("effort", "ci", "i32")),
    attrs=(CHANNELS,),
    shapes=sparse_shapes("pointwise_weight_grad", 1),
    macs=sparse_macs("pointwise_weight_grad"),
)
def pointwise_sparse_weight_grad(
    x: F32Array,
    dy: F32Array,
    count: I32Array,
    index: I32Array,
    *,
    channels: int = 0,
    contract: Contract = DEFAULT,
) -> Sparse:
    """Gradient with respect to the weights, from the survivors of dy.

    Parameters
    ----------
    x : ndarray of float32, shape (n, ci, h, w)
    dy : ndarray of float32, shape (n, co, h, w)
    count : ndarray of int32, shape (n,) or (1,)
        Survivors of each sample, or of every sample.
    index : ndarray of int32, shape (n, cap) or (1, cap)
        The first `count` of a row list them.
    channels : int
        1 where `index` lists channels, 0 where it lists entries.
    contract : Contract

    Returns
    -------
    dw : ndarray of float32, shape (co, ci)
        Each element sums x*dy over the survivors in (n, h, w), or by their lists.
    effort : ndarray of int32, shape (ci,)
        Multiply-accumulates for each channel of x.

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit; bad lists of survivors.
    """
    layer = Layer("pointwise_sparse_weight_grad", contract, channels)
    dw, effort = weight_sum(layer, x, dy, count, index)
    return dw[..., 0, 0], effort


@operation(
    inputs=(Arg("w", "co ci"), Arg("dy", "n co h w"), COUNT, INDEX),
    outputs=(Arg("dx", "n ci h w"), Arg("effort", "ci", "i32")),
    attrs=(CHANNELS,),
    shapes=sparse_shapes("pointwise_input_grad", 1),
    macs=sparse_macs("pointwise_input_grad"),
)
def pointwise_sparse_input_grad(
    w: F32Array,
    dy: F32Array,
    count: I32Array,
    index: I32Array,
    *,
    channels: int = 0,
    contract: Contract = DEFAULT,
) -> Sparse:
    """Gradient with respect to the input, from the survivors of dy.

    Parameters
    ----------
    w : ndarray of float32, shape (co, ci)
    dy : ndarray of float32, shape (n, co, h, w)
    count : ndarray of int32, shape (n,) or (1,)
        Survivors of each sample, or of every sample.
    index : ndarray of int32, shape (n, cap) or (1, cap)
        The first `count` of a row list them.
    channels : int
        1 where `index` lists channels, 0 where it lists entries.
    contract : Contract

    Returns
    -------
    dx : ndarray of float32, shape (n, ci, h, w)
        Each element sums w*dy over the survivors in co, or by their list.
    effort : ndarray of int32, shape (ci,)
        Multiply-accumulates for each channel of x.

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit; bad lists of survivors.
    """
    layer = Layer("pointwise_sparse_input_grad", contract, channels)
    return input_sum(layer, w[:, :, None, None], dy, dy.shape[2:], count, index)

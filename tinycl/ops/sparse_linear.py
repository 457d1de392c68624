"""Sparse gradients of a linear layer with respect to w and x.

Shapes: x (n, fi), w (fo, fi), dy (n, fo). Survivors (`tinycl/ops/survivors.py`) are features of
dy. The terms are those of the dense gradients whose entry survives, with the same numbers
(CONTRACT.md section 5).
"""

from __future__ import annotations

from tinycl.contract import DEFAULT, Contract
from tinycl.num.arithmetic import F32Array
from tinycl.ops.sparse_sums import Layer, Sparse, input_sum, weight_sum
from tinycl.ops.spec import Arg, operation
from tinycl.ops.survivors import COUNT, INDEX, I32Array, sparse_macs, sparse_shapes


@operation(
    inputs=(Arg("x", "n fi"), Arg("dy", "n fo"), COUNT, INDEX),
    outputs=(Arg("dw", "fo fi"), Arg("effort", "fi", "i32")),
    shapes=sparse_shapes("linear_weight_grad", 1),
    macs=sparse_macs("linear_weight_grad"),
)
def linear_sparse_weight_grad(
    x: F32Array,
    dy: F32Array,
    count: I32Array,
    index: I32Array,
    *,
    contract: Contract = DEFAULT,
) -> Sparse:
    """Gradient with respect to the weights, from the survivors of dy.

    Parameters
    ----------
    x : ndarray of float32, shape (n, fi)
    dy : ndarray of float32, shape (n, fo)
    count : ndarray of int32, shape (n,) or (1,)
        Survivors of each sample, or of every sample.
    index : ndarray of int32, shape (n, cap) or (1, cap)
        The first `count` of a row list them.
    contract : Contract

    Returns
    -------
    dw : ndarray of float32, shape (fo, fi)
        Each element sums x*dy over the samples in which its output survives.
    effort : ndarray of int32, shape (fi,)
        Multiply-accumulates for each feature of x.

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit; bad lists of survivors.
    """
    layer = Layer("linear_sparse_weight_grad", contract)
    n = len(x)
    image, grad = x.reshape(n, -1, 1, 1), dy.reshape(n, -1, 1, 1)
    dw, effort = weight_sum(layer, image, grad, count, index)
    return dw[..., 0, 0], effort


@operation(
    inputs=(Arg("w", "fo fi"), Arg("dy", "n fo"), COUNT, INDEX),
    outputs=(Arg("dx", "n fi"), Arg("effort", "fi", "i32")),
    shapes=sparse_shapes("linear_input_grad", 1),
    macs=sparse_macs("linear_input_grad"),
)
def linear_sparse_input_grad(
    w: F32Array,
    dy: F32Array,
    count: I32Array,
    index: I32Array,
    *,
    contract: Contract = DEFAULT,
) -> Sparse:
    """Gradient with respect to the input, from the survivors of dy.

    Parameters
    ----------
    w : ndarray of float32, shape (fo, fi)
    dy : ndarray of float32, shape (n, fo)
    count : ndarray of int32, shape (n,) or (1,)
        Survivors of each sample, or of every sample.
    index : ndarray of int32, shape (n, cap) or (1, cap)
        The first `count` of a row list them.
    contract : Contract

    Returns
    -------
    dx : ndarray of float32, shape (n, fi)
        Each element sums w*dy over the survivors in fo, or by their list.
    effort : ndarray of int32, shape (fi,)
        Multiply-accumulates for each feature of x.

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit; bad lists of survivors.
    """
    layer = Layer("linear_sparse_input_grad", contract)
    n = len(dy)
    kernel, grad = w[:, :, None, None], dy.reshape(n, -1, 1, 1)
    dx, effort = input_sum(layer, kernel, grad, (1, 1), count, index)
    return dx.reshape(n, -1), effort

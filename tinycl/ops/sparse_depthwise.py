"""Sparse gradients of a depthwise convolution with respect to w and x.

Shapes: x (n, c, h, w), w (c, kh, kw), dy (n, c, ho, wo). Survivors (`tinycl/ops/survivors.py`)
are entries of dy, or channels where `channels` is 1. The terms are those of the dense gradients
whose entry survives, with the same numbers (CONTRACT.md section 5).
"""

from __future__ import annotations

from tinycl.contract import DEFAULT, Contract
from tinycl.num.arithmetic import F32Array
from tinycl.num.sums import Shape
from tinycl.ops.conv2d import NO_PADDING, UNIT
from tinycl.ops.sparse_sums import Layer, Sparse, input_sum, weight_sum
from tinycl.ops.spec import KERNEL, PADDING, SIZE, STRIDE, Arg, operation
from tinycl.ops.survivors import CHANNELS, COUNT, INDEX, I32Array, sparse_macs, sparse_shapes


@operation(
    inputs=(Arg("x", "n c h w"), Arg("dy", "n c ho wo"), COUNT, INDEX),
    outputs=(Arg("dw", "c kh kw"), Arg("effort", "c", "i32")),
    attrs=(
        KERNEL,
        STRIDE,
        PADDING,
        CHANNELS,
    ),
    shapes=sparse_shapes("depthwise_weight_grad", 0),
    macs=sparse_macs("depthwise_weight_grad"),
)
def depthwise_sparse_weight_grad(
    x: F32Array,
    dy: F32Array,
    count: I32Array,
    index: I32Array,
    *,
    kernel: Shape,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    channels: int = 0,
    contract: Contract = DEFAULT,
) -> Sparse:
    """Gradient with respect to the weights, from the survivors of dy.

    Parameters
    ----------
    x : ndarray of float32, shape (n, c, h, w)
    dy : ndarray of float32, shape (n, c, ho, wo)
    count : ndarray of int32, shape (n,) or (1,)
        Survivors of each sample, or of every sample.
    index : ndarray of int32, shape (n, cap) or (1, cap)
        The first `count` of a row list them.
    kernel, stride : (int, int)
    padding : (int, int, int, int)
    channels : int
        1 where `index` lists channels, 0 where it lists entries.
    contract : Contract

    Returns
    -------
    dw : ndarray of float32, shape (c, kh, kw)
        Each element sums x*dy over the survivors in (n, ho, wo), or by their lists.
    effort : ndarray of int32, shape (c,)
        Multiply-accumulates for each channel of x.

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit; bad lists of survivors.
    """
    layer = Layer(
        "depthwise_sparse_weight_grad", contract, channels, kernel, stride, padding, depthwise=True
    )
    return weight_sum(layer, x, dy, count, index)


@operation(
    inputs=(Arg("w", "c kh kw"), Arg("dy", "n c ho wo"), COUNT, INDEX),
    outputs=(Arg("dx", "n c h w"), Arg("effort", "c", "i32")),
    attrs=(
        SIZE,
        STRIDE,
        PADDING,
        CHANNELS,
    ),
    shapes=sparse_shapes("depthwise_input_grad", 1),
    macs=sparse_macs("depthwise_input_grad"),
)
def depthwise_sparse_input_grad(
    w: F32Array,
    dy: F32Array,
    count: I32Array,
    index: I32Array,
    *,
    size: Shape,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    channels: int = 0,
    contract: Contract = DEFAULT,
) -> Sparse:
    """Gradient with respect to the input, from the survivors of dy.

    Parameters
    ----------
    w : ndarray of float32, shape (c, kh, kw)
    dy : ndarray of float32, shape (n, c, ho, wo)
    count : ndarray of int32, shape (n,) or (1,)
        Survivors of each sample, or of every sample.
    index : ndarray of int32, shape (n, cap) or (1, cap)
        The first `count` of a row list them.
    size : (int, int)
        (h, w) of the input.
    stride : (int, int)
    padding : (int, int, int, int)
    channels : int
        1 where `index` lists channels, 0 where it lists entries.
    contract : Contract

    Returns
    -------
    dx : ndarray of float32, shape (n, c, h, w)
        Each element sums w*dy over the survivors in the dense order, or by their list.
    effort : ndarray of int32, shape (c,)
        Multiply-accumulates for each channel of x.

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit; bad lists of survivors.
    """
    layer = Layer(
        "depthwise_sparse_input_grad",
        contract,
        channels,
        w.shape[1:],
        stride,
        padding,
        depthwise=True,
    )
    return input_sum(layer, w, dy, size, count, index)

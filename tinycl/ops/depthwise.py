"""Depthwise convolution, one filter a channel, and its gradients with respect to w and x.

Shapes: x (n, c, h, w), w (c, kh, kw), bias (c,), y (n, c, ho, wo). The bias gradient is
`conv2d_bias_grad`. The order of the terms is CONTRACT.md's, section 1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array
from tinycl.num.sums import Shape, Term, batch_sum, ordered_sum
from tinycl.ops import windows
from tinycl.ops.conv2d import NO_PADDING, UNIT, fits_output, input_grad_order
from tinycl.ops.spec import KERNEL, PADDING, SIZE, STRIDE, Arg, expect, operation, window_size


def _forward_shapes(
    x: Shape, w: Shape, bias: Shape | None, *, stride: Shape, padding: Shape
) -> tuple[Shape, ...]:
    name = "depthwise_forward"
    expect(name, "x", x, 4, "n, c, h, w")
    expect(name, "w", w, 3, "c, kh, kw")
    if x[1] != w[0]:
        raise ShapeError(f"{name}: x has {x[1]} channels, w has {w[0]}")
    if bias is not None and bias != w[:1]:
        raise ShapeError(f"{name}: bias has shape {bias}; it needs ({w[0]},)")
    return ((*x[:2], *window_size(name, x[2:], w[1:], stride, padding)),)


def _forward_macs(x: Shape, w: Shape, bias: Shape | None, **attrs: Shape) -> int:
    (y,) = _forward_shapes(x, w, bias, **attrs)
    return int(np.prod(y) * np.prod(w[1:]))


@operation(
    inputs=(Arg("x", "n c h w"), Arg("w", "c kh kw"), Arg("bias", "c", optional=True)),
    outputs=(Arg("y", "n c ho wo"),),
    attrs=(STRIDE, PADDING),
    shapes=_forward_shapes,
    macs=_forward_macs,
)
def depthwise_forward(
    x: F32Array,
    w: F32Array,
    bias: F32Array | None = None,
    *,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Convolve each channel with its own filter.

    Parameters
    ----------
    x : ndarray of float32, shape (n, c, h, w)
    w : ndarray of float32, shape (c, kh, kw)
    bias : ndarray of float32, shape (c,), optional
    stride : (int, int)
    padding : (int, int, int, int)
        Top, bottom, left, right.
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, c, ho, wo)
        Each element sums x*w over (kh, kw).

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit.
    """
    (batch, c, *size), kernel = x.shape, w.shape[1:]
    out = window_size("depthwise_forward", tuple(size), kernel, stride, padding)
    padded = windows.pad(x, padding)
    image = windows.inside(tuple(size), padding) if contract.padding == "skip" else None

    def terms() -> Iterator[Term]:
        for i, j in np.ndindex(*kernel):
            present = None if image is None else windows.seen(image, i, j, stride, out)
            yield Term(
                windows.seen(padded, i, j, stride, out), w[:, i, j].reshape(c, 1, 1), present
            )

    start = None if bias is None else bias.reshape(c, 1, 1)
    return ordered_sum(Arithmetic(contract), terms(), w.size // c, (batch, c, *out), start)


def _weight_grad_shapes(
    x: Shape, dy: Shape, *, kernel: Shape, stride: Shape, padding: Shape
) -> tuple[Shape, ...]:
    name = "depthwise_weight_grad"
    expect(name, "x", x, 4, "n, c, h, w")
    expect(name, "dy", dy, 4, "n, c, ho, wo")
    fits_output(name, dy, x[:2], x[2:], kernel, stride, padding)
    return ((x[1], *kernel),)


@operation(
    inputs=(Arg("x", "n c h w"), Arg("dy", "n c ho wo")),
    outputs=(Arg("dw", "c kh kw"),),
    attrs=(KERNEL, STRIDE, PADDING),
    shapes=_weight_grad_shapes,
    macs=lambda x, dy, *, kernel, **_: int(np.prod(dy) * np.prod(kernel)),
)
def depthwise_weight_grad(
    x: F32Array,
    dy: F32Array,
    *,
    kernel: Shape,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Gradient with respect to the weights.

    Parameters
    ----------
    x : ndarray of float32, shape (n, c, h, w)
    dy : ndarray of float32, shape (n, c, ho, wo)
    kernel, stride : (int, int)
    padding : (int, int, int, int)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (c, kh, kw)
        Each element sums x*dy over (n, ho, wo).

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit.
    """
    (batch, c, ho, wo), (kh, kw), (sh, sw) = dy.shape, kernel, stride
    padded = windows.pad(x, padding)
    image = windows.inside(x.shape[2:], padding) if contract.padding == "skip" else None

    def sample(n: int) -> Iterator[Term]:
        for i, j in np.ndindex(ho, wo):
            window = (slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw))
            present = None if image is None else image[window]
            yield Term(padded[n, :, *window], dy[n, :, i, j].reshape(c, 1, 1), present)

    samples = (sample(n) for n in range(batch))
    return batch_sum(Arithmetic(contract), samples, ho * wo, batch, (c, kh, kw))


def _input_grad_shapes(
    w: Shape, dy: Shape, *, size: Shape, stride: Shape, padding: Shape
) -> tuple[Shape, ...]:
    name = "depthwise_input_grad"
    expect(name, "w", w, 3, "c, kh, kw")
    expect(name, "dy", dy, 4, "n, c, ho, wo")
    fits_output(name, dy, (dy[0], w[0]), size, w[1:], stride, padding)
    return ((*dy[:2], *size),)


@operation(
    inputs=(Arg("w", "c kh kw"), Arg("dy", "n c ho wo")),
    outputs=(Arg("dx", "n c h w"),),
    attrs=(SIZE, STRIDE, PADDING),
    shapes=_input_grad_shapes,
    macs=lambda w, dy, *, size, **_: int(dy[0] * np.prod(size) * np.prod(w)),
)
def depthwise_input_grad(
    w: F32Array,
    dy: F32Array,
    *,
    size: Shape,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Gradient with respect to the input.

    Parameters
    ----------
    w : ndarray of float32, shape (c, kh, kw)
    dy : ndarray of float32, shape (n, c, ho, wo)
    size : (int, int)
        (h, w) of the input.
    stride : (int, int)
    padding : (int, int, int, int)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, c, h, w)
        Each element sums w*dy over descending (kh, kw), which meets ascending (ho, wo); ascending
        (kh, kw) with ``input_grad_taps=by_weight``.

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit.
    """
    (c, kh, kw), kernel = w.shape, w.shape[1:]
    wide = windows.spread(dy, kernel, stride, padding, size)
    mask = windows.spread(np.ones(dy.shape[2:], np.bool_), kernel, stride, padding, size)

    def terms() -> Iterator[Term]:
        for i, j in input_grad_order(kernel, contract):
            here = windows.behind(mask, i, j, kernel, padding, size)
            yield Term(
                windows.behind(wide, i, j, kernel, padding, size),
                w[:, i, j].reshape(c, 1, 1),
                here if contract.padding == "skip" else None,
            )

    return ordered_sum(Arithmetic(contract), terms(), kh * kw, (len(dy), c, *size))

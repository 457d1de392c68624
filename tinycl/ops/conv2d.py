"""Convolution in two dimensions: y = x * w + bias, and its three gradients.

Shapes: x (n, ci, h, w), w (co, ci, kh, kw), bias (co,), y (n, co, ho, wo), with
ho = (h + top + bottom - kh) // stride_h + 1 and wo likewise. Padding is (top, bottom, left, right).
The order of the terms is CONTRACT.md's, section 1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array
from tinycl.num.sums import Shape, Term, batch_sum, ordered_sum
from tinycl.ops import windows
from tinycl.ops.spec import KERNEL, PADDING, SIZE, STRIDE, Arg, expect, operation, window_size

UNIT = (1, 1)
NO_PADDING = (0, 0, 0, 0)


def _forward_shapes(
    x: Shape, w: Shape, bias: Shape | None, *, stride: Shape, padding: Shape
) -> tuple[Shape, ...]:
    name = "conv2d_forward"
    expect(name, "x", x, 4, "n, ci, h, w")
    expect(name, "w", w, 4, "co, ci, kh, kw")
    if x[1] != w[1]:
        raise ShapeError(f"{name}: x has {x[1]} channels, w takes {w[1]}")
    if bias is not None and bias != w[:1]:
        raise ShapeError(f"{name}: bias has shape {bias}; it needs ({w[0]},)")
    return ((x[0], w[0], *window_size(name, x[2:], w[2:], stride, padding)),)


def _forward_macs(x: Shape, w: Shape, bias: Shape | None, **attrs: Shape) -> int:
    (y,) = _forward_shapes(x, w, bias, **attrs)
    return int(np.prod(y) * np.prod(w[1:]))


@operation(
    inputs=(Arg("x", "n ci h w"), Arg("w", "co ci kh kw"), Arg("bias", "co", optional=True)),
    outputs=(Arg("y", "n co ho wo"),),
    attrs=(STRIDE, PADDING),
    shapes=_forward_shapes,
    macs=_forward_macs,
)
def conv2d_forward(
    x: F32Array,
    w: F32Array,
    bias: F32Array | None = None,
    *,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Convolve.

    Parameters
    ----------
    x : ndarray of float32, shape (n, ci, h, w)
    w : ndarray of float32, shape (co, ci, kh, kw)
    bias : ndarray of float32, shape (co,), optional
    stride : (int, int)
        Rows, columns.
    padding : (int, int, int, int)
        Top, bottom, left, right.
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, co, ho, wo)
        Each element sums over (ci, kh, kw), or (kh, kw, ci) with ``taps=spatial_major``.

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit.
    """
    (co, ci, kh, kw), (h, width) = w.shape, x.shape[2:]
    out = window_size("conv2d_forward", (h, width), (kh, kw), stride, padding)
    padded = windows.pad(x, padding)
    image = windows.inside((h, width), padding) if contract.padding == "skip" else None

    def terms() -> Iterator[Term]:
        for c, i, j in tap_order(ci, kh, kw, contract.taps):
            a = windows.seen(padded[:, c], i, j, stride, out)[:, None]  # (n, 1, ho, wo)
            b = w[:, c, i, j].reshape(1, co, 1, 1)
            present = None if image is None else windows.seen(image, i, j, stride, out)
            yield Term(a, b, present)

    shape = (x.shape[0], co, *out)
    start = None if bias is None else bias.reshape(1, co, 1, 1)
    return ordered_sum(Arithmetic(contract), terms(), ci * kh * kw, shape, start)


def tap_order(ci: int, kh: int, kw: int, taps: str) -> Iterator[Shape]:
    """Yield (ci, kh, kw) in the order of the contract's field `taps`."""
    if taps == "channel_major":
        yield from np.ndindex(ci, kh, kw)
    else:
        for i, j, c in np.ndindex(kh, kw, ci):
            yield c, i, j


def _weight_grad_shapes(
    x: Shape, dy: Shape, *, kernel: Shape, stride: Shape, padding: Shape
) -> tuple[Shape, ...]:
    name = "conv2d_weight_grad"
    expect(name, "x", x, 4, "n, ci, h, w")
    expect(name, "dy", dy, 4, "n, co, ho, wo")
    fits_output(name, dy, (x[0], dy[1]), x[2:], kernel, stride, padding)
    return ((dy[1], x[1], *kernel),)


def _weight_grad_macs(x: Shape, dy: Shape, *, kernel: Shape, **attrs: Shape) -> int:
    return int(np.prod(dy) * x[1] * np.prod(kernel))


@operation(
    inputs=(Arg("x", "n ci h w"), Arg("dy", "n co ho wo")),
    outputs=(Arg("dw", "co ci kh kw"),),
    attrs=(KERNEL, STRIDE, PADDING),
    shapes=_weight_grad_shapes,
    macs=_weight_grad_macs,
)
def conv2d_weight_grad(
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
    x : ndarray of float32, shape (n, ci, h, w)
    dy : ndarray of float32, shape (n, co, ho, wo)
    kernel, stride : (int, int)
    padding : (int, int, int, int)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (co, ci, kh, kw)
        Each element sums x*dy over (n, ho, wo).

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit.
    """
    (batch, ci), (co, ho, wo), (kh, kw), (sh, sw) = x.shape[:2], dy.shape[1:], kernel, stride
    padded = windows.pad(x, padding)
    image = windows.inside(x.shape[2:], padding) if contract.padding == "skip" else None

    def sample(n: int) -> Iterator[Term]:
        for i, j in np.ndindex(ho, wo):
            window = (slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw))
            a = padded[n, :, *window][None]  # (1, ci, kh, kw)
            b = dy[n, :, i, j].reshape(co, 1, 1, 1)
            yield Term(a, b, None if image is None else image[window])

    samples = (sample(n) for n in range(batch))
    return batch_sum(Arithmetic(contract), samples, ho * wo, batch, (co, ci, kh, kw))


def _bias_grad_shapes(dy: Shape) -> tuple[Shape, ...]:
    expect("conv2d_bias_grad", "dy", dy, 4, "n, co, ho, wo")
    return (dy[1:2],)


@operation(inputs=(Arg("dy", "n co ho wo"),), outputs=(Arg("db", "co"),), shapes=_bias_grad_shapes)
def conv2d_bias_grad(dy: F32Array, *, contract: Contract = DEFAULT) -> F32Array:
    """Gradient with respect to the bias of a conv2d, depthwise or pointwise.

    Parameters
    ----------
    dy : ndarray of float32, shape (n, co, ho, wo)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (co,)
        Each element adds dy over (n, ho, wo).

    Raises
    ------
    ShapeError
        A `dy` that does not have four axes.
    """
    batch, co, ho, wo = dy.shape
    samples = ((Term(dy[n, :, i, j], None) for i, j in np.ndindex(ho, wo)) for n in range(batch))
    return batch_sum(Arithmetic(contract), samples, ho * wo, batch, (co,))


def _input_grad_shapes(
    w: Shape, dy: Shape, *, size: Shape, stride: Shape, padding: Shape
) -> tuple[Shape, ...]:
    name = "conv2d_input_grad"
    expect(name, "w", w, 4, "co, ci, kh, kw")
    expect(name, "dy", dy, 4, "n, co, ho, wo")
    fits_output(name, dy, (dy[0], w[0]), size, w[2:], stride, padding)
    return ((dy[0], w[1], *size),)


def _input_grad_macs(w: Shape, dy: Shape, *, size: Shape, **attrs: Shape) -> int:
    return int(dy[0] * np.prod(size) * np.prod(w))


@operation(
    inputs=(Arg("w", "co ci kh kw"), Arg("dy", "n co ho wo")),
    outputs=(Arg("dx", "n ci h w"),),
    attrs=(SIZE, STRIDE, PADDING),
    shapes=_input_grad_shapes,
    macs=_input_grad_macs,
)
def conv2d_input_grad(
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
    w : ndarray of float32, shape (co, ci, kh, kw)
    dy : ndarray of float32, shape (n, co, ho, wo)
    size : (int, int)
        (h, w) of the input.
    stride : (int, int)
    padding : (int, int, int, int)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, ci, h, w)
        Each element sums w*dy over co, then over the taps in descending (kh, kw), which meets
        ascending (ho, wo); ascending (kh, kw) with ``input_grad_taps=by_weight``.

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit.
    """
    (co, ci, kh, kw), batch = w.shape, dy.shape[0]
    kernel = (kh, kw)
    wide = windows.spread(dy, kernel, stride, padding, size)
    mask = windows.spread(np.ones(dy.shape[2:], np.bool_), kernel, stride, padding, size)

    def terms() -> Iterator[Term]:
        for c in range(co):
            for i, j in input_grad_order(kernel, contract):
                a = windows.behind(wide[:, c], i, j, kernel, padding, size)[:, None]
                b = w[c, :, i, j].reshape(1, ci, 1, 1)
                here = windows.behind(mask, i, j, kernel, padding, size)
                yield Term(a, b, here if contract.padding == "skip" else None)

    return ordered_sum(Arithmetic(contract), terms(), w.size // ci, (batch, ci, *size))


def input_grad_order(kernel: Shape, contract: Contract) -> Iterator[Shape]:
    """Yield the taps (kh, kw) of one channel in the order of `input_grad_taps`."""
    by_weight = contract.input_grad_taps == "by_weight"
    for i, j in np.ndindex(*kernel):
        yield (i, j) if by_weight else (kernel[0] - 1 - i, kernel[1] - 1 - j)


def fits_output(
    name: str, dy: Shape, lead: Shape, size: Shape, kernel: Shape, stride: Shape, padding: Shape
) -> None:
    """Raise ShapeError unless dy is (*lead, ho, wo) of the layer."""
    expected = (*lead, *window_size(name, tuple(size), kernel, stride, padding))
    if dy != expected:
        raise ShapeError(f"{name}: dy has shape {dy}; this layer's output has {expected}")

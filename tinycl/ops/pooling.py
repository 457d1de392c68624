"""Max and average pooling and their gradients; a window of the image's size pools globally.

Shapes: x (n, c, h, w), y (n, c, ho, wo). Padding is (top, bottom, left, right), smaller
than the kernel, so that every window holds a position of the image; padded positions are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array, quiet
from tinycl.num.sums import Shape
from tinycl.ops import windows
from tinycl.ops.conv2d import NO_PADDING, UNIT, fits_output
from tinycl.ops.spec import KERNEL, PADDING, SIZE, STRIDE, Arg, expect, operation, window_size

I32Array = NDArray[np.int32]


def check_padding(name: str, kernel: Shape, padding: Shape) -> None:
    """Raise ShapeError unless each window holds a position of the image."""
    if max(padding[:2]) >= kernel[0] or max(padding[2:]) >= kernel[1]:
        raise ShapeError(
            f"{name}: padding {tuple(padding)} must be smaller than the kernel {tuple(kernel)}: "
            "a window with nothing of the image in it has no maximum and no mean"
        )


def _forward_shape(name: str, x: Shape, kernel: Shape, stride: Shape, padding: Shape) -> Shape:
    expect(name, "x", x, 4, "n, c, h, w")
    check_padding(name, kernel, padding)
    return (*x[:2], *window_size(name, x[2:], kernel, stride, padding))


def _gradient_shape(
    name: str, dy: Shape, size: Shape, kernel: Shape, stride: Shape, padding: Shape
) -> Shape:
    expect(name, "dy", dy, 4, "n, c, ho, wo")
    check_padding(name, kernel, padding)
    fits_output(name, dy, dy[:2], size, kernel, stride, padding)
    return (*dy[:2], *size)


def _positions(size: Shape, padding: Shape) -> I32Array:
    """Return h*W + w over the padded image, -1 in the padding."""
    flat = np.arange(size[0] * size[1], dtype=np.int32).reshape(size)
    return np.asarray(windows.pad(flat + 1, padding) - 1, np.int32)


def _gather(
    one: Arithmetic,
    share: F32Array,
    chosen: I32Array | None,
    kernel: Shape,
    stride: Shape,
    padding: Shape,
    size: Shape,
) -> F32Array:
    """Add, for each input position, what its windows give it, in ascending (ho, wo), from +0.0."""
    wide = windows.spread(share, kernel, stride, padding, size)
    mask = windows.spread(np.ones(share.shape[2:], np.bool_), kernel, stride, padding, size)
    marks = None if chosen is None else windows.spread(chosen + 1, kernel, stride, padding, size)
    own = np.arange(1, size[0] * size[1] + 1).reshape(size)
    total: F32Array = np.zeros((*share.shape[:2], *size), np.float32)
    for i, j in _descending(kernel):
        here = windows.behind(mask, i, j, kernel, padding, size)
        if marks is not None:
            here = here & (windows.behind(marks, i, j, kernel, padding, size) == own)
        grown = one.add(total, windows.behind(wide, i, j, kernel, padding, size))
        total = np.where(here, grown, total)
    return total


def _descending(kernel: Shape) -> Iterator[Shape]:
    for i, j in np.ndindex(*kernel):
        yield kernel[0] - 1 - i, kernel[1] - 1 - j


def _max_shapes(x: Shape, *, kernel: Shape, stride: Shape, padding: Shape) -> tuple[Shape, ...]:
    out = _forward_shape("max_pool_forward", x, kernel, stride, padding)
    return out, out


@operation(
    inputs=(Arg("x", "n c h w"),),
    outputs=(Arg("y", "n c ho wo"), Arg("index", "n c ho wo", "i32")),
    attrs=(KERNEL, STRIDE, PADDING),
    shapes=_max_shapes,
)
@quiet
def max_pool_forward(
    x: F32Array,
    *,
    kernel: Shape,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    contract: Contract = DEFAULT,
) -> tuple[F32Array, I32Array]:
    """Take each window's maximum.

    Parameters
    ----------
    x : ndarray of float32, shape (n, c, h, w)
    kernel, stride : (int, int)
    padding : (int, int, int, int)
        Each smaller than the kernel.
    contract : Contract

    Returns
    -------
    y : ndarray of float32, shape (n, c, ho, wo)
        The first maximum in row-major order; the first NaN wins over everything.
    index : ndarray of int32, shape (n, c, ho, wo)
        Its place in the image, h*W + w.

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit.
    """
    size = x.shape[2:]
    out = window_size("max_pool_forward", size, kernel, stride, padding)
    padded = windows.pad(Arithmetic(contract).read(x), padding)
    places = _positions(size, padding)
    best: F32Array = np.zeros((*x.shape[:2], *out), np.float32)
    index: I32Array = np.full(best.shape, -1, np.int32)
    for i, j in np.ndindex(*kernel):
        value = windows.seen(padded, i, j, stride, out)
        place = windows.seen(places, i, j, stride, out)
        wins = (value > best) | (np.isnan(value) & ~np.isnan(best)) | (index < 0)
        wins = wins & (place >= 0)
        best, index = np.where(wins, value, best), np.where(wins, place, index)
    return best, index


def _places(shapes: Mapping[str, Shape], attrs: Mapping[str, Shape]) -> int:
    return attrs["size"][0] * attrs["size"][1]


def _max_grad_shapes(
    dy: Shape, index: Shape, *, size: Shape, kernel: Shape, stride: Shape, padding: Shape
) -> tuple[Shape, ...]:
    name = "max_pool_input_grad"
    if index != dy:
        raise ShapeError(f"{name}: index {index} and dy {dy} must have one shape")
    return (_gradient_shape(name, dy, size, kernel, stride, padding),)


@operation(
    inputs=(Arg("dy", "n c ho wo"), Arg("index", "n c ho wo", "i32", below=_places)),
    outputs=(Arg("dx", "n c h w"),),
    attrs=(SIZE, KERNEL, STRIDE, PADDING),
    shapes=_max_grad_shapes,
)
def max_pool_input_grad(
    dy: F32Array,
    index: I32Array,
    *,
    size: Shape,
    kernel: Shape,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Give each window's gradient to the position it chose.

    Parameters
    ----------
    dy : ndarray of float32, shape (n, c, ho, wo)
    index : ndarray of int32, shape (n, c, ho, wo)
        As `max_pool_forward` returned it.
    size, kernel, stride : (int, int)
        `size` is (h, w) of the input.
    padding : (int, int, int, int)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, c, h, w)
        Each element adds, from +0.0, the dy of the windows that chose it, in ascending (ho, wo).

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit.
    """
    return _gather(Arithmetic(contract), dy, index, kernel, stride, padding, size)


def _avg_shapes(x: Shape, *, kernel: Shape, stride: Shape, padding: Shape) -> tuple[Shape, ...]:
    return (_forward_shape("avg_pool_forward", x, kernel, stride, padding),)


def _counts(size: Shape, kernel: Shape, stride: Shape, padding: Shape) -> F32Array:
    """Return (ho, wo): how many positions of the image each window holds."""
    out = window_size("avg_pool", size, kernel, stride, padding)
    image = windows.inside(size, padding)
    held = sum(windows.seen(image, i, j, stride, out).astype(int) for i, j in np.ndindex(*kernel))
    return np.asarray(held, np.float32)


@operation(
    inputs=(Arg("x", "n c h w"),),
    outputs=(Arg("y", "n c ho wo"),),
    attrs=(KERNEL, STRIDE, PADDING),
    shapes=_avg_shapes,
)
def avg_pool_forward(
    x: F32Array,
    *,
    kernel: Shape,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Take each window's mean over the positions inside the image.

    Parameters
    ----------
    x : ndarray of float32, shape (n, c, h, w)
    kernel, stride : (int, int)
    padding : (int, int, int, int)
        Each smaller than the kernel.
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, c, ho, wo)
        A sum from +0.0 in row-major order, and one division by the count.

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit.
    """
    one, size = Arithmetic(contract), x.shape[2:]
    out = window_size("avg_pool_forward", size, kernel, stride, padding)
    padded, image = windows.pad(x, padding), windows.inside(size, padding)
    total: F32Array = np.zeros((*x.shape[:2], *out), np.float32)
    for i, j in np.ndindex(*kernel):
        grown = one.add(total, windows.seen(padded, i, j, stride, out))
        total = np.where(windows.seen(image, i, j, stride, out), grown, total)
    return one.div(total, _counts(size, kernel, stride, padding))


def _avg_grad_shapes(
    dy: Shape, *, size: Shape, kernel: Shape, stride: Shape, padding: Shape
) -> tuple[Shape, ...]:
    return (_gradient_shape("avg_pool_input_grad", dy, size, kernel, stride, padding),)


@operation(
    inputs=(Arg("dy", "n c ho wo"),),
    outputs=(Arg("dx", "n c h w"),),
    attrs=(SIZE, KERNEL, STRIDE, PADDING),
    shapes=_avg_grad_shapes,
)
def avg_pool_input_grad(
    dy: F32Array,
    *,
    size: Shape,
    kernel: Shape,
    stride: Shape = UNIT,
    padding: Shape = NO_PADDING,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Share each window's gradient among its positions.

    Parameters
    ----------
    dy : ndarray of float32, shape (n, c, ho, wo)
    size, kernel, stride : (int, int)
        `size` is (h, w) of the input.
    padding : (int, int, int, int)
    contract : Contract

    Returns
    -------
    ndarray of float32, shape (n, c, h, w)
        dy is divided by the window's count; each element adds, from +0.0, the quotients of its
        windows in ascending (ho, wo).

    Raises
    ------
    ShapeError
        Shapes, dtypes or attributes that do not fit.
    """
    one = Arithmetic(contract)
    share = one.div(dy, _counts(size, kernel, stride, padding))
    return _gather(one, share, None, kernel, stride, padding, size)

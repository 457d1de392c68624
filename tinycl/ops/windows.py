"""What a sliding window sees: padded images, taps, and which taps lie inside.

A convolution walks its taps; a tap (kh, kw) shows every output (ho, wo) one input position,
(ho*stride_h + kh - top, wo*stride_w + kw - left). Padding is (top, bottom, left, right).
"""

from __future__ import annotations

import numpy as np

from tinycl.bits import Array
from tinycl.num.sums import Mask, Shape


def pad(x: Array, padding: Shape) -> Array:
    """Return (..., h, w) with zeros (+0.0) around the image."""
    top, bottom, left, right = padding
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(top, bottom), (left, right)])


def inside(size: Shape, padding: Shape) -> Mask:
    """Return, over the padded image, which positions are the image's own."""
    return pad(np.ones(size, np.bool_), padding).astype(np.bool_)


def seen(padded: Array, kh: int, kw: int, stride: Shape, out: Shape) -> Array:
    """Return (..., ho, wo): what each output sees through tap (kh, kw)."""
    (sh, sw), (ho, wo) = stride, out
    return padded[..., kh : kh + (ho - 1) * sh + 1 : sh, kw : kw + (wo - 1) * sw + 1 : sw]


def spread(dy: Array, kernel: Shape, stride: Shape, padding: Shape, size: Shape) -> Array:
    """Return dy as the input gradient sees it: zeros between and around its elements.

    dy (..., ho, wo) goes to (..., kernel_h - 1 + h + top, ...) in such a way that input position h
    sees, through tap kh, the element at ``h + top + (kernel_h - 1) - kh``.
    """
    (kh, kw), (sh, sw), (h, w) = kernel, stride, size
    top, _, left, _ = padding
    ho, wo = dy.shape[-2:]
    rows = max(h + top, (ho - 1) * sh + 1) + kh - 1
    columns = max(w + left, (wo - 1) * sw + 1) + kw - 1
    wide = np.zeros((*dy.shape[:-2], rows, columns), dy.dtype)
    wide[..., kh - 1 : kh + (ho - 1) * sh : sh, kw - 1 : kw + (wo - 1) * sw : sw] = dy
    return wide


def behind(wide: Array, kh: int, kw: int, kernel: Shape, padding: Shape, size: Shape) -> Array:
    """Return (..., h, w): what of `spread` each input position meets in tap (kh, kw)."""
    row, column = padding[0] + kernel[0] - 1 - kh, padding[2] + kernel[1] - 1 - kw
    return wide[..., row : row + size[0], column : column + size[1]]

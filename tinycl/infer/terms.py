"""The terms of single output elements, in the order of the default contract.

One geometry for all layers: x (n, ci, h, w), w (co, ci, kh, kw), dy (n, co, ho, wo); a linear layer
has a 1x1 image and a 1x1 kernel, a pointwise one a 1x1 kernel, a depthwise filter one channel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import Array
from tinycl.num.arithmetic import F32Array
from tinycl.num.sums import Mask, Shape
from tinycl.ops import windows
from tinycl.ops.conv2d import NO_PADDING, UNIT

Places = NDArray[np.int64]
One = tuple[Array, Array | None, Array | None]


class Gathered(NamedTuple):
    """T terms of E elements.

    `b` is None where the terms are plain values. `inside` is False where a tap lies outside the
    image. `turned` lists the terms in the other order of `taps` or `input_grad_taps`. `batch` is 0
    for one plain sum, else the number of samples of a gradient, with `each` terms.
    """

    a: F32Array
    b: F32Array | None
    inside: Mask
    turned: Places
    bias: F32Array | None
    each: int
    batch: int

    @property
    def total(self) -> int:
        """T, the number of terms."""
        return int(self.a.shape[1])


def direction_of(kind: str) -> str:
    """Return ``forward``, ``weight_grad``, ``bias_grad`` or ``input_grad``."""
    return kind.partition("_")[2]


def gather(
    kind: str, inputs: Sequence[Array | None], attrs: Mapping[str, Any], places: Places
) -> Gathered:
    """Gather the terms of some elements of a layer's output or gradient.

    Parameters
    ----------
    kind : str
        One of `tinycl.fast.choose.SUMS`.
    inputs : sequence of ndarray or None
    attrs : mapping
    places : ndarray of int64, shape (E,)
        Row-major places in the output.

    Returns
    -------
    Gathered
    """
    given = [None if t is None else np.asarray(t) for t in inputs]
    first, second = given[0], given[1] if len(given) > 1 else None
    assert first is not None
    if direction_of(kind) == "bias_grad":
        return _bias_terms(first, places)
    assert second is not None
    depthwise = kind.startswith("depthwise")
    direction = direction_of(kind)
    if direction == "forward":
        bias = given[2] if len(given) > 2 else None
        return _forward_terms(_image(first), _filter(second, depthwise), bias, attrs, places)
    if direction == "weight_grad":
        return _weight_terms(_image(first), _image(second), depthwise, attrs, places)
    return _input_terms(_filter(first, depthwise), _image(second), depthwise, attrs, places)


def _image(x: Array) -> Array:
    return x.reshape(*x.shape, *(1,) * (4 - x.ndim))


def _filter(w: Array, depthwise: bool) -> Array:
    return w[:, None] if depthwise else w.reshape(*w.shape, *(1,) * (4 - w.ndim))


def _stack(places: Places, shape: Shape, one: Callable[..., One]) -> tuple[Array, Array, Array]:
    """Return a, b and inside (E, T) of the elements at some places of a tensor of this shape."""
    rows = [one(*np.unravel_index(int(place), shape)) for place in places]
    a = np.stack([np.ravel(row[0]) for row in rows]).astype(np.float32)
    factors = [np.ravel(row[1]) for row in rows if row[1] is not None]
    b = np.stack(factors) if factors else a
    inside = [np.broadcast_to(True if r[2] is None else r[2], r[0].shape).ravel() for r in rows]
    return a, b.astype(np.float32), np.stack(inside)


def _forward_terms(
    x: Array, w: Array, bias: Array | None, attrs: Mapping[str, Any], places: Places
) -> Gathered:
    (sh, sw), padding = attrs.get("stride", UNIT), attrs.get("padding", NO_PADDING)
    (co, ci, kh, kw), (n, channels, h, width) = w.shape, x.shape
    padded, image = windows.pad(x, padding), windows.inside((h, width), padding)
    out = ((padded.shape[2] - kh) // sh + 1, (padded.shape[3] - kw) // sw + 1)

    def one(s: int, o: int, i: int, j: int) -> One:
        window = (slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw))
        own = slice(None) if ci == channels else slice(o, o + 1)  # depthwise: its own channel
        seen = padded[s, own, *window]
        return seen, w[o], np.broadcast_to(image[window], seen.shape)

    a, b, inside = _stack(places, (n, co, *out), one)
    order = np.arange(ci * kh * kw).reshape(ci, kh, kw).transpose(1, 2, 0).ravel()
    chosen = None if bias is None else bias[places // (out[0] * out[1]) % co]
    return Gathered(a, b, inside, order, chosen, 0, 0)


def _weight_terms(
    x: Array, dy: Array, depthwise: bool, attrs: Mapping[str, Any], places: Places
) -> Gathered:
    (sh, sw), padding = attrs.get("stride", UNIT), attrs.get("padding", NO_PADDING)
    kernel, (n, co, ho, wo) = attrs.get("kernel", UNIT), dy.shape
    padded, image = windows.pad(x, padding), windows.inside(x.shape[2:], padding)

    def one(o: int, c: int, i: int, j: int) -> One:
        seen = windows.seen(padded[:, o if depthwise else c], i, j, (sh, sw), (ho, wo))
        here = windows.seen(image, i, j, (sh, sw), (ho, wo))
        return seen, dy[:, o], np.broadcast_to(here, seen.shape)

    shape = (co, 1 if depthwise else x.shape[1], *kernel)
    a, b, inside = _stack(places, shape, one)
    return Gathered(a, b, inside, np.arange(a.shape[1]), None, ho * wo, n)


def _bias_terms(dy: Array, places: Places) -> Gathered:
    n, co = dy.shape[:2]
    a, _, inside = _stack(places, (co,), lambda o: (dy[:, o], None, None))
    return Gathered(a, None, inside, np.arange(a.shape[1]), None, dy.size // (n * co), n)


def _input_terms(
    w: Array, dy: Array, depthwise: bool, attrs: Mapping[str, Any], places: Places
) -> Gathered:
    stride, padding = attrs.get("stride", UNIT), attrs.get("padding", NO_PADDING)
    (co, ci, kh, kw), n = w.shape, dy.shape[0]
    size = attrs.get("size", dy.shape[2:])
    wide = windows.spread(dy, (kh, kw), stride, padding, size)
    mask = windows.spread(np.ones(dy.shape[2:], np.bool_), (kh, kw), stride, padding, size)

    def one(s: int, c: int, r: int, column: int) -> One:
        top, left = r + padding[0], column + padding[2]
        met = (slice(top, top + kh), slice(left, left + kw))  # ascending: taps descend
        own = slice(c, c + 1) if depthwise else slice(None)
        seen = wide[s, own, *met]
        taps = w[own, 0 if depthwise else c, ::-1, ::-1]
        return seen, taps, np.broadcast_to(mask[met], seen.shape)

    a, b, inside = _stack(places, (n, co if depthwise else ci, *size), one)
    numbers = np.arange(a.shape[1]).reshape(-1, kh, kw)[:, ::-1, ::-1].ravel()
    return Gathered(a, b, inside, numbers, None, 0, 0)

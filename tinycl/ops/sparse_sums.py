"""The sums of sparse gradients: the terms of the dense ones whose entry of dy survives.

A linear layer is a convolution of a 1x1 image, a pointwise one has a 1x1 kernel; depthwise filters
have one axis of channels. Terms have the numbers of the dense gradient.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tinycl.bits import Array
from tinycl.contract import Contract
from tinycl.num.arithmetic import Arithmetic, F32Array
from tinycl.num.keyed import ABSENT, Keys, keyed_batch_sum, keyed_sum
from tinycl.num.sums import Shape, Term
from tinycl.ops import windows
from tinycl.ops.conv2d import NO_PADDING, UNIT, input_grad_order
from tinycl.ops.survivors import I32Array, Survivors, output_keys, survivors


class Layer(NamedTuple):
    """What an operation hands on: its name, its geometry, what `channels` says, the contract."""

    name: str
    contract: Contract
    channels: int = 0
    kernel: Shape = (1, 1)
    stride: Shape = UNIT
    padding: Shape = NO_PADDING
    depthwise: bool = False


Sparse = tuple[F32Array, I32Array]


def weight_sum(layer: Layer, x: F32Array, dy: F32Array, count: I32Array, index: I32Array) -> Sparse:
    """Sum x*dy over the survivors, in (n, ho, wo) or in the order of the lists.

    Parameters
    ----------
    layer : Layer
    x : ndarray of float32, shape (n, ci, h, w)
    dy : ndarray of float32, shape (n, co, ho, wo)
    count, index : ndarray of int32

    Returns
    -------
    dw : ndarray of float32, shape (co, ci, kh, kw); depthwise (co, kh, kw)
    effort : ndarray of int32, shape (ci,)
    """
    (n, co, ho, wo), ci = dy.shape, x.shape[1]
    items = co if layer.channels else co * ho * wo
    given = survivors(layer.name, count, index, n, items, layer.contract)
    keys = output_keys(given, dy.shape, layer.channels)
    views = _views(windows.pad(x, layer.padding), layer)  # (n, ci, ho, wo, kh, kw)
    image = _views(windows.inside(x.shape[2:], layer.padding), layer)  # (ho, wo, kh, kw)
    skip, rows = layer.contract.padding == "skip", np.arange(co)
    inner = () if layer.depthwise else (ci,)
    ones = (1,) * (len(inner) + 2)

    def term(number: Keys) -> Term:
        s, place = np.divmod(number, ho * wo)
        i, j = np.divmod(place, wo)
        a = views[s, rows if layer.depthwise else slice(None), i, j]
        present = image[i, j].reshape(co, *ones[2:], *layer.kernel) if skip else None
        return Term(a, dy[s, rows, i, j].reshape(co, *ones), present)

    dw = keyed_batch_sum(Arithmetic(layer.contract), keys, term, (co, *inner, *layer.kernel))
    return dw, _effort(keys, layer, ci)


def _views(padded: Array, layer: Layer) -> Array:
    """Return (..., ho, wo, kh, kw): what each output sees."""
    (sh, sw), lead = layer.stride, padded.ndim - 2
    seen = np.lib.stride_tricks.sliding_window_view(padded, layer.kernel, (lead, lead + 1))
    return seen[..., ::sh, ::sw, :, :]


def _effort(keys: Keys, layer: Layer, ci: int) -> I32Array:
    """Count kh*kw for each survivor: for all input channels, or for its own."""
    each = (keys != ABSENT).sum(axis=(0, 2)) * int(np.prod(layer.kernel))
    return np.asarray(each if layer.depthwise else np.full(ci, each.sum()), np.int32)


def input_sum(
    layer: Layer, w: F32Array, dy: F32Array, size: Shape, count: I32Array, index: I32Array
) -> Sparse:
    """Sum w*dy over the survivors, in the dense order of taps or in the order of the lists.

    Parameters
    ----------
    layer : Layer
    w : ndarray of float32, shape (co, ci, kh, kw); depthwise (co, kh, kw)
    dy : ndarray of float32, shape (n, co, ho, wo)
    size : (int, int)
        (h, w) of the input.
    count, index : ndarray of int32

    Returns
    -------
    dx : ndarray of float32, shape (n, ci, h, w)
    effort : ndarray of int32, shape (ci,)
    """
    n, co, ho, wo = dy.shape
    taps = list(input_grad_order(layer.kernel, layer.contract))
    met = _met(layer, (ho, wo), size, taps)  # (taps, h*w)
    items = co if layer.channels else co * ho * wo
    given = survivors(layer.name, count, index, n, items, layer.contract)
    keys = _input_keys(layer, dy.shape, met, given)
    # dy with one more position, +0.0, which the taps that meet no output see.
    flat = np.pad(dy.reshape(n, co, ho * wo), ((0, 0), (0, 0), (0, 1)))
    weights = np.stack([w[..., i, j] for i, j in taps], axis=1)  # (co, taps) or (co, taps, ci)
    groups = co if layer.depthwise else 1
    sample, group, position = (i.ravel() for i in np.indices((n, groups, met.shape[1])))

    def term(number: Keys) -> Term:
        channel, tap = np.divmod(number, len(taps))
        channel = channel + group
        a, b = flat[sample, channel, met[tap, position]], weights[channel, tap]
        return Term(a.reshape(len(a), *(1,) * (b.ndim - 1)), b)

    shape = (len(sample), *weights.shape[2:])
    sums = keyed_sum(Arithmetic(layer.contract), keys.reshape(len(sample), -1), term, shape)
    effort = _effort(output_keys(given, dy.shape, layer.channels), layer, w[0, ..., 0, 0].size)
    dx = sums.value.reshape(n, groups, *size, -1)  # channels in axis 1 or in the last
    return np.moveaxis(dx, -1, 2).reshape(n, -1, *size), effort


def _met(layer: Layer, out: Shape, size: Shape, taps: list[Shape]) -> Keys:
    """Return (taps, h*w): the output that each input position meets in each tap, or -1."""
    kernel, padding = layer.kernel, layer.padding
    outputs = np.arange(1, out[0] * out[1] + 1).reshape(out)
    wide = windows.spread(outputs, kernel, layer.stride, padding, size)
    return (
        np.stack([windows.behind(wide, i, j, kernel, padding, size).ravel() for i, j in taps]) - 1
    )


def _input_keys(layer: Layer, dy: Shape, met: Keys, given: Survivors) -> Keys:
    """Return (n, groups, h*w, T): when each term of each input position enters its sum."""
    (n, co), taps, (keys, dense, full) = dy[:2], len(met), given
    outside = (met < 0)[None, None]  # (1, 1, taps, h*w)
    multiply = layer.contract.padding == "multiply"
    if layer.channels:
        own = keys.reshape(n, co, 1, 1)
        absent = (own == ABSENT) | (outside & (not multiply))
        entered = np.where(own == ABSENT, 0, own) * taps + np.arange(taps).reshape(1, 1, -1, 1)
    else:
        own = keys.reshape(n, co, -1)[:, :, met]  # (n, co, taps, h*w)
        absent = np.where(outside, ~(full.reshape(n, 1, 1, 1) & multiply), own == ABSENT)
        entered = own
    groups = co if layer.depthwise else 1
    number = np.arange(co // groups * taps).reshape(co // groups, taps, 1)
    number = np.broadcast_to(number, (groups, *number.shape)).reshape(co, taps, 1)
    entered = np.where(dense.reshape(n, 1, 1, 1), number, entered)
    ordered = np.where(absent, ABSENT, entered)
    ordered = np.broadcast_to(ordered, (n, co, taps, met.shape[1]))
    return ordered.reshape(n, groups, -1, met.shape[1]).transpose(0, 1, 3, 2)

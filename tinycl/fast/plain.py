"""The plain loop under any contract, for all that is a reduction: gather T terms, then sum.

These are slow and short; the fast kernels have the names without `plain_`. A core's share is a
range of output elements.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from numba import njit

from tinycl.fast.arithmetic import ZERO
from tinycl.fast.call import address, axis, elements, share, vector
from tinycl.fast.layer import (
    FILTER_A_CHANNEL,
    STRIDED,
    UNIT,
    forward_terms,
    input_terms,
    layer,
    weight_terms,
)
from tinycl.fast.sums import VALUE, WORDS, batch_sum, ordered_sum, room

Shapes = Sequence[tuple[int, ...] | None]


@njit
def forward(p: Any, kind: int, core: int, cores: int) -> None:
    """Compute y (n, o, i, j) from x (tensor 0), w (1), and a bias (2) that may be left out."""
    g = layer(p, kind, 0, 1, 3, 4, 0)
    total = g.ci * g.kh * g.kw
    x, w, bias, y = vector(p, 0), vector(p, 1), vector(p, 2), vector(p, 3)
    terms = room(p, core, total)
    begin, end = share(elements(p, 3), core, cores)
    for at in range(begin, end):
        rest, j = at // g.wo, at % g.wo
        rest, i = rest // g.ho, rest % g.ho
        n, o = rest // (g.groups * g.co), rest % (g.groups * g.co)
        forward_terms(p, g, terms, x, w, n, o, i, j)
        if address(p, 2):
            y[at] = ordered_sum(p, terms, 0, total, bias[o], True)
        else:
            y[at] = ordered_sum(p, terms, 0, total, ZERO, False)


@njit
def weight_grad(p: Any, kind: int, core: int, cores: int) -> None:
    """Compute dw (o, c, a, b) from x (tensor 0) and dy (1)."""
    g = layer(p, kind, 0, 2, 1, 3, 2)
    each = g.ho * g.wo
    x, dy, dw, terms = vector(p, 0), vector(p, 1), vector(p, 2), room(p, core, g.batch * each)
    begin, end = share(elements(p, 2), core, cores)
    for at in range(begin, end):
        rest, b = at // g.kw, at % g.kw
        rest, a = rest // g.kh, rest % g.kh
        weight_terms(p, g, terms, x, dy, rest // g.ci, rest % g.ci, a, b)
        dw[at] = batch_sum(p, terms, each, g.batch)


@njit
def input_grad(p: Any, kind: int, core: int, cores: int) -> None:
    """Compute dx (n, c, r, s) from w (tensor 0) and dy (1)."""
    g = layer(p, kind, 2, 0, 1, 3, 2)
    total = g.co * g.kh * g.kw
    w, dy, dx, terms = vector(p, 0), vector(p, 1), vector(p, 2), room(p, core, total)
    begin, end = share(elements(p, 2), core, cores)
    for at in range(begin, end):
        rest, s = at // g.w, at % g.w
        rest, r = rest // g.h, rest % g.h
        n, c = rest // (g.groups * g.ci), rest % (g.groups * g.ci)
        input_terms(p, g, terms, w, dy, n, c, r, s)
        dx[at] = ordered_sum(p, terms, 0, total, ZERO, False)


@njit
def bias_grad(p: Any, area: int, core: int, cores: int) -> None:
    """Compute db (o) from dy (n, o, area): plain values in the order (n, position)."""
    batch, channels = axis(p, 0, 0), axis(p, 0, 1)
    dy, db, terms = vector(p, 0), vector(p, 1), room(p, core, batch * area)
    begin, end = share(channels, core, cores)
    for o in range(begin, end):
        for n in range(batch):
            for k in range(area):
                t = n * area + k
                terms.a[t], terms.kind[t] = dy[(n * channels + o) * area + k], VALUE
        db[o] = batch_sum(p, terms, area, batch)


def plain_conv2d_forward(p: Any, core: int, cores: int) -> None:
    """Compute `conv2d_forward` under any contract."""
    forward(p, STRIDED, core, cores)


def plain_conv2d_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `conv2d_weight_grad` under any contract."""
    weight_grad(p, STRIDED, core, cores)


def plain_conv2d_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `conv2d_input_grad` under any contract."""
    input_grad(p, STRIDED, core, cores)


def plain_conv2d_bias_grad(p: Any, core: int, cores: int) -> None:
    """Compute `conv2d_bias_grad` under any contract."""
    bias_grad(p, axis(p, 0, 2) * axis(p, 0, 3), core, cores)


def plain_depthwise_forward(p: Any, core: int, cores: int) -> None:
    """Compute `depthwise_forward` under any contract."""
    forward(p, FILTER_A_CHANNEL, core, cores)


def plain_depthwise_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `depthwise_weight_grad` under any contract."""
    weight_grad(p, FILTER_A_CHANNEL, core, cores)


def plain_depthwise_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `depthwise_input_grad` under any contract."""
    input_grad(p, FILTER_A_CHANNEL, core, cores)


def plain_pointwise_forward(p: Any, core: int, cores: int) -> None:
    """Compute `pointwise_forward` under any contract."""
    forward(p, UNIT, core, cores)


def plain_pointwise_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `pointwise_weight_grad` under any contract."""
    weight_grad(p, UNIT, core, cores)


def plain_pointwise_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `pointwise_input_grad` under any contract."""
    input_grad(p, UNIT, core, cores)


def plain_linear_forward(p: Any, core: int, cores: int) -> None:
    """Compute `linear_forward` under any contract."""
    forward(p, UNIT, core, cores)


def plain_linear_weight_grad(p: Any, core: int, cores: int) -> None:
    """Compute `linear_weight_grad` under any contract."""
    weight_grad(p, UNIT, core, cores)


def plain_linear_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute `linear_input_grad` under any contract."""
    input_grad(p, UNIT, core, cores)


def plain_linear_bias_grad(p: Any, core: int, cores: int) -> None:
    """Compute `linear_bias_grad` under any contract."""
    bias_grad(p, 1, core, cores)


def _forward_scratch(shapes: Shapes, attrs: Mapping[str, Any]) -> int:
    return WORDS * math.prod((shapes[1] or ())[1:])


def _gradient_scratch(shapes: Shapes, attrs: Mapping[str, Any]) -> int:
    """Words for a reduction over all axes of dy but the channels; dy comes last but one."""
    dy = shapes[-2] or (1, 1)
    return WORDS * math.prod(dy) // dy[1]


def _input_grad_scratch(shapes: Shapes, attrs: Mapping[str, Any]) -> int:
    w, (_, ci, *_) = shapes[0] or (), shapes[2] or (1, 1)
    return WORDS * math.prod(w) // ci


plain_conv2d_forward_scratch = plain_depthwise_forward_scratch = _forward_scratch
plain_pointwise_forward_scratch = plain_linear_forward_scratch = _forward_scratch
plain_conv2d_weight_grad_scratch = plain_depthwise_weight_grad_scratch = _gradient_scratch
plain_pointwise_weight_grad_scratch = plain_linear_weight_grad_scratch = _gradient_scratch
plain_conv2d_bias_grad_scratch = plain_linear_bias_grad_scratch = _gradient_scratch
plain_conv2d_input_grad_scratch = plain_depthwise_input_grad_scratch = _input_grad_scratch
plain_pointwise_input_grad_scratch = plain_linear_input_grad_scratch = _input_grad_scratch

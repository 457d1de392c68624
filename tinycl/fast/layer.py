"""One geometry for conv2d, depthwise, pointwise and linear; the terms of one output of each.

x (n, groups*ci, h, w), w (groups*co, ci, kh, kw), y (n, groups*co, ho, wo). A conv2d has one
group; a depthwise layer one a channel, with ci = co = 1; pointwise has a 1x1 kernel, linear a 1x1
image too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import ZERO
from tinycl.fast.call import attribute, axis
from tinycl.fast.sums import ABSENT, PRODUCT

STRIDED, FILTER_A_CHANNEL, UNIT = range(3)  # conv2d; depthwise; pointwise and linear


class Layer(NamedTuple):
    """Shapes and strides; ci and co are channels of one group."""

    batch: int
    groups: int
    ci: int
    co: int
    h: int
    w: int
    kh: int
    kw: int
    ho: int
    wo: int
    sh: int
    sw: int
    top: int
    left: int


@njit
def layer(p: Any, kind: int, x: int, w: int, y: int, tensors: int, k: int) -> Layer:
    """Read a layer off its tensors x, w, y and attributes k (stride), k + 2 (padding)."""
    groups, ci, co = 1, axis(p, w, 1), axis(p, w, 0)
    kh, kw, sh, sw, top, left = axis(p, w, 2), axis(p, w, 3), 1, 1, 0, 0
    if kind == FILTER_A_CHANNEL:
        groups, ci, co, kh, kw = axis(p, w, 0), 1, 1, axis(p, w, 1), axis(p, w, 2)
    if kind != UNIT:
        sh, sw = attribute(p, tensors, k), attribute(p, tensors, k + 1)
        top, left = attribute(p, tensors, k + 2), attribute(p, tensors, k + 4)
    return Layer(
        axis(p, x, 0), groups, ci, co, axis(p, x, 2), axis(p, x, 3), kh, kw,
        axis(p, y, 2), axis(p, y, 3), sh, sw, top, left,
    )  # fmt: skip


@njit(forceinline=True)
def put(terms: Any, t: int, a: Any, b: Any, inside: bool, outside: int) -> None:
    """Write term t; a tap that meets nothing is +0.0, and of the kind `outside`."""
    terms.a[t], terms.b[t] = a, b
    terms.kind[t] = PRODUCT if inside else outside


@njit(forceinline=True)
def outside_kind(p: Any) -> int:
    """Return the kind of a term outside the image, under `padding`."""
    return ABSENT if p[call.SKIP] else PRODUCT


@njit(forceinline=True)
def forward_terms(
    p: Any, g: Layer, terms: Any, x: Any, w: Any, n: int, o: int, i: int, j: int
) -> None:
    """Gather x*w of y[n, o, i, j]: over (ci, kh, kw), or (kh, kw, ci) under `taps`."""
    outside, spatial = outside_kind(p), p[call.SPATIAL] != 0
    for c in range(g.ci):
        plane = (n * g.groups + o // g.co) * g.ci + c
        for a in range(g.kh):
            r, tap = i * g.sh + a - g.top, (c * g.kh + a) * g.kw
            weights = o * g.ci * g.kh * g.kw + tap
            first, step = (a * g.kw * g.ci + c, g.ci) if spatial else (tap, 1)
            for b in range(g.kw):
                s = j * g.sw + b - g.left
                inside = 0 <= r < g.h and 0 <= s < g.w
                value = x[(plane * g.h + r) * g.w + s] if inside else ZERO
                put(terms, first + b * step, value, w[weights + b], inside, outside)


@njit(forceinline=True)
def weight_terms(
    p: Any, g: Layer, terms: Any, x: Any, dy: Any, o: int, c: int, a: int, b: int
) -> None:
    """Gather x*dy of dw[o, c, a, b]: over (n, ho, wo)."""
    t, outside = 0, outside_kind(p)
    for n in range(g.batch):
        plane = (n * g.groups + o // g.co) * g.ci + c
        for i in range(g.ho):
            r = i * g.sh + a - g.top
            for j in range(g.wo):
                s = j * g.sw + b - g.left
                inside = 0 <= r < g.h and 0 <= s < g.w
                value = x[(plane * g.h + r) * g.w + s] if inside else ZERO
                slope = dy[((n * g.groups * g.co + o) * g.ho + i) * g.wo + j]
                put(terms, t, value, slope, inside, outside)
                t += 1


@njit(forceinline=True)
def input_terms(
    p: Any, g: Layer, terms: Any, w: Any, dy: Any, n: int, c: int, r: int, s: int
) -> None:
    """Gather dy*w of dx[n, c, r, s]: over co, then (kh, kw) descending or, `by_weight`, ascending.

    Tap (a, b) meets dy at ((r + top - a) / sh, (s + left - b) / sw), if that is a place in it.
    """
    taps, outside, by_weight = g.kh * g.kw, outside_kind(p), p[call.BY_WEIGHT] != 0
    for k in range(g.co):
        o = c // g.ci * g.co + k
        for a in range(g.kh):
            i = (r + g.top - a) // g.sh
            fits = i * g.sh == r + g.top - a and 0 <= i < g.ho
            for b in range(g.kw):
                j = (s + g.left - b) // g.sw
                inside = fits and j * g.sw == s + g.left - b and 0 <= j < g.wo
                place = ((n * g.groups * g.co + o) * g.ho + i) * g.wo + j
                slope = dy[place] if inside else ZERO
                tap = a * g.kw + b
                t = k * taps + (tap if by_weight else taps - 1 - tap)
                weight = w[(o * g.ci + c % g.ci) * taps + tap]
                put(terms, t, slope, weight, inside, outside)

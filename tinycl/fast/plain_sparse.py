"""Sparse gradients under any contract: gather the terms of one output, then sum, as `plain` does.

heap: terms are added as they are listed, except where everything survives. A core's share is a
range of input channels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import ZERO
from tinycl.fast.call import axis, elements, integers, share, vector
from tinycl.fast.layer import FILTER_A_CHANNEL, Layer, layer, outside_kind
from tinycl.fast.partial_sums import empty, place_in_batch, sum_of_samples, take_place
from tinycl.fast.sums import PRODUCT, VALUE, WORDS, ordered_sum, room
from tinycl.fast.survivors import Lists, listed, lists, survivor

Shapes = Sequence[tuple[int, ...] | None]


@njit
def put_seen(
    p: Any, g: Layer, terms: Any, at: int, x: Any, plane: int, tap: int, position: int, slope: Any
) -> None:
    """Write x*dy of what an output position sees through a tap of a plane of x."""
    r = position // g.wo * g.sh + tap // g.kw - g.top
    s = position % g.wo * g.sw + tap % g.kw - g.left
    inside = 0 <= r < g.h and 0 <= s < g.w
    terms.a[at] = x[(plane * g.h + r) * g.w + s] if inside else ZERO
    terms.b[at] = slope
    terms.kind[at] = PRODUCT if inside else outside_kind(p)


@njit
def weight_element(
    p: Any, g: Layer, s: Lists, terms: Any, by_channel: bool, heap: bool, o: int, c: int, tap: int
) -> tuple[Any, int]:
    """Return dw[o, c, tap], and the number of products that it is made of."""
    x, dy, area, done = vector(p, 0), vector(p, 1), g.ho * g.wo, 0
    outputs = g.groups * g.co
    empty(terms, 0, g.batch * area)
    for n in range(g.batch):
        plane = (n * g.groups + o // g.co) * g.ci + c
        count, full, index = listed(s, n)
        for t in range(count):
            e = survivor(index, t, full)
            if not 0 <= e < s.items or (e if by_channel else e // area) != o:
                continue
            first, end = (0, area) if by_channel else (e % area, e % area + 1)
            for k in range(first, end):
                at = place_in_batch(p, terms, n, k, area, g.batch, heap)
                slope = dy[(n * outputs + o) * area + k]
                put_seen(p, g, terms, at, x, plane, tap, k, slope)
                done += 1
    return sum_of_samples(p, terms, area, g.batch), done


@njit
def weight_grad(p: Any, kind: int, by_channel: bool, heap: bool, core: int, cores: int) -> None:
    """Compute dw and effort from x (tensor 0), dy (1), count (2) and index (3)."""
    g = layer(p, kind, 0, 4, 1, 6, 2)
    area, taps, own = g.ho * g.wo, g.kh * g.kw, kind == FILTER_A_CHANNEL
    outputs = g.groups * g.co
    dw, effort, terms = vector(p, 4), integers(p, 5), room(p, core, g.batch * area)
    s = lists(p, 2, outputs if by_channel else outputs * area)
    begin, end = share(effort.size, core, cores)
    for c in range(begin, end):
        effort[c] = 0
        for o in range(c if own else 0, c + 1 if own else outputs):
            for tap in range(taps):
                inner = 0 if own else c
                value, done = weight_element(p, g, s, terms, by_channel, heap, o, inner, tap)
                dw[(o * g.ci + inner) * taps + tap] = value
                effort[c] += done


@njit
def meets(g: Layer, r: int, s: int, tap: int) -> int:
    """Return the output position that dx[r, s] meets in a tap, or -1."""
    down, along = r + g.top - tap // g.kw, s + g.left - tap % g.kw
    i, j = down // g.sh, along // g.sw
    inside = i * g.sh == down and j * g.sw == along and 0 <= i < g.ho and 0 <= j < g.wo
    return i * g.wo + j if inside else -1


@njit
def channel_terms(
    p: Any, g: Layer, terms: Any, n: int, o: int, c: int, place: tuple[int, int], heap: bool
) -> None:
    """Gather the dense terms of dx[n, c, place] that an output channel makes."""
    w, dy, taps, area, total = vector(p, 0), vector(p, 1), g.kh * g.kw, g.ho * g.wo, terms.a.size
    for k in range(taps):
        tap = k if p[call.BY_WEIGHT] else taps - 1 - k
        met = meets(g, place[0], place[1], tap)
        t = take_place(p, terms, 0, o % g.co * taps + k, total, heap)
        terms.a[t] = dy[(n * g.groups * g.co + o) * area + met] if met >= 0 else ZERO
        terms.b[t] = w[(o * g.ci + c) * taps + tap]
        terms.kind[t] = PRODUCT if met >= 0 else outside_kind(p)


@njit
def entry_term(
    p: Any, g: Layer, terms: Any, n: int, e: int, c: int, place: tuple[int, int], heap: bool
) -> None:
    """Write the term of dx[n, c, place] that an entry of dy makes, if they meet."""
    w, dy, taps, area = vector(p, 0), vector(p, 1), g.kh * g.kw, g.ho * g.wo
    o, position = e // area, e % area
    a = place[0] + g.top - position // g.wo * g.sh
    b = place[1] + g.left - position % g.wo * g.sw
    if not (0 <= a < g.kh and 0 <= b < g.kw):
        return
    tap = a * g.kw + b
    number = o % g.co * taps + (tap if p[call.BY_WEIGHT] else taps - 1 - tap)
    t = take_place(p, terms, 0, number, terms.a.size, heap)
    terms.a[t], terms.b[t] = dy[n * g.groups * g.co * area + e], w[(o * g.ci + c) * taps + tap]
    terms.kind[t] = PRODUCT


@njit
def input_element(
    p: Any, g: Layer, s: Lists, terms: Any, by_channel: bool, heap: bool, n: int, c: int,
    place: tuple[int, int],
) -> Any:  # fmt: skip
    """Return dx[n, c, place]; depthwise takes the entries of channel c alone."""
    area, outputs, own = g.ho * g.wo, g.groups * g.co, g.groups * g.co != g.co
    inner = 0 if own else c
    empty(terms, 0, terms.a.size)
    count, full, index = listed(s, n)
    if full:
        for o in range(c if own else 0, c + 1 if own else outputs):
            channel_terms(p, g, terms, n, o, inner, place, False)
        return ordered_sum(p, terms, 0, terms.a.size, ZERO, False)
    for t in range(count):
        e = survivor(index, t, full)
        if not 0 <= e < s.items or (own and (e if by_channel else e // area) != c):
            continue
        if by_channel:
            channel_terms(p, g, terms, n, e, inner, place, heap)
        else:
            entry_term(p, g, terms, n, e, inner, place, heap)
    return ordered_sum(p, terms, 0, terms.a.size, ZERO, False)


@njit
def products(g: Layer, s: Lists, by_channel: bool, c: int) -> int:
    """Count kh*kw for each survivor; depthwise: of channel c."""
    area, own, done = g.ho * g.wo, g.groups > 1, 0
    for n in range(g.batch):
        count, full, index = listed(s, n)
        for t in range(count):
            e = survivor(index, t, full)
            if 0 <= e < s.items and not (own and (e if by_channel else e // area) != c):
                for _ in range(area if by_channel else 1):
                    done += g.kh * g.kw
    return done


@njit
def input_grad(p: Any, kind: int, by_channel: bool, heap: bool, core: int, cores: int) -> None:
    """Compute dx and effort from w (tensor 0), dy (1), count (2) and index (3)."""
    g = layer(p, kind, 4, 0, 1, 6, 2)
    outputs, area, dx, effort = g.groups * g.co, g.ho * g.wo, vector(p, 4), integers(p, 5)
    terms = room(p, core, g.co * g.kh * g.kw)
    s = lists(p, 2, outputs if by_channel else outputs * area)
    begin, end = share(effort.size, core, cores)
    for c in range(begin, end):
        for n in range(g.batch):
            for k in range(g.h * g.w):
                place = (k // g.w, k % g.w)
                value = input_element(p, g, s, terms, by_channel, heap, n, c, place)
                dx[(n * effort.size + c) * g.h * g.w + k] = value
        effort[c] = products(g, s, by_channel, c)


@njit
def bias_grad(p: Any, by_channel: bool, heap: bool, core: int, cores: int) -> None:
    """Compute db (tensor 3) from dy (0), count (1) and index (2)."""
    batch, channels, dy, db = axis(p, 0, 0), axis(p, 0, 1), vector(p, 0), vector(p, 3)
    area = elements(p, 0) // (batch * channels)
    terms = room(p, core, batch * area)
    s = lists(p, 1, channels if by_channel else channels * area)
    begin, end = share(channels, core, cores)
    for o in range(begin, end):
        empty(terms, 0, batch * area)
        for n in range(batch):
            count, full, index = listed(s, n)
            for t in range(count):
                e = survivor(index, t, full)
                if not 0 <= e < s.items or (e if by_channel else e // area) != o:
                    continue
                first, last = (0, area) if by_channel else (e % area, e % area + 1)
                for k in range(first, last):
                    at = place_in_batch(p, terms, n, k, area, batch, heap)
                    terms.a[at], terms.kind[at] = dy[(n * channels + o) * area + k], VALUE
        db[o] = sum_of_samples(p, terms, area, batch)


@njit
def sampled(p: Any, core: int, cores: int) -> None:
    """Compute db (tensor 2) from dy (0) over the samples with trained (1)."""
    batch, channels, dy, db = axis(p, 0, 0), axis(p, 0, 1), vector(p, 0), vector(p, 2)
    area, trained = elements(p, 0) // (batch * channels), integers(p, 1)
    terms = room(p, core, batch * area)
    begin, end = share(channels, core, cores)
    for o in range(begin, end):
        empty(terms, 0, batch * area)
        for n in range(batch):
            for k in range(area if trained[n] else 0):
                at = n * area + k
                terms.a[at], terms.kind[at] = dy[(n * channels + o) * area + k], VALUE
        db[o] = sum_of_samples(p, terms, area, batch)


def gradient_words(shapes: Shapes, attrs: Mapping[str, Any]) -> int:
    """Words for a reduction over all axes of dy (tensor 1) but the channels."""
    dy = shapes[1] or (1, 1)
    return WORDS * math.prod(dy) // dy[1]


def bias_words(shapes: Shapes, attrs: Mapping[str, Any]) -> int:
    """Words for the same where dy is tensor 0."""
    dy = shapes[0] or (1, 1)
    return WORDS * math.prod(dy) // dy[1]


def input_words(shapes: Shapes, attrs: Mapping[str, Any]) -> int:
    """Words for a reduction over w (tensor 0) but the input channels; depthwise, a filter."""
    w = shapes[0] or ()
    return WORDS * (math.prod(w[1:]) if len(w) == 3 else math.prod(w) // w[1])

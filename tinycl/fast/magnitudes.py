"""Sums of magnitudes and of squares: each a chain from +0.0, eight of them side by side.

A chain waits for each addition, so rows are summed eight at a time; with fewer rows the last
one is summed again in their place, and only the rows of the group are written.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import ZERO, add, mac, read
from tinycl.fast.call import address, attribute, axis, elements, floats, share
from tinycl.fast.elements import part, under_contract

TOGETHER = 8


@njit(forceinline=True)
def _square(x: Any, total: Any, kind: int, flush: int) -> Any:
    return mac(x, x, total, kind, flush)


@njit(forceinline=True)
def _magnitude(x: Any, total: Any, kind: int, flush: int) -> Any:
    return add(abs(read(x, flush)), total, flush)


@njit(forceinline=True)
def _rows(grow: Any, source: int, y: int, rows: int, length: int, kind: int, flush: int) -> None:
    """Let y[r] = grow over the row's elements, from y[r] on; rows lie behind each other."""
    for first in range(0, rows, TOGETHER):
        here = min(TOGETHER, rows - first)
        out = floats(y + 4 * first, here)
        a = floats(source + 4 * first * length, length)
        b = floats(source + 4 * (first + min(1, here - 1)) * length, length)
        c = floats(source + 4 * (first + min(2, here - 1)) * length, length)
        d = floats(source + 4 * (first + min(3, here - 1)) * length, length)
        e = floats(source + 4 * (first + min(4, here - 1)) * length, length)
        f = floats(source + 4 * (first + min(5, here - 1)) * length, length)
        g = floats(source + 4 * (first + min(6, here - 1)) * length, length)
        h = floats(source + 4 * (first + min(7, here - 1)) * length, length)
        sa, sb, sc, sd = out[0], out[min(1, here - 1)], out[min(2, here - 1)], out[min(3, here - 1)]
        se, sf = out[min(4, here - 1)], out[min(5, here - 1)]
        sg, sh = out[min(6, here - 1)], out[min(7, here - 1)]
        for i in range(length):
            sa, sb = grow(a[i], sa, kind, flush), grow(b[i], sb, kind, flush)
            sc, sd = grow(c[i], sc, kind, flush), grow(d[i], sd, kind, flush)
            se, sf = grow(e[i], se, kind, flush), grow(f[i], sf, kind, flush)
            sg, sh = grow(g[i], sg, kind, flush), grow(h[i], sh, kind, flush)
        sums = (sa, sb, sc, sd, se, sf, sg, sh)
        for r in range(here):
            out[r] = sums[r]


@njit(forceinline=True)
def _magnitudes(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    y = part(p, 1, begin, count)
    if count == 0:
        return
    for r in range(count):
        y[r] = ZERO
    length = elements(p, 0) // elements(p, 1)
    source, target = address(p, 0) + 4 * begin * length, address(p, 1) + 4 * begin
    _rows(_magnitude, source, target, count, length, kind, flush)


def magnitude_sum(p: Any, core: int, cores: int) -> None:
    """Compute y (r,): each row's sum of |a|."""
    begin, end = share(elements(p, 1), core, cores)
    under_contract(_magnitudes, p, begin, end - begin)


def channel_magnitudes(p: Any, core: int, cores: int) -> None:
    """Compute a (n, c): each channel's sum of |dy| over its positions."""
    begin, end = share(elements(p, 1), core, cores)
    under_contract(_magnitudes, p, begin, end - begin)


@njit(forceinline=True)
def _entries(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    a, m = part(p, 1, begin, count), elements(p, 1)
    for i in range(count):
        a[i] = ZERO
    for n in range(axis(p, 0, 0)):
        dy = part(p, 0, n * m + begin, count)
        for i in range(count):
            a[i] = _magnitude(dy[i], a[i], kind, flush)


def entry_magnitudes(p: Any, core: int, cores: int) -> None:
    """Compute a (1, m): each entry's sum of |dy| over the samples."""
    begin, end = share(elements(p, 1), core, cores)
    under_contract(_entries, p, begin, end - begin)


@njit(forceinline=True)
def _squares(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    s, places = part(p, 1, begin, count), elements(p, 1)
    if count == 0:
        return
    inner = 1
    for k in range(attribute(p, 2, 0) + 1, p[call.HEADER + 2]):
        inner *= axis(p, 0, k)
    for i in range(count):
        s[i] = ZERO
    for outer in range(elements(p, 0) // (places * inner)):
        first = (outer * places + begin) * inner
        if inner == 1:
            w = part(p, 0, first, count)
            for i in range(count):
                s[i] = _square(w[i], s[i], kind, flush)
        else:
            source, target = address(p, 0) + 4 * first, address(p, 1) + 4 * begin
            _rows(_square, source, target, count, inner, kind, flush)


def axis_squares(p: Any, core: int, cores: int) -> None:
    """Compute s (1, d): the sum of squares at each place of an axis, the others in order."""
    begin, end = share(elements(p, 1), core, cores)
    under_contract(_squares, p, begin, end - begin)

"""Survivors as the kernels see them: walked as they are listed, or put into bins.

Lists ascend under ``selection_order=ascending``, so the order of the list is the order of the
terms in either case; where everything survives, the dense order takes its place. A count outside
its row and an index outside dy are trusted no further than that no other memory is touched.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import carray, njit

from tinycl.fast.call import address, axis, floats
from tinycl.fast.native import pointer


class Lists(NamedTuple):
    """Addresses of `count` and `index`: `rows` rows of `cap` survivors, of `items` there are."""

    counts: int
    places: int
    rows: int
    cap: int
    items: int


class Bins(NamedTuple):
    """Survivors by key: key k owns start[k] .. start[k+1]-1 of offsets and values (addresses)."""

    start: Any
    offsets: int
    values: int


@njit
def words(place: int, count: int) -> Any:
    """Return `count` int32 words at an address as an array."""
    return carray(pointer(place), (count,), np.int32)


@njit
def lists(p: Any, tensor: int, items: int) -> Lists:
    """Read the lists off the tensors `count` (number `tensor`) and `index`, the next one."""
    return Lists(
        address(p, tensor),
        address(p, tensor + 1),
        axis(p, tensor, 0),
        axis(p, tensor + 1, 1),
        items,
    )


@njit
def listed(s: Lists, n: int) -> tuple[int, bool, Any]:
    """Return a sample's number of survivors, whether that is all of them, and its list."""
    row = n if s.rows > 1 else 0
    count = max(0, min(words(s.counts, s.rows)[row], s.cap))
    return count, count == s.items, words(s.places + 4 * row * s.cap, s.cap)


@njit(inline="always")
def survivor(index: Any, t: int, full: bool) -> Any:
    """Return the entry or channel that comes as number t."""
    return t if full else np.int64(index[t])


@njit(inline="always")
def channel_of(entry: int, area: int, inverse: float) -> Any:
    """Return entry // area, by way of 1/area: the quotient is off by one at most."""
    c = np.int64(np.float64(entry) * inverse)
    if c * area > entry:
        return c - 1
    return c + 1 if (c + 1) * area <= entry else c


@njit
def set_effort(effort: int, begin: int, end: int, done: int) -> None:
    """Write what was done for each of the channels begin .. end-1."""
    counted = words(effort, end)
    for i in range(begin, end):
        counted[i] = done


def bin_words(keys: int, most: int) -> int:
    """Return the scratch words of bins for so many keys and survivors."""
    return keys + 2 + 2 * most


bin_size = njit(bin_words)


@njit
def _empty(keys: int, most: int, room: int) -> Bins:
    start = words(room, keys + 2)
    for k in range(keys + 2):
        start[k] = 0
    offsets = room + 4 * (keys + 2)
    return Bins(start, offsets, offsets + 4 * most)


@njit
def _begin(start: Any) -> None:
    """Turn numbers of survivors, that of key k at k + 2, into the bins' beginnings, at k + 1."""
    for k in range(2, start.size):
        start[k] += start[k - 1]


@njit
def run_end(index: Any, t: int, count: int, full: bool, o: int, area: int, by_channel: bool) -> int:
    """Return the first place behind t whose survivor is not of channel o, as that at t is."""
    if by_channel:
        return t + 1
    if full:
        return min(count, (o + 1) * area)
    t += 1
    while t < count and o * area <= index[t] < (o + 1) * area:
        t += 1
    return t


@njit
def bins_by_channel(
    s: Lists, first: int, end: int, c: int, places: Any, sample: int, dy: int, by_channel: bool,
    room: int,
) -> Bins:  # fmt: skip
    """Put the survivors of samples first .. end-1 into bins by channel, in order.

    places: for each position the offset of what it sees; sample: words from sample to sample.
    """
    area, inverse = places.size, 1.0 / places.size
    most = (end - first) * s.cap * (area if by_channel else 1)
    bins = _empty(c, most, room)
    start = bins.start
    offsets, values = words(bins.offsets, most), floats(bins.values, most)
    each = area if by_channel else 1
    for n in range(first, end):
        count, full, index = listed(s, n)
        t = 0
        while t < count:
            e = survivor(index, t, full)
            if not 0 <= e < s.items:
                t += 1
                continue
            o = e if by_channel else channel_of(e, area, inverse)
            here = run_end(index, t, count, full, o, area, by_channel)
            start[o + 2] += (here - t) * each
            t = here
    _begin(start)
    for n in range(first, end):
        count, full, index = listed(s, n)
        gradient, base, t = floats(dy + 4 * n * c * area, c * area), (n - first) * sample, 0
        while t < count:
            e = survivor(index, t, full)
            if not 0 <= e < s.items:
                t += 1
                continue
            o = e if by_channel else channel_of(e, area, inverse)
            here, at = run_end(index, t, count, full, o, area, by_channel), start[o + 1]
            for k in range((here - t) * each):
                position = k if by_channel else survivor(index, t + k, full) - o * area
                offsets[at + k] = base + places[position]
                values[at + k] = gradient[o * area + position]
            start[o + 1], t = at + (here - t) * each, here
    return bins


@njit
def bins_by_position(
    s: Lists, n: int, c: int, area: int, stride: int, dy: int, by_channel: bool, room: int
) -> Bins:
    """Put the survivors of sample n into bins by position, in order; channel o at o * stride."""
    inverse = 1.0 / area
    most = s.cap * (area if by_channel else 1)
    bins = _empty(area, most, room)
    start = bins.start
    offsets, values = words(bins.offsets, most), floats(bins.values, most)
    gradient = floats(dy + 4 * n * c * area, c * area)
    count, full, index = listed(s, n)
    for t in range(count):
        e = survivor(index, t, full)
        if 0 <= e < s.items:
            if by_channel:
                for k in range(area):
                    start[k + 2] += 1
            else:
                start[e - channel_of(e, area, inverse) * area + 2] += 1
    _begin(start)
    for t in range(count):
        e = survivor(index, t, full)
        if not 0 <= e < s.items:
            continue
        o = e if by_channel else channel_of(e, area, inverse)
        first, end = (0, area) if by_channel else (e - o * area, e - o * area + 1)
        for k in range(first, end):
            at = start[k + 1]
            offsets[at], values[at] = o * stride, gradient[o * area + k]
            start[k + 1] = at + 1
    return bins

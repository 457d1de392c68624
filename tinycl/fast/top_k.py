"""Top-k: the entries of largest magnitude of each row; a core takes whole rows.

Magnitudes become integers that compare as they do (+Inf below every NaN, all NaNs equal). In
ascending order the k-th largest is found by halving the range of integers and counting; in a long
row a sample first narrows that range, so that few entries are counted again. Masks of 64
comparisons then list the survivors. No step depends on the order of the entries or on chance.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from tinycl.fast import call
from tinycl.fast.call import address, axis, elements, integers, share
from tinycl.fast.masks import (
    GROUP,
    STEP,
    bits_set,
    count_at_least,
    lowest,
    mask_at_least,
    put_places,
)
from tinycl.fast.survivors import words

MAGNITUDE, NAN = np.int32(0x7FFFFFFF), np.int32(0x7F800001)  # every NaN has this key
ABOVE = 0x7F800002  # above every key
NORMAL = np.int32(0x00800000)
LONG, SAMPLE = 4096, 1024  # rows longer than this are sampled; entries of a sample


@njit
def put_keys(a: Any, flush: int, keys: Any) -> None:
    """Write the keys of a row; behind them -1, below every key."""
    for i in range(a.size):
        key = min(a[i] & MAGNITUDE, NAN)
        keys[i] = np.int32(0) if flush and key < NORMAL else key
    for i in range(a.size, keys.size):
        keys[i] = -1


@njit
def threshold(place: int, steps: int, k: int, low: int, high: int) -> int:
    """Return a bound that k of the keys reach, or the largest that more than k do.

    At least k keys reach `low`, fewer reach `high`.
    """
    while high - low > 1:
        middle = low + (high - low) // 2
        reached = count_at_least(place, steps, middle)
        if reached == k:
            return middle
        if reached > k:
            low = middle
        else:
            high = middle
    return low


@njit
def narrow(keys: Any, m: int, k: int, room: int) -> tuple[int, int]:
    """Return bounds between which a sample of the keys expects the k-th largest."""
    sample = words(room, SAMPLE)
    stride = m // SAMPLE
    for i in range(SAMPLE):
        sample[i] = keys[i * m // SAMPLE + i * 7919 % stride]
    share = k / m
    middle, margin = share * SAMPLE, 3 * math.sqrt(SAMPLE * share * (1 - share)) + 2
    fewer, more = np.int64(middle - margin), np.int64(middle + margin)
    low, high = 0, ABOVE
    if more < SAMPLE:
        low = threshold(room, SAMPLE // STEP, more, 0, ABOVE)
    if fewer > 0:
        high = threshold(room, SAMPLE // STEP, fewer, 0, ABOVE) + 1
    return low, high


@njit
def bound_of(keys: Any, place: int, m: int, k: int, room: int) -> int:
    """Return a bound that k keys reach, or the largest that more than k do."""
    steps = keys.size // STEP
    if m <= LONG:
        return threshold(place, steps, k, 0, ABOVE)
    low, high = narrow(keys, m, k, room)
    if count_at_least(place, steps, low) < k:
        low, high = 0, low
    above = count_at_least(place, steps, high)
    if above >= k:
        low, high, above = high, ABOVE, 0
    if high - low < 2:
        return low
    candidates, found = words(room, keys.size), 0
    for first in range(0, m, GROUP):
        at = place + 4 * first
        mask = mask_at_least(at, low) & ~mask_at_least(at, high)
        while mask != 0:
            candidates[found] = keys[first + lowest(mask)]
            found += 1
            mask &= mask - 1
    whole = -(-found // STEP) * STEP
    for i in range(found, whole):
        candidates[i] = -1
    return threshold(room, whole // STEP, k - above, low, high)


@njit
def list_reaching(place: int, m: int, bound: int, ties: int, target: int, k: int) -> None:
    """List the places of keys above `bound` and of the first `ties` that equal it: k in all.

    ties: -1 where all that reach the bound are listed. target: the address of the list.
    """
    index, found = words(target, k), 0
    for first in range(0, m, GROUP):
        at = place + 4 * first
        mask = mask_at_least(at, bound)
        if ties >= 0:
            above = mask_at_least(at, bound + 1)
            equal = mask & ~above
            mask = above
            while equal != 0 and ties > 0:
                mask |= equal & -equal
                equal &= equal - 1
                ties -= 1
        if found + GROUP <= k:
            for i in range(0, GROUP, 8):
                byte = mask >> i & 0xFF
                put_places(target + 4 * found, first + i, byte)
                found += bits_set(byte)
        else:
            while mask != 0:
                index[found] = first + lowest(mask)
                found += 1
                mask &= mask - 1


@njit
def select(keys: Any, place: int, m: int, k: int, target: int, room: int) -> None:
    """List the k largest keys by ascending place; of equal ones the first."""
    bound = bound_of(keys, place, m, k, room)
    steps = keys.size // STEP
    ties = -1  # all that reach the bound survive
    if count_at_least(place, steps, bound) > k:
        ties = k - count_at_least(place, steps, bound + 1)
    list_reaching(place, m, bound, ties, target, k)


@njit
def sift_down(heap: Any, keys: Any, size: int, position: int) -> None:
    """Move an entry down while its smaller child (the left one if equal) is strictly smaller."""
    entry = heap[position]
    key, child = keys[entry], 2 * position + 1
    while child < size:
        if child + 1 < size and keys[heap[child]] > keys[heap[child + 1]]:
            child += 1
        if not keys[heap[child]] < key:
            break
        heap[position], position = heap[child], child
        child = 2 * position + 1
    heap[position] = entry


@njit
def heap_select(keys: Any, m: int, k: int, heap: Any) -> None:
    """List what a min-heap over one pass leaves, in its order."""
    for i in range(k):
        heap[i] = i
    for position in range(k // 2, -1, -1):
        if position < k:
            sift_down(heap, keys, k, position)
    least = keys[heap[0]]
    for i in range(k, m):
        if keys[i] > least:
            heap[0] = i
            sift_down(heap, keys, k, 0)
            least = keys[heap[0]]


@njit
def rows(p: Any, heap: bool, core: int, cores: int) -> None:
    """Select in the core's rows of a (tensor 0); wanted is 1, count 2 and index 3."""
    many, cap = axis(p, 2, 0), axis(p, 3, 1)
    m = elements(p, 0) // many
    place = call.scratch(p, core)
    keys = words(place, padded(m))
    count = integers(p, 2)
    begin, end = share(many, core, cores)
    for r in range(begin, end):
        k = cap
        if address(p, 1):
            k = max(0, min(cap, np.int64(integers(p, 1)[r])))
        count[r] = k
        target = address(p, 3) + 4 * r * cap
        index = words(target, cap)
        if 0 < k < m:
            put_keys(words(address(p, 0) + 4 * r * m, m), p[call.FLUSH], keys)
            if heap:
                heap_select(keys, m, k, index)
            else:
                select(keys, place, m, k, target, place + 4 * keys.size)
        else:
            for i in range(k):
                index[i] = i
        for i in range(k, cap):
            index[i] = -1


def padded_words(m: int) -> int:
    """Return m rounded up to whole groups of masks."""
    return -(-m // GROUP) * GROUP


padded = njit(padded_words)


def top_k(p: Any, core: int, cores: int) -> None:
    """Compute count and index, survivors by ascending place."""
    rows(p, False, core, cores)


def heap_top_k(p: Any, core: int, cores: int) -> None:
    """Compute count and index as a min-heap leaves them."""
    rows(p, True, core, cores)


def top_k_scratch(shapes: Any, attrs: Any) -> int:
    """Words a core: keys, and candidates or a sample."""
    a = shapes[0]
    return 2 * padded_words(math.prod(a[1:]))


heap_top_k_scratch = top_k_scratch

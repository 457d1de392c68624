"""Top-k: the entries of largest magnitude, by integer comparison of their bits."""

import operator
from typing import Literal, SupportsIndex

import numpy as np
from numpy.typing import NDArray

Order = Literal["ascending", "heap"]

NAN = 0x7FC00000
INFINITY = 0x7F800000


def top_k(
    values: NDArray[np.float32], k: SupportsIndex, order: Order = "ascending"
) -> NDArray[np.int32]:
    """Select the `k` entries of largest magnitude.

    Magnitudes compare as the bits of |x|, so +0 equals -0; all NaNs are one value, above +Inf.

    Parameters
    ----------
    values : float32 array, shape (n,)
    k : int, 1 .. n
    order : {"ascending", "heap"}
        "ascending": of equal magnitudes the lower index survives; survivors by ascending index.

        "heap": what a min-heap over one pass leaves, in heap order. Indices 0 .. k-1 are heapified
        from position k >> 1 down to 0; each later entry replaces the root only if its magnitude is
        strictly larger. Under ties the surviving *set* can differ from "ascending": a later equal
        entry never replaces an earlier one, but when a larger entry arrives, the root goes,
        whichever of the equal ones it is. For [1, 1, 2] and k = 2 "ascending" keeps 0 and 2,
        "heap" keeps 1 and 2. The magnitudes kept are always the same.

        k = n gives 0 .. n-1 in both.

    Returns
    -------
    int32 array of indices, shape (k,)

    Raises
    ------
    TypeError
        If `values` is not float32 or `k` not an integer.
    ValueError
        If `values` is not 1-D, `k` is outside 1 .. n, or `order` is unknown.

    Source: the heap is that of the TinyProp authors' dense layers (Rueb et al. 2023), as described.
    """
    keys = magnitude_keys(values)
    if keys.ndim != 1:
        raise ValueError(f"values must be 1-D, got shape {keys.shape}")
    try:
        count = operator.index(k)
    except TypeError:
        raise TypeError(f"k must be an integer, got {k!r}") from None
    if not 1 <= count <= keys.size:
        raise ValueError(f"k must be in 1..{keys.size} (the number of values), got {count}")
    if order == "ascending":
        return _ascending(keys, count)
    if order == "heap":
        return _heap(keys, count)
    raise ValueError(f"order must be 'ascending' or 'heap', got {order!r}")


def magnitude_keys(values: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Integers that compare as the magnitudes do.

    Parameters
    ----------
    values : float32 array, any shape

    Returns
    -------
    uint32 array of the same shape
        The bits of |x|; 0x7fc00000 for every NaN.

    Raises
    ------
    TypeError
        If `values` is not float32.
    """
    values = np.asarray(values)
    if values.dtype != np.float32:
        raise TypeError(f"values must be float32, got {values.dtype}")
    keys = values.view(np.uint32) & np.uint32(0x7FFFFFFF)
    return np.where(keys > np.uint32(INFINITY), np.uint32(NAN), keys)


def _ascending(keys: NDArray[np.uint32], k: int) -> NDArray[np.int32]:
    """All entries above the k-th largest key, and the first of those equal to it."""
    threshold = np.partition(keys, keys.size - k)[keys.size - k]
    above = np.flatnonzero(keys > threshold)
    equal = np.flatnonzero(keys == threshold)[: k - above.size]
    return np.sort(np.concatenate((above, equal))).astype(np.int32)


def _heap(keys: NDArray[np.uint32], k: int) -> NDArray[np.int32]:
    """Min-heap of indices: the children of position p are 2p + 1 and 2p + 2."""
    key = keys.tolist()
    heap = list(range(k))
    if k < len(key):
        for position in range(k >> 1, -1, -1):
            _sift_down(heap, key, position)
        for i in range(k, len(key)):
            if key[i] > key[heap[0]]:
                heap[0] = i
                _sift_down(heap, key, 0)
    return np.array(heap, np.int32)


def _sift_down(heap: list[int], key: list[int], position: int) -> None:
    """Move an entry down while its smaller child (the left one if equal) is strictly smaller."""
    while (child := 2 * position + 1) < len(heap):
        right = child + 1
        if right < len(heap) and key[heap[child]] > key[heap[right]]:
            child = right
        if not key[heap[child]] < key[heap[position]]:
            return
        heap[position], heap[child] = heap[child], heap[position]
        position = child

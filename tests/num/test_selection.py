"""Top-k against definitions written independently, with ties, zeros and NaNs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinycl.num.selection import Order, top_k

# Few distinct bit patterns, so that ties are common: zeros, subnormals, ones, Inf and NaNs.
TIED = st.sampled_from(
    [0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x3F800000, 0xBF800000, 0x40000000]
    + [0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00001, 0x7F800001]
)
PATTERNS = st.lists(st.one_of(TIED, st.integers(0, 2**32 - 1)), min_size=1, max_size=40)
ORDERS: list[Order] = ["ascending", "heap"]


def floats(patterns: list[int]) -> np.ndarray:
    """Return the float32 values of bit patterns."""
    return np.array(patterns, np.uint32).view(np.float32)


def key(pattern: int) -> int:
    """Return what the magnitude of a bit pattern is compared by."""
    return min(pattern % 2**31, 0x7F800001)


def heap_order(keys: list[int], k: int) -> list[int]:
    """Return the authors' heap as (key, index) pairs, recursively, written from its description."""
    if k == len(keys):
        return list(range(k))
    pairs = [(keys[i], i) for i in range(k)]

    def settle(at: int) -> None:
        children = [c for c in (2 * at + 1, 2 * at + 2) if c < k]
        if not children:
            return
        smallest = min(children, key=lambda c: pairs[c][0])  # min keeps the first: the left child
        if pairs[smallest][0] < pairs[at][0]:
            pairs[smallest], pairs[at] = pairs[at], pairs[smallest]
            settle(smallest)

    for at in reversed(range(k // 2 + 1)):
        settle(at)
    for i, new in enumerate(keys[k:], k):
        if pairs[0][0] < new:
            pairs[0] = (new, i)
            settle(0)
    return [i for _, i in pairs]


@given(PATTERNS, st.data())
def test_ascending(patterns: list[int], data: st.DataObject) -> None:
    """Survivors are the first k by (larger magnitude, lower index), sorted by index."""
    k = data.draw(st.integers(1, len(patterns)))
    ranked = sorted(range(len(patterns)), key=lambda i: (-key(patterns[i]), i))
    chosen = top_k(floats(patterns), k)
    assert chosen.dtype == np.int32
    assert chosen.tolist() == sorted(ranked[:k])


@given(PATTERNS, st.data())
def test_heap(patterns: list[int], data: st.DataObject) -> None:
    """The heap leaves the order of the description, and the same magnitudes as `ascending`."""
    k = data.draw(st.integers(1, len(patterns)))
    chosen = top_k(floats(patterns), k, "heap")
    assert chosen.dtype == np.int32
    assert chosen.tolist() == heap_order([key(pattern) for pattern in patterns], k)
    kept = sorted(key(patterns[i]) for i in chosen.tolist())
    assert kept == sorted(key(patterns[i]) for i in top_k(floats(patterns), k).tolist())


@given(st.lists(st.integers(0, 0x7F800000), min_size=1, max_size=30, unique=True), st.data())
def test_same_set_without_ties(patterns: list[int], data: st.DataObject) -> None:
    """Where all magnitudes differ, the two orders keep the same set."""
    k = data.draw(st.integers(1, len(patterns)))
    values = floats(patterns)
    assert sorted(top_k(values, k, "heap").tolist()) == top_k(values, k).tolist()


@given(PATTERNS)
def test_ends(patterns: list[int]) -> None:
    """Check k = n, which keeps the order of the indices, and k = 1, the first maximum."""
    values, n = floats(patterns), len(patterns)
    keys = [key(pattern) for pattern in patterns]
    for order in ORDERS:
        assert top_k(values, n, order).tolist() == list(range(n))
        assert top_k(values, 1, order).tolist() == [keys.index(max(keys))]


@pytest.mark.parametrize(
    ("values", "k", "ascending", "heap"),
    [
        ([1, 1, 2], 2, [0, 2], [1, 2]),
        ([-5, 3, 4, 1, 2, 6], 3, [0, 2, 5], [2, 0, 5]),
        ([0, -0.0, 0, 0], 2, [0, 1], [0, 1]),
        ([np.nan, 1, -np.inf, -np.nan], 2, [0, 3], [3, 0]),
        ([9, 8, 7, 6, 5, 4], 5, [0, 1, 2, 3, 4], [4, 3, 2, 0, 1]),
    ],
)
def test_written_vectors(
    values: list[float], k: int, ascending: list[int], heap: list[int]
) -> None:
    """Small cases worked out by hand; in the first one the surviving sets differ."""
    array = np.array(values, np.float32)
    assert top_k(array, k).tolist() == ascending
    assert top_k(array, k, "heap").tolist() == heap


def test_bad_arguments() -> None:
    """Bad arguments are refused with what is allowed."""
    values = np.ones(3, np.float32)
    for k in (0, 4, -1):
        with pytest.raises(ValueError, match=r"k must be in 1\.\.3"):
            top_k(values, k)
    with pytest.raises(TypeError, match="k must be an integer"):
        top_k(values, 1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1-D"):
        top_k(values.reshape(1, 3), 1)
    with pytest.raises(TypeError, match="float32"):
        top_k(np.ones(3), 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'ascending' or 'heap'"):
        top_k(values, 1, "descending")  # type: ignore[arg-type]

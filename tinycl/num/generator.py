"""Philox4x32-10: random numbers addressed by (seed, stream, index).

A counter-based generator has no state: item i of a stream is a function of its address alone, so
it depends neither on the number of cores nor on the order in which items are asked for. Philox
encrypts a 128-bit counter with a 64-bit key; here

    key     = (seed low word, seed high word)
    counter = (block low word, block high word, stream low word, stream high word)

and word i of a stream is word i % 4 of block i // 4. The C twin is ``c_ref/src/philox.c``.

Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as
1, 2, 3", SC 2011.
"""

import operator
from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)  # golden ratio - 1 and sqrt(3) - 1, in 32 bits
ROUNDS = 10

_MASK = 0xFFFFFFFF
_HALF = np.uint64(32)


def words(
    seed: SupportsIndex, stream: SupportsIndex, start: SupportsIndex, count: SupportsIndex
) -> NDArray[np.uint32]:
    """Random 32-bit words `start` .. `start + count - 1` of a stream.

    Parameters
    ----------
    seed, stream : int, 0 .. 2^64 - 1
    start, count : int, not negative, start + count at most 2^64

    Returns
    -------
    uint32 array, shape (count,)

    Raises
    ------
    TypeError, ValueError
        If an argument is not an integer, or out of its range.
    """
    seed, stream = _integer("seed", seed, 0, 2**64 - 1), _integer("stream", stream, 0, 2**64 - 1)
    start = _integer("start", start, 0, 2**64)
    count = _integer("count", count, 0, 2**64 - start)
    if count == 0:
        return np.empty(0, np.uint32)
    first, last = start // 4, (start + count - 1) // 4
    block = np.uint64(first) + np.arange(last - first + 1, dtype=np.uint64)
    counter = np.empty((4, block.size), np.uint64)
    counter[0] = block & np.uint64(_MASK)
    counter[1] = block >> _HALF
    counter[2] = stream & _MASK
    counter[3] = stream >> 32
    out = philox(counter, (seed & _MASK, seed >> 32)).T.reshape(-1)  # (block, word) order
    return out[start % 4 : start % 4 + count].astype(np.uint32)


def uniform(
    seed: SupportsIndex, stream: SupportsIndex, start: SupportsIndex, count: SupportsIndex
) -> NDArray[np.float32]:
    """Uniform numbers in [0, 1): item i is (word i >> 8) * 2^-24, which is exact.

    Parameters
    ----------
    seed, stream, start, count : int
        As in `words`.

    Returns
    -------
    float32 array, shape (count,)

    Raises
    ------
    TypeError, ValueError
        As `words`.
    """
    top = words(seed, stream, start, count) >> np.uint32(8)
    return top.astype(np.float32) * np.float32(2**-24)


def integers(
    bound: SupportsIndex,
    seed: SupportsIndex,
    stream: SupportsIndex,
    start: SupportsIndex,
    count: SupportsIndex,
) -> NDArray[np.int64]:
    """Uniform integers in [0, bound).

    Item i takes words 2i (low) and 2i + 1 (high) as a 64-bit number u and is (u * bound) >> 64.
    Nothing is rejected, so an item is addressed by its index; the price is a bias: the probability
    of a value differs from 1/bound by less than 2^-64, that is by less than 2^-32 of itself.

    Parameters
    ----------
    bound : int, 1 .. 2^32 - 1
    seed, stream : int, 0 .. 2^64 - 1
    start, count : int, not negative, start + count at most 2^63

    Returns
    -------
    int64 array, shape (count,)

    Raises
    ------
    TypeError, ValueError
        If an argument is not an integer, or out of its range.
    """
    factor = np.uint64(_integer("bound", bound, 1, 2**32 - 1))
    start = _integer("start", start, 0, 2**63)
    count = _integer("count", count, 0, 2**63 - start)
    pairs = words(seed, stream, 2 * start, 2 * count).reshape(-1, 2).astype(np.uint64)
    return _scale(pairs, factor)


def draws(
    seed: SupportsIndex, stream: SupportsIndex, start: SupportsIndex, count: SupportsIndex
) -> list[int]:
    """Return the 64-bit numbers u of `integers`, for bounds of their own: (u * bound) >> 64.

    Parameters
    ----------
    seed, stream, start, count : int
        As in `integers`.

    Returns
    -------
    list of int

    Raises
    ------
    TypeError, ValueError
        As `integers`.
    """
    start = _integer("start", start, 0, 2**63)
    count = _integer("count", count, 0, 2**63 - start)
    pairs = words(seed, stream, 2 * start, 2 * count).tolist()
    return [low | high << 32 for low, high in zip(pairs[::2], pairs[1::2], strict=True)]


def permutation(n: SupportsIndex, seed: SupportsIndex, stream: SupportsIndex) -> NDArray[np.int32]:
    """Random permutation of 0 .. n-1, by the Fisher-Yates shuffle.

    From the identity, for i = n-1 down to 1: swap the entries at i and j, where j is item i of
    `integers` with bound i + 1.

    Parameters
    ----------
    n : int, 0 .. 2^31 - 1
    seed, stream : int, 0 .. 2^64 - 1

    Returns
    -------
    int32 array, shape (n,)

    Raises
    ------
    TypeError, ValueError
        If an argument is not an integer, or out of its range.

    Source: D. E. Knuth, "The Art of Computer Programming", volume 2, algorithm 3.4.2 P.
    """
    n = _integer("n", n, 0, 2**31 - 1)
    pairs = words(seed, stream, 0, 2 * n).reshape(n, 2).astype(np.uint64)
    partners = _scale(pairs, np.arange(1, n + 1, dtype=np.uint64)).tolist()
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = partners[i]
        order[i], order[j] = order[j], order[i]
    return np.array(order, np.int32)


def philox(counter: NDArray[np.uint64], key: tuple[int, int]) -> NDArray[np.uint64]:
    """Encrypt counter blocks, ten rounds.

    Parameters
    ----------
    counter : uint64 array, shape (4, blocks), each entry below 2^32
    key : two int below 2^32

    Returns
    -------
    uint64 array, shape (4, blocks), each entry below 2^32
    """
    mask = np.uint64(_MASK)
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(ROUNDS):
        even, odd = c0 * np.uint64(MULTIPLIERS[0]), c2 * np.uint64(MULTIPLIERS[1])
        c0, c1 = odd >> _HALF ^ c1 ^ np.uint64(k0), odd & mask
        c2, c3 = even >> _HALF ^ c3 ^ np.uint64(k1), even & mask
        k0, k1 = k0 + KEY_STEPS[0] & _MASK, k1 + KEY_STEPS[1] & _MASK
    return np.stack((c0, c1, c2, c3))


def _scale(pairs: NDArray[np.uint64], bound: np.uint64 | NDArray[np.uint64]) -> NDArray[np.int64]:
    """(u * bound) >> 64 for u = low + 2^32 high; pairs (count, 2) holds low and high."""
    low, high = pairs[:, 0], pairs[:, 1]
    return ((high * bound + (low * bound >> _HALF)) >> _HALF).astype(np.int64)


def _integer(name: str, value: SupportsIndex, least: int, most: int) -> int:
    """Check an argument: an integer of any type, in least .. most."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
    if not least <= number <= most:
        raise ValueError(f"{name} must be in {least}..{most}, got {number}")
    return number

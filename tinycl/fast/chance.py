"""Philox4x32-10 and what is made of its words: the twins of `tinycl.num.generator`.

Every number is a uint64 below 2^32, so that products keep their upper half. No contract matters.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tinycl.fast.call import address, attribute, integers, share
from tinycl.fast.native import to_bits
from tinycl.num import generator

MULTIPLIER_0, MULTIPLIER_1 = (np.uint64(m) for m in generator.MULTIPLIERS)
STEP_0, STEP_1 = (np.uint64(k) for k in generator.KEY_STEPS)
ROUNDS = generator.ROUNDS
MASK, HALF, BYTE = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(8)
ULP = np.float32(2.0**-24)


@njit
def philox(seed: Any, stream: Any, block: Any) -> Any:
    """Return the four words of a block."""
    c0, c1, c2, c3 = block & MASK, block >> HALF, stream & MASK, stream >> HALF
    k0, k1 = seed & MASK, seed >> HALF
    for _ in range(ROUNDS):
        even, odd = c0 * MULTIPLIER_0, c2 * MULTIPLIER_1
        c0, c1 = odd >> HALF ^ c1 ^ k0, odd & MASK
        c2, c3 = even >> HALF ^ c3 ^ k1, even & MASK
        k0, k1 = k0 + STEP_0 & MASK, k1 + STEP_1 & MASK
    return c0, c1, c2, c3


@njit
def stream_of(p: Any, turn: int, tensors: int, k: int) -> Any:
    """Return the stream: attribute k and, where the tensor `turn` is there, what it holds."""
    stream = np.uint64(attribute(p, tensors, k))
    if address(p, turn) != 0:
        stream += np.uint64(np.uint32(integers(p, turn)[0]))
    return stream


@njit
def fill(p: Any, core: int, cores: int, uniform: bool) -> None:
    """Write a core's share of a stream's words, or of their uniforms, as bit patterns."""
    out = integers(p, 1)
    begin, end = share(out.size, core, cores)
    seed, stream = np.uint64(attribute(p, 2, 0)), stream_of(p, 0, 2, 1)
    start = attribute(p, 2, 2)
    for block in range((start + begin) // 4, (start + end + 3) // 4):
        i = 4 * block - start
        for word in philox(seed, stream, np.uint64(block)):
            if begin <= i < end:
                if uniform:
                    out[i] = to_bits(np.float32(np.int64(word >> BYTE)) * ULP)
                else:
                    out[i] = np.int32(np.uint32(word))
            i += 1


def random_words(p: Any, core: int, cores: int) -> None:
    """Compute y = words start .. start+count-1 of a stream."""
    fill(p, core, cores, False)


def random_uniform(p: Any, core: int, cores: int) -> None:
    """Compute y = (word >> 8) * 2^-24 of the same words."""
    fill(p, core, cores, True)


@njit
def shuffle(p: Any, order: Any) -> None:
    """Fisher-Yates from the identity; item i takes words 2i (low) and 2i+1 (high)."""
    seed, stream = np.uint64(attribute(p, 2, 0)), stream_of(p, 0, 2, 1)
    for i in range(order.size):
        order[i] = i
    for i in range(order.size - 1, 0, -1):
        words = philox(seed, stream, np.uint64(i // 2))
        low, high = (words[2], words[3]) if i % 2 else (words[0], words[1])
        bound = np.uint64(i + 1)
        j = np.int64((high * bound + (low * bound >> HALF)) >> HALF)
        order[i], order[j] = order[j], order[i]


def random_permutation(p: Any, core: int, cores: int) -> None:
    """Compute y = a shuffle of 0 .. count-1: each swap needs the one before, so core 0 alone."""
    if core == 0:
        shuffle(p, integers(p, 1))


def next_turn(p: Any, core: int, cores: int) -> None:
    """Compute turn = turn + 1 modulo 2^32; it is input and output, tensors 0 and 1."""
    if core == 0:
        turn = integers(p, 1)
        turn[0] = np.int32(np.uint32(np.uint32(turn[0]) + np.uint32(1)))

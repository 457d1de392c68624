"""Tables of hard operands for single operators, after the patterns of Berkeley TestFloat.

The 52 values have interesting exponents and interesting fractions, and both signs; pairs are all
pairs; triples are drawn, and made so that a*b + c cancels or lies at a tie.
"""

from __future__ import annotations

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.values import from_bits
from tinycl.num import generator

MAGNITUDES = """
    00000000 00000001 00000002 00400000 007fffff
    00800000 00800001 00ffffff 01000000
    33800000 33800001 34000000 3eaaaaab 3f7fffff
    3f800000 3f800001 3fffffff 40490fdb
    4b000000 4b7fffff 4b800000 5f3504f3
    7f000000 7f7fffff 7f800000
"""  # zero, subnormals; smallest normals; half an ulp of 1 to 1; 1 to pi; 2^23; largest, Inf
NANS = [0x7FC00000, 0xFF812345]
PATTERNS = from_bits(
    [int(word, 16) | sign for word in MAGNITUDES.split() for sign in (0, 1 << 31)] + NANS
)


def pairs() -> tuple[Array, Array]:
    """Return all pairs of the patterns, two tensors of shape (52*52,)."""
    n = len(PATTERNS)
    return np.repeat(PATTERNS, n), np.tile(PATTERNS, n)


def triples(seed: int, count: int = 1000) -> tuple[Array, Array, Array]:
    """Return a, b, c of shape (4*count,): drawn, cancelling, near ties, with a tiny addend.

    In the second quarter c = -(a*b rounded), so that a fused a*b + c is the rounding error of the
    product and two roundings give zero. In the third and fourth a*b = 1 + 2^-23*k + a tie, exactly,
    and c decides which way the tie goes: far below one ulp, of both signs.
    """
    picks = generator.integers(len(PATTERNS), seed, 0, 0, 3 * count).reshape(3, count)
    drawn = PATTERNS[picks]
    fraction = (generator.words(seed, 1, 0, 2 * count) >> 9).astype(np.int64).reshape(2, count)
    exponent = generator.integers(60, seed, 2, 0, 2 * count).reshape(2, count) + 97
    a, b = from_bits((exponent << 23 | fraction).reshape(-1)).reshape(2, count)
    with np.errstate(all="ignore"):
        cancelling = (a, b, -(a * b))
    k = generator.integers(1 << 11, seed, 3, 0, 2 * count) * 2 + 1
    left = from_bits(127 << 23 | k << 11)  # 1 + k*2^-12, k odd
    right = from_bits(np.full(2 * count, 127 << 23 | 1 << 11))  # 1 + 2^-12
    tiny = generator.words(seed, 4, 0, 2 * count).astype(np.int64)
    third = from_bits((tiny & 1) << 31 | (1 + (tiny >> 1) % 100) << 23 | tiny >> 9)
    groups = (tuple(drawn), cancelling, (left, right, third))
    made = [np.concatenate(column).astype(np.float32) for column in zip(*groups, strict=True)]
    return made[0], made[1], made[2]

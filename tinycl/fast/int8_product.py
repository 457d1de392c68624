"""Products of bytes: out[i, j] = sum over t of (right[t, j] - zero) * left[i, t], scaled to bytes.

The columns of the right side are packed into panels of words, as wide as the register tile that
walks along them; weights are read where they lie, or packed once a core. What the zero of x
takes off is the same for all columns: it goes into the bias, zero * (the sum of the row's weights).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, njit

from tinycl.fast import call, native
from tinycl.fast.call import address, axis, integers, share
from tinycl.fast.int8_micro import (
    A_ROW,
    BIAS,
    C_ROW,
    MULTIPLIER,
    PLACES,
    SHIFT,
    TERMS,
    VALID,
    WORDS,
    ZERO,
    A,
    B,
    C,
)
from tinycl.fast.int8_vectors import GROUP, LANES, QUADS, bytes_at, widen
from tinycl.fast.machine import COLUMNS, LINE, LOW, ROWS, TILES, WIDTH
from tinycl.fast.native import pointer
from tinycl.fast.product import by_panels, first_row, heights

PANELS, ROOM = 12, 96 * 1024  # panels a block, at most, and words that they may take
TABLE = -(-2 * (WORDS + (PANELS + 1) * COLUMNS // WIDTH) // LINE) * LINE  # a tile's words; places
EDGE = TABLE + -(-ROWS * COLUMNS // 4 // LINE) * LINE  # bytes of a tile that does not fit
SHAPES = tuple((s.rows, s.vectors, s.columns) for s in TILES)


def words_of(terms: int) -> int:
    """Return how many words hold so many terms."""
    return -(-terms // GROUP)


def block_of(words: int) -> int:
    """Return how many panels of so many words a column are packed at once."""
    return max(1, min(PANELS, ROOM // (words * COLUMNS)))


_words_of, _block_of = njit(words_of), njit(block_of)


def byte_product_scratch(rows: int, terms: int) -> int:
    """Return the scratch words of a product: table and edge, biases, weights, panels."""
    words = words_of(terms)
    panels = block_of(words) * words * COLUMNS
    return EDGE + -(-rows // LINE) * LINE + rows * words + 3 * LINE + panels


@njit
def signed_at(place, count):
    """Return `count` signed bytes at an address as an array."""
    return carray(pointer(place), (count,), np.int8)


@njit
def pack_weights(source, begin, end, terms, words, to):
    """Pack rows begin .. end-1 of weights (rows, terms) into words, zeros behind the last term."""
    for i in range(begin, end):
        row, target = source + i * terms, to + 4 * i * words
        whole = 0
        if not QUADS:
            whole = terms - terms % LANES
            for t in range(0, whole, LANES):
                widen(row + t, target + 2 * t)
        weights = signed_at(row, terms)
        if QUADS:
            fields = signed_at(target, GROUP * words)
            for t in range(terms):
                fields[t] = weights[t]
            for t in range(terms, GROUP * words):
                fields[t] = 0
        else:
            halves = carray(pointer(target), (GROUP * words,), np.int16)
            for t in range(whole, terms):
                halves[t] = weights[t]
            for t in range(terms, GROUP * words):
                halves[t] = 0


@njit
def less_zero(source, bias, begin, end, terms, zero, to):
    """Put bias - zero * (the sum of the row's weights) there, modulo 2^32."""
    found = carray(pointer(to), (end,), np.int32)
    for i in range(begin, end):
        total = np.int32(0)
        if zero:
            weights = signed_at(source + i * terms, terms)
            for t in range(terms):
                total += np.int32(weights[t])
        found[i] = np.int32(np.int64(bias[i]) - np.int64(zero) * np.int64(total))


def make_byte_product(name: str, right: Any) -> Any:
    """Return the product whose right side a compiled function packs.

    Parameters
    ----------
    name : str
        Of the kernel.
    right : (p, j, wide, words, room, spare)
        Packs columns j .. j+wide-1, `words` words each. What it keeps from panel to panel lies
        behind `spare`, where a core finds -1 first.

    Returns
    -------
    function
        ``product(p, core, cores, terms)`` computes a core's share of y, tensor 6, from the weights,
        tensor 1, with `terms` terms a row.
    """

    @njit
    @native.named(name)
    def leave(p, source, row, column, valid, there, wide):
        """Copy what belongs to y from the edge."""
        channels, area = axis(p, 6, 1), axis(p, 6, 2) * axis(p, 6, 3)
        block = bytes_at(source, valid * wide)
        y = call.unsigned_bytes(p, 6)
        for j in range(there):
            n, place = (column + j) // area, (column + j) % area
            for i in range(valid):
                y[(n * channels + row + i) * area + place] = block[i * wide + j]

    @njit
    @native.named(name)
    def find(p, column, columns, known):
        """Note where the vectors of a panel lie in y, or -1 first if one of them is cut."""
        channels, area = axis(p, 6, 1), axis(p, 6, 2) * axis(p, 6, 3)
        for v in range(known.size):
            j = column + v * WIDTH
            whole = j + WIDTH <= columns and j % area + WIDTH <= area
            known[v] = (j // area) * channels * area + j % area if whole else -1
            if known[v] < 0:
                known[0] = -1

    @njit
    @native.named(name)
    def walk(p, core, cores, kind, begin, panels, columns, terms):
        tall, vectors, wide = SHAPES[kind]
        rows, words = axis(p, 6, 1), _words_of(terms)
        count, short = heights(rows, tall)
        i0, i1, j0, j1 = 0, count, 0, panels
        if by_panels(rows, count, panels, panels * wide, cores):
            j0, j1 = share(panels, core, cores)
        else:
            i0, i1 = share(count, core, cores)
        if i0 >= i1 or j0 >= j1:
            return
        begun = call.scratch(p, core)
        edge, biases = begun + 4 * TABLE, begun + 4 * EDGE
        packed = biases + 4 * ((rows + LINE - 1) // LINE * LINE)
        first = first_row(i0, count, short, tall)
        after = min(rows, first_row(i1, count, short, tall))
        less_zero(address(p, 1), integers(p, 2), first, after, terms, integers(p, 5)[0], biases)
        weights, room = address(p, 1), packed + 4 * (rows * words + LINE)
        if not (QUADS and terms % GROUP == 0):
            pack_weights(weights, first, after, terms, words, packed)
            weights = packed
        room = room // 64 * 64
        together = _block_of(words)
        spare = room + 4 * together * words * COLUMNS
        carray(pointer(spare), (1,), np.int64)[0] = -1
        word = carray(pointer(begun), (WORDS,), np.int64)
        places = carray(pointer(begun + 8 * WORDS), (PANELS + 1, vectors), np.int64)
        for v in range(vectors):
            places[PANELS, v] = v * WIDTH
        tile = carray(pointer(p[call.TILES]), (2 * len(SHAPES),), np.int64)
        area = axis(p, 6, 2) * axis(p, 6, 3)
        word[A_ROW], word[TERMS], word[ZERO] = 4 * words, words, integers(p, 5)[1]
        for block in range(j0, j1, together):
            stop = min(block + together, j1)
            for j in range(block, stop):
                right(p, begin + j * wide, wide, words, room + 4 * (j - block) * words * wide,
                      spare)  # fmt: skip
                find(p, begin + j * wide, columns, places[j - block])
            for i in range(i0, i1):
                row = first_row(i, count, short, tall)
                low = i >= count - short
                height = tall - LOW if low else tall
                valid = min(height, rows - row)
                word[A], word[VALID] = weights + 4 * row * words, valid
                word[BIAS], word[MULTIPLIER] = biases + 4 * row, address(p, 3) + 4 * row
                word[SHIFT] = address(p, 4) + 4 * row
                for j in range(block, stop):
                    word[B] = room + 4 * (j - block) * words * wide
                    whole = valid == height and places[j - block, 0] >= 0
                    if whole:
                        word[C], word[C_ROW] = address(p, 6) + row * area, area
                        word[PLACES] = begun + 8 * (WORDS + (j - block) * vectors)
                    else:
                        word[C], word[C_ROW] = edge, wide
                        word[PLACES] = begun + 8 * (WORDS + PANELS * vectors)
                    native.call(tile[2 * kind + low], begun, core, cores)
                    if not whole:
                        column = begin + j * wide
                        leave(p, edge, row, column, valid, min(wide, columns - column), wide)

    @njit
    @native.named(name)
    def product(p, core, cores, terms):
        columns, begin = axis(p, 6, 0) * axis(p, 6, 2) * axis(p, 6, 3), 0
        for kind in range(len(SHAPES)):
            _, vectors, wide = SHAPES[kind]
            spare = wide - WIDTH if vectors > 1 else 0  # columns that narrower panels do better
            panels = (columns - begin + wide - 1 - spare) // wide
            if panels > 0:
                walk(p, core, cores, kind, begin, panels, columns, terms)
                begin += panels * wide

    return product

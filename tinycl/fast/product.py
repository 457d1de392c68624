"""Products of matrices in order: out[i, j] = sum over t of left[i, t] * right[t, j].

The columns of the right side go by panels, as wide as the register tile that walks along them; both
sides are read where they lie, or packed by the caller's `left` and `right`. Blocks of terms go on
from the sums in `out`, which are float32 there as in a register, so cutting the terms into blocks
changes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, njit

from tinycl.fast import call, native
from tinycl.fast.call import floats, share
from tinycl.fast.descent import ask_for_state, update_rows
from tinycl.fast.machine import COLUMNS, FAR, LINE, LOW, ROWS, TILES, WIDTH
from tinycl.fast.micro import (
    A_ROW,
    A_TERM,
    B_TERM,
    BIAS,
    BIAS_FIRST,
    BIAS_LAST,
    C_ROW,
    FLAGS,
    GATE,
    LOAD,
    MASK,
    PLACES,
    RELU,
    RELU6,
    SGD,
    TERMS,
    VALID,
    WORDS,
    A,
    B,
    C,
)
from tinycl.fast.native import pointer
from tinycl.fast.pack import copy_words

DEPTH = 256 if COLUMNS <= 32 else 128  # terms a block: a packed panel stays in the nearest cache
DEEPEST = DEPTH * COLUMNS // WIDTH  # narrower panels are deeper
PANEL = DEPTH * COLUMNS  # words of a packed panel
PANELS = 12  # panels a block: they stay in the second-level cache
CHUNK = 4  # tiles whose rows `left` hands over at once, where it reads them in place
LEFT = 16 * DEEPEST * ROWS  # words of packed rows
LISTS = (PANELS + 1) * COLUMNS // WIDTH + 2 * PANELS  # places of vectors; panels and their steps
TABLE = -(-2 * (WORDS + LISTS) // LINE) * LINE  # and a tile's words
EDGE = TABLE + -(-2 * ROWS * COLUMNS // LINE) * LINE  # sums and gates of a tile that does not fit
LAST_ONLY = BIAS_LAST | RELU | RELU6 | MASK
SCRATCH = EDGE + PANEL * (PANELS + 1) + LEFT + COLUMNS  # a core
SHAPES = tuple((s.rows, s.vectors, s.columns) for s in TILES)


@njit
def heights(rows: int, tall: int) -> tuple[int, int]:
    """Return how many tiles cover the rows, and how many of them, all at the end, are short.

    Tiles of 6 and of 4 rows cover every even number from 4 on without a row too many.
    """
    count = (rows + tall - 1) // tall
    return count, min(count, (count * tall - rows) // LOW)


@njit
def first_row(tile: int, count: int, short: int, tall: int) -> int:
    """Return the row at which a tile begins."""
    return tile * tall - LOW * max(0, tile - (count - short))


@njit
def by_panels(rows: int, tiles: int, panels: int, columns: int, cores: int) -> bool:
    """Tell whether cores share the panels, or else the rows of tiles.

    What is not shared each core packs for itself, so the longer side is shared, if it can be
    shared evenly.
    """
    even = panels % cores == 0 or panels >= 4 * cores
    return panels >= tiles or (columns >= rows and even)


def make_product(
    name: str, left: Any, right: Any, place: Any, element: Any, packed: bool = False
) -> Any:
    """Return the product of the two sides that four compiled functions describe.

    They are bound here and not handed over in each call, because Numba keeps no code on disk that
    takes functions as values.

    Parameters
    ----------
    name : str
        Of the kernel.
    left : (p, i, count, t, depth, tall, full, room) -> (address, step, row stride, term stride)
        Rows i .. i+count-1, terms from t on: row i+k begins `k * step` words behind the address; a
        term stride of 0 stands for rows packed by `pack_left`, the first `full` in tiles of `tall`.
    right : (p, j, wide, t, depth, room, spare)
        -> (address, step): columns j .. j+wide-1, `step` words from term to term, in place or
        packed into room; `spare` is memory for a panel.
    place : (p, i, j, count) -> offset of out[i, j] if `count` columns lie side by side, else -1
    element : (p, i, j) -> offset of one output; the next row is `row_stride` further
    packed : bool
        `left` packs rows that lie across memory: many at once, so that it reads on and on.

    Returns
    -------
    function
        ``product(p, core, cores, rows, columns, terms, segment, row_stride, out, flags, bias)``
        computes a core's share. No block of terms crosses a multiple of `segment`.
    """
    walk = _make_walk(name, left, right, place, element, packed)

    @njit
    @native.named(name)
    def product(p, core, cores, rows, columns, terms, segment, row_stride, out, flags, bias):
        begin = 0
        for kind in range(len(SHAPES)):
            _, vectors, wide = SHAPES[kind]
            spare = wide - WIDTH if vectors > 1 else 0  # columns that narrower panels do better
            panels = (columns - begin + wide - 1 - spare) // wide
            if panels > 0:
                walk(p, core, cores, kind, rows, begin, panels, columns, terms, segment,
                     row_stride, out, flags, bias)  # fmt: skip
                begin += panels * wide

    return product


def _make_walk(name: str, left: Any, right: Any, place: Any, element: Any, all_packed: bool) -> Any:
    """Return the walk of one shape of tile along `panels` panels from column `begin` on."""

    @njit
    @native.named(name)
    def move(p, tensor, row, column, valid, there, row_stride, edge, wide, back):
        """Copy `valid` rows of `there` columns of a tensor to the edge, or back."""
        run = place(p, row, column, there)
        for i in range(valid if run >= 0 else 0):
            here, to = tensor + 4 * (run + i * row_stride), edge + 4 * i * wide
            if back:
                copy_words(to, here, there)
            else:
                copy_words(here, to, there)
        block = floats(edge, valid * wide)
        for j in range(0 if run >= 0 else there):
            at = tensor + 4 * element(p, row, column + j)
            for i in range(valid):
                one = floats(at + 4 * i * row_stride, 1)
                if back:
                    one[0] = block[i * wide + j]
                else:
                    block[i * wide + j] = one[0]

    @njit
    @native.named(name)
    def enter(p, word, row, column, valid, there, row_stride, out, gate):
        """Copy what a tile reads of the output and the gate to the edge."""
        wide = word[C_ROW]
        for source, flag, begin in ((out, LOAD, word[C]), (gate, MASK, word[GATE])):
            if word[FLAGS] & flag:
                move(p, source, row, column, valid, there, row_stride, begin, wide, False)

    @njit
    @native.named(name)
    def leave(p, word, row, column, valid, there, row_stride, out):
        """Copy what belongs to the output from the edge."""
        move(p, out, row, column, valid, there, row_stride, word[C], word[C_ROW], True)

    @njit
    @native.named(name)
    def find(p, column, columns, known):
        """Note where the vectors of a panel lie, or -1 first if one of them is cut."""
        for v in range(known.size):
            j = column + v * WIDTH
            known[v] = place(p, 0, j, WIDTH) if j + WIDTH <= columns else -1
            if known[v] < 0:
                known[0] = -1

    @njit
    @native.named(name)
    def walk(p, core, cores, kind, rows, begin, panels, columns, terms, segment, row_stride, out,
             flags, bias):  # fmt: skip
        tall, vectors, wide = SHAPES[kind]
        deep = DEPTH if all_packed else PANEL // wide
        together = LEFT // (deep * tall) if all_packed else CHUNK
        count, short = heights(rows, tall)
        i0, i1, j0, j1 = 0, count, 0, panels
        if by_panels(rows, count, panels, panels * wide, cores):
            j0, j1 = share(panels, core, cores)
        else:
            i0, i1 = share(count, core, cores)
        begun = call.scratch(p, core)
        edge = begun + 4 * TABLE
        packed = begun + 4 * EDGE
        room = packed + 4 * PANEL * PANELS
        word = carray(pointer(begun), (WORDS,), np.int64)
        places = carray(pointer(begun + 8 * WORDS), (PANELS + 1, vectors), np.int64)
        sides = carray(pointer(begun + 8 * (WORDS + places.size)), (PANELS, 2), np.int64)
        for v in range(vectors):
            places[PANELS, v] = v * WIDTH
        tile = carray(pointer(p[call.TILES]), (2 * len(SHAPES),), np.int64)
        top = first_row(i0, count, short, tall)
        gate, full_rows = p[call.GATE], (count - short) * tall
        for block in range(j0, j1, PANELS):
            stop = min(block + PANELS, j1)
            t = 0
            while i0 < i1 and (t < terms or t == 0):
                depth = min(deep, terms - t, segment - t % segment)
                for j in range(block, stop):
                    to, side = packed + 4 * (j - block) * PANEL, sides[j - block]
                    side[0], side[1] = right(p, begin + j * wide, wide, t, depth, to, room)
                    if t == 0:
                        find(p, begin + j * wide, columns, places[j - block])
                now = (flags & ~BIAS_FIRST) | LOAD if t else flags
                if t + depth < terms:
                    now &= ~LAST_ONLY
                word[TERMS], word[FLAGS] = depth, now
                ends = flags & SGD != 0 and t + depth == terms
                folded = ends and depth == terms and not flags & LOAD
                # A panel stays in the nearest cache where tiles go down; gates and weights that lie
                # far apart are found sooner where tiles go along a row.
                along = ends or (flags & MASK != 0 and row_stride >= FAR)
                for chunk in range(i0, i1, together):
                    first = first_row(chunk, count, short, tall)
                    after = min(rows, first_row(min(i1, chunk + together), count, short, tall))
                    full = max(0, min(after, full_rows) - first)
                    a0, step, a_row, a_term = left(
                        p, first, after - first, t, depth, tall, full, room
                    )
                    word[A_ROW] = a_row
                    tall_side, wide_side = min(i1, chunk + together) - chunk, stop - block
                    outer, inner = (tall_side, wide_side) if along else (wide_side, tall_side)
                    for u in range(outer):
                        for v in range(inner):
                            i, j = (chunk + u, block + v) if along else (chunk + v, block + u)
                            row, column = first_row(i, count, short, tall), begin + j * wide
                            low = i >= count - short
                            height = tall - LOW if low else tall
                            valid, there = min(height, rows - row), min(wide, columns - column)
                            to = out - 4 * (row - top) * row_stride if folded else out
                            word[A] = a0 + 4 * (row - first) * step
                            word[A_TERM] = a_term if a_term else height
                            word[VALID], word[BIAS] = valid, bias + 4 * row
                            word[B], word[B_TERM] = sides[j - block, 0], sides[j - block, 1]
                            if ends:
                                ask_for_state(
                                    p, row * row_stride + column, valid, there, row_stride
                                )
                            whole = valid == height and places[j - block, 0] >= 0
                            if whole:
                                word[C], word[C_ROW] = to + 4 * row * row_stride, row_stride
                                word[GATE] = gate + 4 * row * row_stride
                                word[PLACES] = begun + 8 * (WORDS + (j - block) * vectors)
                            else:
                                word[C], word[C_ROW] = edge, wide
                                word[GATE] = edge + 4 * tall * wide
                                word[PLACES] = begun + 8 * (WORDS + PANELS * vectors)
                                enter(p, word, row, column, valid, there, row_stride, to, gate)
                            native.call(tile[2 * kind + low], begun, core, cores)
                            if not whole:
                                leave(p, word, row, column, valid, there, row_stride, to)
                        if ends:
                            j = begin + block * wide
                            ready = min(columns, begin + stop * wide) - j
                            update_rows(p, to, row * row_stride + j, valid, ready, row_stride)
                t += depth
                if depth == 0:
                    break

    return walk

"""Products of matrices in order: out[i, j] = sum over t of left[i, t] * right[t, j].

The right side is packed into panels of COLUMNS values a term; the left side is read where it lies,
or packed by the caller's `left`. Blocks of terms go on from the sums in `out`, which are float32
there as in a register, so cutting the terms into blocks changes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, njit

from tinycl.fast import call
from tinycl.fast.call import floats, share
from tinycl.fast.machine import COLUMNS, ROWS, TILE, tile
from tinycl.fast.micro import BIAS_FIRST, BIAS_LAST, LOAD, MASK, RELU, RELU6, make_tile
from tinycl.fast.native import pointer

DEPTH = 256  # terms a block: a packed panel of 16 columns takes 16 KiB
PANELS = 12  # panels a block: they stay in the second-level cache
CHUNK = 8  # tiles whose rows `left` hands over at once
SHORT = ROWS - 2
EDGE = 2 * ROWS * COLUMNS + 2 * PANELS  # words: sums and gates of a tile that does not fit; places
LAST_ONLY = BIAS_LAST | RELU | RELU6 | MASK
WORDS = EDGE + DEPTH * COLUMNS * PANELS + DEPTH * ROWS * CHUNK + COLUMNS  # scratch of one core

short_tile = make_tile(SHORT, TILE.vectors, TILE.width)


@njit
def heights(rows: int) -> tuple[int, int]:
    """Return how many tiles cover the rows, and how many of them, all at the end, are short.

    Tiles of 6 and of 4 rows cover every even number from 4 on without a row too many.
    """
    tiles = (rows + ROWS - 1) // ROWS
    return tiles, min(tiles, (tiles * ROWS - rows) // 2)


@njit
def first_row(tile: int, tiles: int, short: int) -> int:
    """Return the row at which a tile begins."""
    return tile * ROWS - 2 * max(0, tile - (tiles - short))


def make_product(left: Any, right: Any, place: Any, element: Any) -> Any:
    """Return the product of the two sides that four compiled functions describe.

    They are bound here and not handed over in each call, because Numba keeps no code on disk that
    takes functions as values.

    Parameters
    ----------
    left : (p, i, count, t, depth, full, room) -> (address, step, row stride, term stride)
        Rows i .. i+count-1, terms from t on: row i+k begins `k * step` words behind the address; a
        term stride of 0 stands for rows packed by `pack_left`, the first `full` in full tiles.
    right : (p, j, t, depth, room, spare)
        Packs columns j .. j+COLUMNS-1; `spare` is memory for COLUMNS * DEPTH words.
    place : (p, i, j) -> offset of out[i, j] if the panel's columns lie side by side there, else -1
    element : (p, i, j) -> offset of one output; the next row is `row_stride` further

    Returns
    -------
    function
        ``product(p, core, cores, rows, columns, terms, segment, row_stride, out, flags, bias)``
        computes a core's share. No block of terms crosses a multiple of `segment`.
    """

    @njit
    def enter(p, row, column, valid, wide, row_stride, out, gate, flags, edge):
        """Copy what a tile reads of the output and the gate to scratch memory."""
        for source, flag, begin in ((out, LOAD, 0), (gate, MASK, ROWS * COLUMNS)):
            if flags & flag:
                block = floats(edge + 4 * begin, ROWS * COLUMNS)
                for j in range(wide):
                    at = source + 4 * element(p, row, column + j)
                    for i in range(valid):
                        block[i * COLUMNS + j] = floats(at + 4 * i * row_stride, 1)[0]

    @njit
    def leave(p, row, column, valid, wide, row_stride, out, edge):
        """Copy what belongs to the output out of scratch memory."""
        block = floats(edge, ROWS * COLUMNS)
        for j in range(wide):
            at = out + 4 * element(p, row, column + j)
            for i in range(valid):
                floats(at + 4 * i * row_stride, 1)[0] = block[i * COLUMNS + j]

    @njit
    def product(p, core, cores, rows, columns, terms, segment, row_stride, out, flags, bias):
        panels = (columns + COLUMNS - 1) // COLUMNS
        tiles, short = heights(rows)
        i0, i1, j0, j1 = 0, tiles, 0, panels
        if tiles > panels:
            i0, i1 = share(tiles, core, cores)
        else:
            j0, j1 = share(panels, core, cores)
        edge = call.scratch(p, core)
        packed = edge + 4 * EDGE
        places = carray(pointer(packed - 8 * PANELS), (PANELS,), np.int64)
        room = packed + 4 * DEPTH * COLUMNS * PANELS
        gate, full_rows = p[call.GATE], (tiles - short) * ROWS
        for block in range(j0, j1, PANELS):
            stop = min(block + PANELS, j1)
            t = 0
            while i0 < i1 and (t < terms or t == 0):
                depth = min(DEPTH, terms - t, segment - t % segment)
                for j in range(block, stop):
                    right(
                        p, j * COLUMNS, t, depth, packed + 4 * (j - block) * DEPTH * COLUMNS, room
                    )
                    places[j - block] = (
                        place(p, 0, j * COLUMNS) if (j + 1) * COLUMNS <= columns else -1
                    )
                now = (flags & ~BIAS_FIRST) | LOAD if t else flags
                if t + depth < terms:
                    now &= ~LAST_ONLY
                for chunk in range(i0, i1, CHUNK):
                    first = first_row(chunk, tiles, short)
                    after = min(rows, first_row(min(i1, chunk + CHUNK), tiles, short))
                    full = max(0, min(after, full_rows) - first)
                    a0, step, a_row, a_term = left(p, first, after - first, t, depth, full, room)
                    for i in range(chunk, min(i1, chunk + CHUNK)):
                        row = first_row(i, tiles, short)
                        height = ROWS if i < tiles - short else SHORT
                        valid = min(height, rows - row)
                        a = a0 + 4 * (row - first) * step
                        term = a_term if a_term else height
                        for j in range(block, stop):
                            column = j * COLUMNS
                            b = packed + 4 * (j - block) * DEPTH * COLUMNS
                            at = 4 * (places[j - block] + row * row_stride)
                            whole = valid == height and places[j - block] >= 0
                            c, c_row, mask = out + at, row_stride, gate + at
                            wide = COLUMNS
                            if not whole:
                                wide = min(COLUMNS, columns - column)
                                c, c_row, mask = edge, COLUMNS, edge + 4 * ROWS * COLUMNS
                                enter(p, row, column, valid, wide, row_stride, out, gate, now, edge)
                            if height == ROWS:
                                tile(
                                    a,
                                    a_row,
                                    term,
                                    valid,
                                    b,
                                    depth,
                                    c,
                                    c_row,
                                    now,
                                    bias + 4 * row,
                                    mask,
                                )
                            else:
                                short_tile(a, a_row, term, valid, b, depth, c, c_row, now,
                                           bias + 4 * row, mask)  # fmt: skip
                            if not whole:
                                leave(p, row, column, valid, wide, row_stride, out, edge)
                t += depth
                if depth == 0:
                    break

    return product

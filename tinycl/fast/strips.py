"""Rows of an image in scratch memory, eight channels a position.

Eight channels of an image lie `plane` bytes apart; in scratch they are the lanes of one vector.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tinycl.fast.call import floats
from tinycl.fast.copies import copy_vector
from tinycl.fast.vectors import (
    LANES,
    VECTOR,
    block_load,
    block_store,
    block_turn,
)

ZERO = np.float32(0)
EDGE = LANES * VECTOR  # bytes for a block that does not fit


@njit
def clear(room, vectors):
    """Write +0.0."""
    words = floats(room, vectors * LANES)
    for i in range(vectors * LANES):
        words[i] = ZERO


@njit
def corner(source, plane, valid, lanes, room):
    """Copy `lanes` words of `valid` channels to a block in memory."""
    block = floats(room, LANES * LANES)
    for c in range(valid):
        row = floats(source + c * plane, lanes)
        for k in range(lanes):
            block[c * LANES + k] = row[k]


@njit
def gather(source, plane, valid, count, room, step, edge):
    """Put `count` positions of eight channels, `plane` bytes apart, into room, `step` apart."""
    for k in range(0, count, LANES):
        at = max(0, min(k, count - LANES))
        if valid == LANES and count >= LANES:
            block_store(block_turn(block_load(source + 4 * at, plane)), room + at * step, step)
        else:
            lanes = min(LANES, count)
            corner(source + 4 * at, plane, valid, lanes, edge)
            block_store(block_turn(block_load(edge, VECTOR)), edge, VECTOR)
            for i in range(lanes):
                copy_vector(edge + i * VECTOR, room + (at + i) * step)


@njit
def fill(source, plane, valid, size, offset, spread, r0, r1, room, pitch, edge):
    """Put rows r0 .. r1-1 of the padded image into room.

    size (h, w): of the source; its element (i, j) is at offset + (i, j) * spread of the image.
    """
    (h, w), (top, left), (down, along) = size, offset, spread
    first = max(0, (r0 - top + down - 1) // down)
    last = min(h, max(0, (r1 - top + down - 1) // down))
    stage = edge + EDGE
    if w < LANES and first < last:
        gather(source + 4 * first * w, plane, valid, (last - first) * w, stage, VECTOR, edge)
    r = r0
    for i in range(first, last):
        row = top + i * down
        clear(room + (r - r0) * pitch, (row - r) * pitch // VECTOR)
        place = room + (row - r0) * pitch + left * VECTOR
        if w < LANES:
            for j in range(w):
                copy_vector(stage + j * VECTOR, place + j * along * VECTOR)
            stage += w * VECTOR
        else:
            gather(source + 4 * i * w, plane, valid, w, place, along * VECTOR, edge)
        r = row + 1
    clear(room + (r - r0) * pitch, (r1 - r) * pitch // VECTOR)


@njit
def move_up(room, begin, vectors):
    """Copy vectors from `begin` to the front of room."""
    for i in range(vectors):
        copy_vector(begin + i * VECTOR, room + i * VECTOR)

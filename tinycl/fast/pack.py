"""Packing the sides of a product: whole vectors where they fit, single words at the edges."""

from __future__ import annotations

import numpy as np
from numba import njit

from tinycl.fast.call import floats
from tinycl.fast.copies import copy_line, copy_vector
from tinycl.fast.machine import FAR, LINE, LOW
from tinycl.fast.vectors import LANES, VECTOR, block_load, block_store, block_turn

ZERO = np.float32(0)
FEW = 64  # rows of outputs that do not make good for a copy


@njit
def panel_of(source, j, wide, n, channels, area, t, depth, rows, room):
    """Return where a panel of x lies and its words from term to term: in place, or packed in room.

    As `copy_panel`; it has `rows` rows of outputs. Columns of one sample lie side by side.
    """
    sample, at = j // area, j % area
    if sample < n and at + wide <= area and (area < FAR or rows <= FEW):
        return source + 4 * ((sample * channels + t) * area + at), area
    copy_panel(source, j, wide, n, channels, area, t, depth, room)
    return room, wide


@njit
def copy_panel(source, j, wide, n, channels, area, t, depth, room):
    """Terms are channels of x (n, channels, area), `wide` columns are (n, position) from j on."""
    sample, at = j // area, j % area
    c = 0
    while c < wide:
        run = min(wide - c, area - at) if sample < n else wide - c
        start = source + 4 * ((sample * channels + t) * area + at)
        to = room + 4 * c
        if sample >= n:
            for k in range(depth):
                blank(to + 4 * k * wide, run)
        elif run % LINE == 0:
            for k in range(depth):
                for i in range(0, 4 * run, 4 * LINE):
                    copy_line(start + 4 * k * area + i, to + 4 * k * wide + i)
        elif run % LANES == 0:
            for k in range(depth):
                for i in range(0, 4 * run, VECTOR):
                    copy_vector(start + 4 * k * area + i, to + 4 * k * wide + i)
        else:
            for k in range(depth):
                copy_words(start + 4 * k * area, to + 4 * k * wide, run)
        c, sample, at = c + run, sample + 1, 0


@njit
def blank(to, count):
    """Write +0.0."""
    words = floats(to, count)
    for i in range(count):
        words[i] = ZERO


@njit
def copy_words(source, to, count):
    """Copy, word by word."""
    a, b = floats(source, count), floats(to, count)
    for i in range(count):
        b[i] = a[i]


@njit
def transpose_panel(source, j, wide, channels, area, t, depth, room):
    """Terms are (n, position) of x (n, channels, area), columns are channels from j on."""
    there = min(wide, channels - j)
    done = 0
    while done < depth:
        sample, at = (t + done) // area, (t + done) % area
        run = min(depth - done, area - at)
        x = source + 4 * ((sample * channels + j) * area + at)
        turn_rows(x, area, there, wide, run, room + 4 * done * wide)
        done += run


@njit
def turn_rows(source, stride, there, wide, run, room):
    """Put words 0 .. run-1 of `there` rows, `stride` words apart, into a panel, terms downwards."""
    whole = there - there % LANES if run >= LANES else 0
    for first in range(0, whole, LINE):
        for begin in range(0, run, LINE):  # whole lines of both sides, while they are near
            for c in range(first, min(whole, first + LINE), LANES):
                for k in range(begin, min(run, begin + LINE), LANES):
                    at = min(k, run - LANES)
                    block = block_turn(block_load(source + 4 * (c * stride + at), 4 * stride))
                    block_store(block, room + 4 * (at * wide + c), 4 * wide)
    packed = floats(room, run * wide)
    for c in range(whole, there):
        row = floats(source + 4 * c * stride, run)
        for k in range(run):
            packed[k * wide + c] = row[k]
    for c in range(there, wide):
        for k in range(run):
            packed[k * wide + c] = ZERO


@njit
def pack_left(source, stride, count, depth, tall, full, room):
    """Terms are rows `stride` words apart, `count` rows of the product are words side by side.

    A tile's rows lie side by side, term after term; the first `full` rows are in tiles of `tall`
    rows, the others in short ones. A copy is a vector wide and runs over into the next term, so the
    last term is copied word by word, after all.
    """
    for begin in range(0, depth - 1, LANES):
        end = min(depth - 1, begin + LANES)
        row = 0
        while row < count:
            height = tall if row < full else tall - LOW
            place, x = room + 4 * row * depth, source + 4 * row
            for k in range(begin, end):
                copy_vector(x + 4 * k * stride, place + 4 * k * height)
            row += height
    last = floats(source + 4 * (depth - 1) * stride, count)
    row = 0
    while row < count:
        height = tall if row < full else tall - LOW
        for i in range(min(height, count - row)):
            floats(room + 4 * (row * depth + (depth - 1) * height + i), 1)[0] = last[row + i]
        row += height


@njit
def copy_rows(source, channels, area, count, t, depth, room):
    """Rows are channels of dy (n, channels, area), terms are (n, position): row after row."""
    done = 0
    while done < depth:
        sample, at = (t + done) // area, (t + done) % area
        run = min(depth - done, area - at)
        for r in range(count):
            row = source + 4 * ((sample * channels + r) * area + at)
            copy_words(row, room + 4 * (r * depth + done), run)
        done += run

"""Correlation of each channel with its own filter: outputs in a row are the lanes of a vector.

A channel's image is brought into planes (`planes`) or read where it lies; then output f = y * pitch
+ x takes each of its taps from f + a distance, so that neighbouring outputs take neighbouring
inputs, whatever the length of a row. Each lane is one output element with one accumulator.
"""

from __future__ import annotations

import numpy as np
from numba import carray, njit

from tinycl.fast import call
from tinycl.fast.call import floats, share
from tinycl.fast.flat import (
    BYTES,
    MANY,
    add,
    load_many,
    load_one,
    load_part,
    mask,
    rectify,
    spread_many,
    spread_nine,
    spread_one,
    store,
    store_part,
)
from tinycl.fast.flat_taps import grow_fma, grow_mul_add, nine_many, nine_one, nine_rows
from tinycl.fast.machine import LINE, WIDTH
from tinycl.fast.micro import BIAS_FIRST, BIAS_LAST, MASK, RELU, RELU6, TWO_ROUNDINGS
from tinycl.fast.native import pointer
from tinycl.fast.planes import EDGE, clear, copy_flat, fill, layout_of

ZERO, SIX, INFINITE = np.float32(0), np.float32(6), np.float32(np.inf)
FORWARD, BY_OUTPUT, BY_WEIGHT = range(3)
TAIL = MANY * WIDTH  # words that may be read behind the last row
_layout = njit(layout_of)


@njit(forceinline=True)
def _end(block, flags, bias):
    """Add the bias and rectify, as the flags say."""
    if flags & BIAS_LAST:
        block = add(block, bias)
    if flags & (RELU | RELU6):
        block = rectify(block, INFINITE if flags & RELU else SIX)
    return block


@njit
def _nine(see, rows, columns, closed, count, pitch, images, filters, flags, put):
    """Compute `count` outputs of each image, rows without padding between them.

    see: address of the first image's inputs, and the step to the next one's; rows, columns: what
    the taps add, in the order of the terms; closed: addresses of the masks of the first and the
    last column of taps; filters, put: as `_filter` and `_next` take them.
    """
    image, next_image = see
    (first, last), end, row = closed, 4 * count, 4 * pitch
    hop, step = MANY * BYTES % row, BYTES % row
    same, left, right = step == 0, load_one(first, 0), load_one(last, 0)
    w, bias, c, channel = filters[0], filters[4], filters[5], filters[6]
    target, gate, next_target = put
    for _ in range(images):
        nine = spread_nine(w + 4 * filters[3] * channel + filters[1], filters[2])
        word = floats(bias, c)[channel] if bias else ZERO
        start = word if flags & BIAS_FIRST else ZERO
        taps = (image + rows[0], image + rows[1], image + rows[2])
        at, x = 0, 0
        while at + MANY * BYTES <= end:
            sums = spread_many(start)
            if same:
                sums = nine_many(sums, nine, taps, columns, at, left, right)
            else:
                sums = nine_many(sums, nine, taps, columns, at, load_many(first + x, BYTES),
                                 load_many(last + x, BYTES))  # fmt: skip
                x = x + hop if x + hop < row else x + hop - row
            sums = _end(sums, flags, word)
            if flags & MASK:
                sums = mask(sums, load_many(gate + at, BYTES))
            store(sums, target + at, BYTES)
            at += MANY * BYTES
        while at < end:
            one = nine_one(spread_one(start), nine, taps, columns, at, load_one(first + x, 0),
                           load_one(last + x, 0))  # fmt: skip
            one = _end(one, flags, word)
            words = (end - at) // 4
            if flags & MASK:
                one = mask(one, load_part(gate + at, words))
            store_part(one, target + at, words)
            at += BYTES
            x = x + step if x + step < row else x + step - row
        image, target, gate = image + next_image, target + next_target, gate + next_target
        channel = channel + 1 if channel + 1 < c else 0


@njit
def _nine_rows(see, row, down, columns, closed, count, pitch, images, filters, flags, put):
    """Compute `count` rows, MANY at a time, of whole vectors: each row seen serves three.

    row: what the first tap adds to the address of the inputs; down: bytes from one row of taps to
    the next.
    """
    image, next_image = see
    first, last = closed
    w, bias, c, channel = filters[0], filters[4], filters[5], filters[6]
    target, gate, next_target = put
    for _ in range(images):
        nine = spread_nine(w + 4 * filters[3] * channel + filters[1], filters[2])
        word = floats(bias, c)[channel] if bias else ZERO
        start = word if flags & BIAS_FIRST else ZERO
        for y in range(0, count, MANY):
            from_row = 4 * pitch * (y if down > 0 else y + MANY - 1)
            for at in range(0, 4 * pitch, BYTES):
                place = from_row + at
                sums = nine_rows(spread_many(start), nine, image + row + place, down, columns,
                                 load_one(first + at, 0), load_one(last + at, 0))  # fmt: skip
                sums = _end(sums, flags, word)
                if flags & MASK:
                    sums = mask(sums, load_many(gate + place, down))
                store(sums, target + place, down)
        image, target, gate = image + next_image, target + next_target, gate + next_target
        channel = channel + 1 if channel + 1 < c else 0


@njit
def _taps(room, offsets, terms, rows, wo, pitch, weights, flags, bias, result, target, gate):
    """Compute rows of outputs by any number of taps; what lies between rows is dropped."""
    weight, step = weights
    start = bias if flags & BIAS_FIRST else ZERO
    for at in range(0, 4 * ((rows - 1) * pitch + wo), MANY * BYTES):
        sums = spread_many(start)
        if flags & TWO_ROUNDINGS:
            for t in range(terms):
                sums = grow_mul_add(sums, room + at + offsets[t], weight + t * step)
        else:
            for t in range(terms):
                sums = grow_fma(sums, room + at + offsets[t], weight + t * step)
        store(_end(sums, flags, bias), result + at, BYTES)
    for y in range(rows):
        row, place = result + 4 * y * pitch, 4 * y * wo
        if flags & MASK:
            found, kept, out = floats(row, wo), floats(gate + place, wo), floats(target + place, wo)
            for x in range(wo):
                out[x] = found[x] if kept[x] > ZERO else ZERO
        else:
            copy_flat(row, target + place, wo)


@njit
def _close(room, shift, pitch):
    """Write where a column of taps, `shift` from the output's, lies inside a row."""
    words = carray(pointer(room), (pitch + TAIL,), np.int32)
    x = 0
    for i in range(pitch + TAIL):
        words[i] = 1 if 0 <= x + shift < pitch else 0
        x = 0 if x + 1 == pitch else x + 1


@njit
def correlate(p, core, cores, source, w, bias, target, batch, c, size, out, kernel, stride, origin,
              offset, spread, backwards):  # fmt: skip
    """Let out[n, c, y, x] sum image[n, c, y*stride + origin + i, ...] * w[c, i, j] over taps.

    The image has element (i, j) of the source at offset + (i, j) * spread, else +0.0. backwards:
    BY_OUTPUT for weights descending, BY_WEIGHT for positions descending.
    """
    (h, wide), (ho, wo), (kh, kw), (sy, sx) = size, out, kernel, stride
    flags, gate, terms = p[call.FUSED], p[call.GATE], kh * kw
    masked, lies, pitch, left, begin, plane, strip, slot, many = _layout(
        size, out, kernel, stride, origin, offset, spread, flags & TWO_ROUNDINGS
    )
    offsets = carray(pointer(call.scratch(p, core)), (terms,), np.int64)
    masks = call.scratch(p, core) + 8 * terms
    result = masks + 8 * (pitch + TAIL)
    room = (result + 4 * (strip * pitch + TAIL + LINE - 1)) // (4 * LINE) * (4 * LINE)
    for t in range(terms):
        tap = terms - 1 - t if backwards == BY_WEIGHT else t
        i, column = tap // kw, begin + tap % kw
        offsets[t] = 4 * ((i % sy * sx + column % sx) * plane + i // sy * pitch + column // sx)
    rows, columns, closed, down = (0, 0, 0), (0, 0, 0), (masks, masks + 4 * (pitch + TAIL)), 0
    if masked:
        a, b = (2, 0) if backwards == BY_WEIGHT else (0, 2)
        columns = (offsets[0] - offsets[1], 0, offsets[2] - offsets[1])
        rows = (offsets[1], offsets[4], offsets[7])
        down = rows[1] - rows[0]
        _close(closed[0], (begin + a) // sx, pitch)
        _close(closed[1], (begin + b) // sx, pitch)
    shared = masked and sy == 1 and sx == 1 and pitch % WIDTH == 0 and pitch > WIDTH
    step, weight = 4, 0
    if backwards == BY_OUTPUT:
        step, weight = -4, 4 * (terms - 1)
    at, end = share(batch * c * ho, core, cores)
    known = (-1, -1)
    while at < end:
        which, y = at // ho, at % ho
        images = max(1, min(many, (end - at) // ho)) if y == 0 else 1
        y1 = min(ho, y + end - at)
        at += images * (y1 - y)
        while y < y1:
            count = min(strip, y1 - y)
            direct = False
            if lies:
                direct = y >= EDGE and y < ho - EDGE
                count = min(y1, ho - EDGE if direct else (EDGE if y < EDGE else ho)) - y
            r0 = y * sy + origin[0]
            if not direct:
                if known != (y, count):
                    clear(room, many * slot)
                    known = (y, count)
                r1 = r0 + (count - 1) * sy + kh
                fill(source + 4 * which * h * wide, images, size, offset[0], left, spread, stride,
                     r0, r1, room + 4 * LINE, slot, pitch, plane)  # fmt: skip
            see = (room + 4 * LINE, 4 * slot)
            if direct:
                see = (source + 4 * (which * h + y - 1) * wide, 4 * h * wide)
            place = 4 * (which * ho + y) * wo
            filters = (w, weight, step, terms, bias, c, which % c)
            if masked:
                done = count - count % MANY if shared else 0
                put = (target + place, gate + place, 4 * ho * wo)
                if done:
                    _nine_rows(see, rows[0], down, columns, closed, done, pitch, images, filters,
                               flags, put)  # fmt: skip
                if done < count:
                    there = 4 * done * wo
                    put = (put[0] + there, put[1] + there, put[2])
                    _nine((see[0] + there, see[1]), rows, columns, closed, (count - done) * wo,
                          pitch, images, filters, flags, put)  # fmt: skip
            else:
                for k in range(images):
                    channel, on = (which + k) % c, place + 4 * k * ho * wo
                    word = floats(bias, c)[channel] if bias else ZERO
                    _taps(see[0] + k * see[1], offsets, terms, count, wo, pitch,
                          (w + 4 * channel * terms + weight, step), flags, word, result,
                          target + on, gate + on)  # fmt: skip
            y += count


def correlate_words(size, out, kernel, stride, origin, offset, spread):
    """Return the words of scratch memory that a core needs."""
    words = 0
    for plain in (False, True):
        _, _, pitch, _, _, _, strip, slot, many = layout_of(
            size, out, kernel, stride, origin, offset, spread, plain
        )
        tables = 2 * kernel[0] * kernel[1] + 2 * (pitch + TAIL)
        words = max(words, tables + strip * pitch + TAIL + LINE + many * slot + LINE + TAIL)
    return words

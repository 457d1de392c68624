"""One channel's image in scratch memory, laid out so that a tap sees neighbours side by side.

A strided window takes every second column: columns go to one plane for each remainder of their
number, and rows likewise, so that what a tap sees is again a plane's row from some column on. Rows
above and below the image, and places between the elements of a strided gradient, are +0.0. Where
that is all (`masked`), a plane's rows are as long as a row of outputs, without padding between
them; other shapes have the padding of a row in the planes too.
"""

from __future__ import annotations

from numba import njit

from tinycl.fast.call import floats
from tinycl.fast.copies import apart_8, copy_apart, deal_8, deal_32, deal_rows_8, deal_rows_16
from tinycl.fast.flat import BYTES, MANY, load_many, load_one, store
from tinycl.fast.machine import LINE, WIDTH
from tinycl.fast.vectors import LANES

ROOM = 6 * 1024  # words of planes that stay in the first-level cache
GROUP, GROUP_ROOM = 32, 4 * 1024  # images brought in before the first of them is read, their words
WIDE = 2048  # elements of an image that is rather read where it lies
EDGE = 4  # rows of outputs that a strip has at least, if there are so many


def layout_of(size, out, kernel, stride, origin, offset, spread, plain):
    """Return (masked, lies, pitch, left, begin, plane, strip, slot, many).

    Parameters
    ----------
    size, out, kernel, stride : (int, int)
        Of the source, the outputs, the filter; outputs step by `stride` over the image.
    origin, offset, spread : (int, int)
        The first tap of output (0, 0) sees (origin) of the image, whose element
        ``offset + (i, j) * spread`` is element (i, j) of the source.
    plain : int
        Whether masks must not be used.

    Returns
    -------
    masked : bool
        Whether rows have no padding.
    lies : bool
        Whether strips inside the image can be read where they lie; planes are for its edges.
    pitch : int
        Words of a row of a plane.
    left, begin : int
        The first column of the source, and the column that the first tap of output 0 sees, before
        they are dealt out to planes.
    plane, strip, slot, many : int
        Words of a plane, rows of outputs, words of all planes and a line in front, and of how many
        images there are planes.
    """
    (sy, sx), (kh, kw), (ho, wo) = stride, kernel, out
    span = (size[1] - 1) * spread[1] + 1
    begin, left = origin[1] - offset[1], 0
    middle = 0 <= begin + 1 < sx and begin >= -1
    masked = kh == 3 and kw == 3 and sx <= 2 and middle and not plain
    masked = masked and (span + sx - 1) // sx <= wo
    pitch = wo
    if not masked:
        begin, left = origin[1], offset[1]
        pitch = (max(left + span, begin + (wo - 1) * sx + kw) + sx - 1) // sx
    lies = masked and size == out and sy == 1 and sx == 1 and spread[0] == 1 and spread[1] == 1
    lies = lies and origin[0] - offset[0] == -1 and wo >= LINE and ho >= 4 * EDGE
    lies = lies and ho * wo >= WIDE
    deep = (kh + sy - 1) // sy
    fit = max(EDGE, ROOM // (pitch * sy * sx) - deep + 1)
    strips = (ho + fit - 1) // fit
    strip = (ho + strips - 1) // strips
    strip = EDGE if lies else min(ho, max(EDGE, strip))
    plane = ((strip - 1 + deep) * pitch + LANES + LINE - 1) // LINE * LINE
    slot = LINE + sy * sx * plane
    many = max(1, min(GROUP, GROUP_ROOM // slot)) if strip == ho else 1
    return masked, lies, pitch, left, begin, plane, strip, slot, many


@njit
def clear(room, count):
    """Write +0.0."""
    words = floats(room, count)
    for i in range(count):
        words[i] = 0


@njit(forceinline=True)
def copy_flat(source, to, count):
    """Copy words, a vector at a time; the last one may take some again."""
    at, end = 0, 4 * count
    while at + MANY * BYTES <= end:
        store(load_many(source + at, BYTES), to + at, BYTES)
        at += MANY * BYTES
    while at + BYTES <= end:
        store(load_one(source + at, BYTES), to + at, BYTES)
        at += BYTES
    if at < end:
        if count >= WIDTH:
            store(load_one(source + end - BYTES, BYTES), to + end - BYTES, BYTES)
        else:
            a, b = floats(source, count), floats(to, count)
            for i in range(count):
                b[i] = a[i]


@njit(forceinline=True)
def _deal(source, w, even, odd):
    """Put every second element to `even`, the others to `odd`."""
    j = 0
    while j + 32 <= w:
        deal_32(source + 4 * j, (even + 2 * j, odd + 2 * j))
        j += 32
    while j + 8 <= w:
        deal_8(source + 4 * j, (even + 2 * j, odd + 2 * j))
        j += 8
    if w >= 8 and j < w:  # some again, from an even column on
        j = (w - 8) & ~1
        deal_8(source + 4 * j, (even + 2 * j, odd + 2 * j))
        j += 8
    row, a, b = floats(source, w), floats(even, w), floats(odd, w)
    while j < w:
        if j & 1:
            b[j >> 1] = row[j]
        else:
            a[j >> 1] = row[j]
        j += 1


@njit(forceinline=True)
def _apart(source, w, to):
    """Put elements to every second place; a zero may follow the last."""
    j = 0
    while j + 8 <= w:
        apart_8(source + 4 * j, (to + 8 * j,))
        j += 8
    if j + 4 <= w:
        copy_apart(source + 4 * j, to + 8 * j)
        j += 4
    if w >= 4 and j < w:
        copy_apart(source + 4 * (w - 4), to + 8 * (w - 4))
        j = w
    row, places = floats(source, w), floats(to, 2 * w)
    while j < w:
        places[2 * j] = row[j]
        j += 1


@njit(forceinline=True)
def _scatter(source, w, left, along, sx, plane, to):
    """Put elements to columns `along` apart, dealt out to sx planes."""
    row, planes = floats(source, w), floats(to, sx * plane)
    for j in range(w):
        column = left + j * along
        planes[column % sx * plane + column // sx] = row[j]


@njit
def fill(source, images, size, top, left, spread, stride, r0, r1, room, slot, pitch, plane):
    """Put rows r0 .. r1-1 of the padded images into planes; what is +0.0 is not written.

    Images lie side by side in the source, their planes `slot` words apart.
    """
    (h, w), (down, along), (sy, sx) = size, spread, stride
    first = max(0, (r0 - top + down - 1) // down)
    last = min(h, max(0, (r1 - top + down - 1) // down))
    r = top + first * down - r0
    above, over = r // sy, r % sy
    together = sy == 1 and sx == 1 and down == 1 and along == 1 and w == pitch
    short = sy == 2 and sx == 2 and down == 1 and along == 1 and left == 0
    short = short and (w == 8 or w == 16) and pitch == w // 2
    even = 4 * (left % 2 * plane + left // 2)
    odd = 4 * ((left + 1) % 2 * plane + (left + 1) // 2)
    for k in range(images):
        image, planes = source + 4 * (k * h + first) * w, room + 4 * k * slot
        if together:
            copy_flat(image, planes + 4 * r * pitch, (last - first) * w)
            continue
        y, part, end = above, over, image + 4 * (last - first) * w
        if short:
            # the planes of the first row, then those of the second
            one = planes + 4 * (part * 2 * plane + y * pitch)
            two = planes + 4 * ((1 - part) * 2 * plane + (y + part) * pitch)
            while image + 4 * 32 <= end:
                places = (one, one + 4 * plane, two, two + 4 * plane)
                if w == 8:
                    deal_rows_8(image, places)
                else:
                    deal_rows_16(image, places)
                one, two, image, y = one + 32, two + 32, image + 128, y + 32 // (2 * w)
        while image < end:
            to = planes + 4 * (part * sx * plane + y * pitch)
            if sx == 2 and along == 1:
                _deal(image, w, to + even, to + odd)
            elif sx == 1 and along == 2:
                _apart(image, w, to + 4 * left)
            elif sx == 1 and along == 1:
                copy_flat(image, to + 4 * left, w)
            else:
                _scatter(image, w, left, along, sx, plane, to)
            part, image = part + down, image + 4 * w
            while part >= sy:
                part, y = part - sy, y + 1

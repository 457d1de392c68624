"""Max and average pooling and their gradients.

x (n, c, h, w), y (n, c, ho, wo). A window is cut to the image: no padded position is visited.
Forward, a core's share is a range of rows of y; backward, of planes (h, w) of dx, into which the
windows add what they give in ascending (ho, wo), so that each element's terms come in that order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from tinycl.fast import call
from tinycl.fast.arithmetic import ZERO, add, div, read
from tinycl.fast.bias import add_row
from tinycl.fast.call import address, attribute, axis, elements, integers, share, vector
from tinycl.fast.elements import integer_part, part, under_contract
from tinycl.fast.row_sums import POSITIONS, ROWS, add_rows


class Side(NamedTuple):
    """One axis of a pool: image and output lengths, kernel, stride, padding before the image."""

    size: int
    out: int
    kernel: int
    stride: int
    before: int


@njit(forceinline=True)
def sides(p: Any, x: int, y: int, tensors: int, k: int) -> tuple[Side, Side]:
    """Return both axes: tensors x and y are image and output, attribute k begins the kernel."""
    rows = Side(axis(p, x, 2), axis(p, y, 2), attribute(p, tensors, k),
                attribute(p, tensors, k + 2), attribute(p, tensors, k + 4))  # fmt: skip
    columns = Side(axis(p, x, 3), axis(p, y, 3), attribute(p, tensors, k + 1),
                   attribute(p, tensors, k + 3), attribute(p, tensors, k + 6))  # fmt: skip
    return rows, columns


@njit(forceinline=True)
def covered(side: Side, i: int) -> tuple[int, int]:
    """Return the half-open range of image positions in window i."""
    start = i * side.stride - side.before
    return max(0, start), min(side.size, start + side.kernel)


@njit(forceinline=True)
def by_row(loop: Any, p: Any, y: int, core: int, cores: int) -> None:
    """Run a loop over the core's share of the rows of tensor y."""
    begin, end = share(elements(p, y) // axis(p, y, 3), core, cores)
    under_contract(loop, p, begin, end - begin)


@njit(forceinline=True)
def by_plane(loop: Any, p: Any, core: int, cores: int) -> None:
    """Run a loop over the core's share of the planes (n, c) of tensor 0."""
    begin, end = share(axis(p, 0, 0) * axis(p, 0, 1), core, cores)
    under_contract(loop, p, begin, end - begin)


@njit(forceinline=True)
def plane_of(p: Any, i: int, k: int) -> Any:
    """Return plane k of tensor i, flat."""
    area = axis(p, i, 2) * axis(p, i, 3)
    return part(p, i, k * area, area)


@njit(forceinline=True)
def _max(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    rows, columns = sides(p, 0, 1, 3, 0)
    x, y, index = vector(p, 0), vector(p, 1), integers(p, 2)
    for row in range(begin, begin + count):
        plane = row // rows.out * (rows.size * columns.size)
        top, bottom = covered(rows, row % rows.out)
        for j in range(columns.out):
            left, right = covered(columns, j)
            place = top * columns.size + left
            best = read(x[plane + place], flush)
            for r in range(top, bottom):
                for c in range(left, right):
                    value = read(x[plane + r * columns.size + c], flush)
                    # the first NaN wins
                    if value > best or (value != value and best == best):
                        best, place = value, r * columns.size + c
            y[row * columns.out + j] = best
            index[row * columns.out + j] = place


def max_pool_forward(p: Any, core: int, cores: int) -> None:
    """Compute y = the first maximum of each window, row-major, and index = its place h*W + w."""
    by_row(_max, p, 1, core, cores)


@njit(forceinline=True)
def _max_grad(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    rows, columns = sides(p, 2, 0, 3, 2)
    area = rows.out * columns.out
    for k in range(begin, begin + count):
        dy, index, dx = plane_of(p, 0, k), integer_part(p, 1, k * area, area), plane_of(p, 2, k)
        for at in range(dx.size):
            dx[at] = ZERO
        for i in range(rows.out):
            top, bottom = covered(rows, i)
            for j in range(columns.out):
                left, right = covered(columns, j)
                window = i * columns.out + j
                place = np.int64(index[window])
                r, c = place // columns.size, place % columns.size
                # a place outside the window gets nothing
                if top <= r < bottom and left <= c < right:
                    dx[place] = add(dx[place], dy[window], flush)


def max_pool_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute dx = from +0.0, the dy of the windows that chose a place, in ascending (ho, wo)."""
    by_plane(_max_grad, p, core, cores)


@njit(forceinline=True)
def _whole(p: Any, x: int, y: int, tensors: int, k: int) -> bool:
    """Return whether there is one window, and it covers the image."""
    rows, columns = sides(p, x, y, tensors, k)
    if rows.out != 1 or columns.out != 1:
        return False
    (top, bottom), (left, right) = covered(rows, 0), covered(columns, 0)
    return bottom - top == rows.size and right - left == columns.size


@njit
def _average_planes(p: Any, begin: int, count: int) -> None:
    """Average whole planes: ROWS chains side by side, then one after another."""
    area = axis(p, 0, 2) * axis(p, 0, 3)
    steps = area // POSITIONS
    together = count // ROWS * ROWS if steps else 0
    y = part(p, 1, begin, count)
    for k in range(count):
        y[k] = ZERO
    for k in range(0, together, ROWS):
        rows = address(p, 0) + 4 * (begin + k) * area
        add_rows(address(p, 1) + 4 * (begin + k), rows, rows, rows, area, ROWS, steps)
    held = np.float32(area)
    for k in range(count):
        done = steps * POSITIONS if k < together else 0
        y[k] = div(add_row(y[k], part(p, 0, (begin + k) * area + done, area - done)), held, 0)


@njit(forceinline=True)
def _average(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    rows, columns = sides(p, 0, 1, 2, 0)
    x, y = vector(p, 0), vector(p, 1)
    for row in range(begin, begin + count):
        plane = row // rows.out * (rows.size * columns.size)
        top, bottom = covered(rows, row % rows.out)
        for j in range(columns.out):
            left, right = covered(columns, j)
            s = ZERO
            for r in range(top, bottom):
                for c in range(left, right):
                    s = add(s, x[plane + r * columns.size + c], flush)
            held = np.float32((bottom - top) * (right - left))
            y[row * columns.out + j] = div(s, held, flush)


def avg_pool_forward(p: Any, core: int, cores: int) -> None:
    """Compute y = the sum of a window's positions, row-major from +0.0, divided by their count."""
    if p[call.FLUSH] == 0 and _whole(p, 0, 1, 2, 0):
        begin, end = share(elements(p, 1), core, cores)
        _average_planes(p, begin, end - begin)
    else:
        by_row(_average, p, 1, core, cores)


@njit(forceinline=True)
def _average_grad(p: Any, begin: int, count: int, kind: int, flush: int) -> None:
    rows, columns = sides(p, 1, 0, 2, 2)
    for k in range(begin, begin + count):
        dy, dx = plane_of(p, 0, k), plane_of(p, 1, k)
        for at in range(dx.size):
            dx[at] = ZERO
        for i in range(rows.out):
            top, bottom = covered(rows, i)
            for j in range(columns.out):
                left, right = covered(columns, j)
                held = np.float32((bottom - top) * (right - left))
                quotient = div(dy[i * columns.out + j], held, flush)
                for r in range(top, bottom):
                    for at in range(r * columns.size + left, r * columns.size + right):
                        dx[at] = add(dx[at], quotient, flush)


def avg_pool_input_grad(p: Any, core: int, cores: int) -> None:
    """Compute dx = from +0.0, dy/count of the windows that cover a place, in ascending (ho, wo)."""
    if p[call.FLUSH] == 0 and _whole(p, 1, 0, 2, 2):
        begin, end = share(elements(p, 0), core, cores)
        area = axis(p, 1, 2) * axis(p, 1, 3)
        dy, held = part(p, 0, begin, end - begin), np.float32(area)
        for k in range(end - begin):
            quotient = ZERO + div(dy[k], held, 0)
            dx = part(p, 1, (begin + k) * area, area)
            for i in range(area):
                dx[i] = quotient
    else:
        by_plane(_average_grad, p, core, cores)

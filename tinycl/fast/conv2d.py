"""Convolution and its gradients as products of matrices; images are unfolded panel by panel.

A panel's columns go by runs along one row of an image; what a tap sees of a run is a row of the
source, every stride-th element, with zeros where the padding is. Those zeros are terms.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from tinycl.fast import call
from tinycl.fast.call import address, attribute, axis, floats
from tinycl.fast.copies import copy_reversed, copy_vector
from tinycl.fast.images import dx_element, dx_place, gradients, product_scratch, y_element, y_place
from tinycl.fast.pack import blank, turn_rows
from tinycl.fast.product import DEPTH, make_product
from tinycl.fast.unfold import (
    next_tap,
    over,
    over_four,
    see,
    see_between,
    see_windows,
    tap_of,
)
from tinycl.fast.vectors import LANES

SHORTEST = 3  # columns of a kernel that are copied at once


@njit
def _weights(p, i, count, t, depth, tall, full, room):
    """Of w (co, ci, kh, kw): rows are co."""
    ci, kh, kw = axis(p, 1, 1), axis(p, 1, 2), axis(p, 1, 3)
    terms = ci * kh * kw
    if not p[call.SPATIAL]:
        return address(p, 1) + 4 * (i * terms + t), terms, terms, 1
    for r in range(count):
        row = floats(address(p, 1) + 4 * (i + r) * terms, terms)
        packed = floats(room + 4 * r * depth, depth)
        c, y, x = tap_of(t, ci, kh, kw, 1)
        for k in range(depth):
            packed[k] = row[(c * kh + y) * kw + x]
            c, y, x = next_tap(c, y, x, ci, kh, kw, 1)
    return room, depth, depth, 1


@njit
def _windows(p, j, wide, t, depth, room, spare):
    """Of x (n, ci, h, w): columns are (n, ho, wo), terms are (ci, kh, kw)."""
    n, ci, h, w = axis(p, 0, 0), axis(p, 0, 1), axis(p, 0, 2), axis(p, 0, 3)
    kh, kw, ho, wo = axis(p, 1, 2), axis(p, 1, 3), axis(p, 3, 2), axis(p, 3, 3)
    sh, sw, top, left = (
        attribute(p, 4, 0),
        attribute(p, 4, 1),
        attribute(p, 4, 2),
        attribute(p, 4, 4),
    )
    end = address(p, 0) + 4 * n * ci * h * w
    done = 0
    while done < wide:
        sample, row, at = j // (ho * wo), j // wo % ho, j % wo
        run = min(wide - done, wo - at) if sample < n else wide - done
        c, y, x = tap_of(t, ci, kh, kw, p[call.SPATIAL])
        for k in range(depth):
            source, place = 0, row * sh + y - top
            if sample < n and 0 <= place < h:
                source = address(p, 0) + 4 * ((sample * ci + c) * h + place) * w
            see(source, w, end, at * sw + x - left, sw, run, room + 4 * (k * wide + done))
            c, y, x = next_tap(c, y, x, ci, kh, kw, p[call.SPATIAL])
        done, j = done + run, j + run
    return room, wide


_forward = make_product("conv2d_forward", _weights, _windows, y_place, y_element)


def conv2d_forward(p: Any, core: int, cores: int) -> None:
    """Rows are co, columns (n, ho, wo), terms (ci, kh, kw), or (kh, kw, ci)."""
    area = axis(p, 3, 2) * axis(p, 3, 3)
    terms = axis(p, 1, 1) * axis(p, 1, 2) * axis(p, 1, 3)
    _forward(
        p,
        core,
        cores,
        axis(p, 1, 0),
        axis(p, 0, 0) * area,
        terms,
        terms,
        area,
        address(p, 3),
        p[call.FUSED],
        address(p, 2),
    )


@njit
def _inputs(p, j, wide, t, depth, room, spare):
    """Of x (n, ci, h, w): columns are (ci, kh, kw), terms (n, ho, wo).

    What a row of the kernel sees lies side by side; short ones are unfolded, then transposed.
    """
    n, ci, h, w = axis(p, 0, 0), axis(p, 0, 1), axis(p, 0, 2), axis(p, 0, 3)
    kh, kw, ho, wo = axis(p, 2, 2), axis(p, 2, 3), axis(p, 1, 2), axis(p, 1, 3)
    sh, sw, top, left = (
        attribute(p, 3, 2),
        attribute(p, 3, 3),
        attribute(p, 3, 4),
        attribute(p, 3, 6),
    )
    end = address(p, 0) + 4 * n * ci * h * w
    there = min(wide, ci * kh * kw - j)
    direct = kw >= SHORTEST
    if direct and t == 0:  # later blocks are not deeper
        for k in range(depth):
            blank(room + 4 * (k * wide + there), wide - there)
    done = 0
    while done < depth:
        sample, row, at = t // (ho * wo), t // wo % ho, t % wo
        run = min(depth - done, wo - at)
        c, y, x = tap_of(j, ci, kh, kw, 0)
        k = 0
        while k < there:
            source, place = 0, row * sh + y - top
            if 0 <= place < h:
                source = address(p, 0) + 4 * ((sample * ci + c) * h + place) * w
            first, words = at * sw + x - left, 1
            if direct:
                words = min(kw - x, there - k)
                spill = k + over_four(words) <= wide
                to = room + 4 * (done * wide + k)
                see_windows(source, w, end, first, sw, run, words, to, wide, spill)
            else:
                see(source, w, end, first, sw, run, spare + 4 * (k * depth + done))
            k += words
            c, y, x = next_tap(c, y, x + words - 1, ci, kh, kw, 0)
        done, t = done + run, t + run
    if not direct:
        turn_rows(spare, depth, there, wide, depth, room)
    return room, wide


@njit
def _dw_element(p, i, j):
    return i * axis(p, 2, 1) * axis(p, 2, 2) * axis(p, 2, 3) + j


@njit
def _dw_place(p, i, j, count):
    return _dw_element(p, i, j)


_weight_grad = make_product("conv2d_weight_grad", gradients, _inputs, _dw_place, _dw_element)


def conv2d_weight_grad(p: Any, core: int, cores: int) -> None:
    """Rows are co, columns (ci, kh, kw), terms (n, ho, wo)."""
    columns = axis(p, 2, 1) * axis(p, 2, 2) * axis(p, 2, 3)
    area = axis(p, 1, 2) * axis(p, 1, 3)
    terms = axis(p, 0, 0) * area
    _weight_grad(
        p,
        core,
        cores,
        axis(p, 1, 1),
        columns,
        terms,
        area if area >= DEPTH else terms,
        columns,
        address(p, 2),
        p[call.FUSED],
        0,
    )


@njit
def _turned_weights(p, i, count, t, depth, tall, full, room):
    """Of w (co, ci, kh, kw): rows are ci, terms are co and the taps, last first."""
    ci, taps = axis(p, 0, 1), axis(p, 0, 2) * axis(p, 0, 3)
    begin, step = (0, 1) if p[call.BY_WEIGHT] else (taps - 1, -1)
    for r in range(count):
        packed = floats(room + 4 * r * depth, depth)
        c, tap = t // taps, t % taps
        done = 0
        while done < depth:
            run = min(depth - done, taps - tap)
            source = address(p, 0) + 4 * (c * ci + i + r) * taps
            if run >= LANES:
                for k in range(0, run, LANES):
                    j = min(k, run - LANES)
                    to = room + 4 * (r * depth + done + j)
                    if step > 0:
                        copy_vector(source + 4 * (tap + j), to)
                    else:
                        copy_reversed(source + 4 * (taps - LANES - tap - j), to)
            else:
                w = floats(source, taps)
                for k in range(run):
                    packed[done + k] = w[begin + (tap + k) * step]
            done, c, tap = done + run, c + 1, 0
    return room, depth, depth, 1


@njit
def _outputs(p, j, wide, t, depth, room, spare):
    """Of dy (n, co, ho, wo): columns are (n, h, w), terms are co and the taps, last first."""
    n, co, ho, wo = axis(p, 1, 0), axis(p, 1, 1), axis(p, 1, 2), axis(p, 1, 3)
    kh, kw, h, w = axis(p, 0, 2), axis(p, 0, 3), axis(p, 2, 2), axis(p, 2, 3)
    sh, sw, top, left = (
        attribute(p, 3, 2),
        attribute(p, 3, 3),
        attribute(p, 3, 4),
        attribute(p, 3, 6),
    )
    end = address(p, 1) + 4 * n * co * ho * wo
    done = 0
    while done < wide:
        sample, row, at = j // (h * w), j // w % h, j % w
        run = min(wide - done, w - at) if sample < n else wide - done
        c, y, x = tap_of(t, co, kh, kw, 0)
        for k in range(depth):
            i, m = (y, x) if p[call.BY_WEIGHT] else (kh - 1 - y, kw - 1 - x)
            source, place = 0, over(row + top - i, sh)
            if sample < n and 0 <= place < ho and place * sh == row + top - i:
                source = address(p, 1) + 4 * ((sample * co + c) * ho + place) * wo
            to = room + 4 * (k * wide + done)
            if sw == 1:
                see(source, wo, end, at + left - m, 1, run, to)
            else:
                see_between(source, wo, at + left - m, sw, run, to)
            c, y, x = next_tap(c, y, x, co, kh, kw, 0)
        done, j = done + run, j + run
    return room, wide


_input_grad = make_product("conv2d_input_grad", _turned_weights, _outputs, dx_place, dx_element)


def conv2d_input_grad(p: Any, core: int, cores: int) -> None:
    """Rows are ci, columns (n, h, w), terms (co, kh, kw), the taps descending or ascending."""
    area = axis(p, 2, 2) * axis(p, 2, 3)
    terms = axis(p, 0, 0) * axis(p, 0, 2) * axis(p, 0, 3)
    _input_grad(
        p,
        core,
        cores,
        axis(p, 0, 1),
        axis(p, 1, 0) * area,
        terms,
        terms,
        area,
        address(p, 2),
        p[call.FUSED],
        0,
    )


conv2d_forward_scratch = conv2d_weight_grad_scratch = conv2d_input_grad_scratch = product_scratch

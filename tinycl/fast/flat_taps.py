"""Taps of a depthwise filter for vectors of neighbouring outputs.

A tap's inputs lie in a row side by side as the outputs do. Where rows have no padding between
them, the lanes that a tap would take from a neighbouring row are +0.0 by a mask, one a column of
taps; the middle column has none.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tinycl.fast.flat import (
    _LANES,
    _ZERO,
    BYTES,
    MANY,
    Flat,
    _fma,
    _join,
    _load,
    _load_where,
    _split,
    _spread,
    _steps,
)
from tinycl.fast.machine import kind
from tinycl.fast.native import F32, I64

HAS_MASKS = kind() in ("avx512", "avx2")  # a load that leaves lanes out is one instruction


def _open(b: Any, vector: Any) -> Any:
    """Return where the words of a mask are not 0."""
    return b.icmp_signed("!=", b.bitcast(vector, _LANES), ir.Constant(_LANES, None))


def _inside(b: Any, address: Any, mask: Any) -> Any:
    if HAS_MASKS:
        return _load_where(b, address, mask)
    return b.select(mask, _load(b, address), _ZERO)


def _seen(b: Any, row: Any, columns: Any, masks: Any) -> list[Any]:
    """Return what the three taps of a row see."""
    left, middle, right = (b.add(row, column) for column in columns)
    first, last = masks
    return [_inside(b, left, first), _load(b, middle), _inside(b, right, last)]


def _members(b: Any, values: Any) -> list[Any]:
    """Return the members of a tuple."""
    return [b.extract_value(values, i) for i in range(values.type.count)]


def _make_nine(count: int) -> Any:
    @intrinsic
    def nine(
        typing: Any, sums: Any, weights: Any, rows: Any, columns: Any, at: Any, first: Any,
        last: Any,
    ) -> Any:  # fmt: skip
        """Return sums + nine taps by fma, of vectors side by side.

        rows, columns: addresses of the rows of the taps, and bytes to add for their columns, in the
        order of the terms; at: bytes behind both; first, last: masks of the first and last column,
        one for all vectors or one for each.
        """

        def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
            sums, weights, rows, columns, at, first, last = args
            sums, w = _split(b, sums), _split(b, weights)
            rows, columns = _members(b, rows), [b.add(c, at) for c in _members(b, columns)]
            first, last = ([_open(b, m) for m in _split(b, masks)] for masks in (first, last))
            for i in range(3):
                seen = []
                for v in range(count):
                    masks = first[v % len(first)], last[v % len(last)]
                    seen.append(_seen(b, b.add(rows[i], I64(v * BYTES)), columns, masks))
                for j in range(3):
                    for v in range(count):
                        sums[v] = _fma(b, seen[v][j], w[3 * i + j], sums[v])
            return _join(b, sums)

        three = types.UniTuple(types.int64, 3)
        return Flat(count)(Flat(count), Flat(9), three, three, types.int64, first, last), generate

    return nine


@intrinsic
def nine_rows(
    typing: Any, sums: Any, weights: Any, row: Any, down: Any, columns: Any, first: Any, last: Any
) -> Any:
    """Return sums + nine taps by fma, of vectors one below the other.

    row: address of the row of the first tap of the first vector; down: bytes from row to row, below
    0 where terms run upwards; each row that is seen serves up to three vectors.
    """

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        sums, weights, row, down, columns, first, last = args
        sums, w, columns = _split(b, sums), _split(b, weights), _members(b, columns)
        masks = [_open(b, _split(b, m)[0]) for m in (first, last)]
        for k, place in enumerate(_steps(b, row, down, MANY + 2)):
            seen = _seen(b, place, columns, masks)
            for j in range(3):
                for v in range(max(0, k - 2), min(MANY, k + 1)):
                    sums[v] = _fma(b, seen[j], w[3 * (k - v) + j], sums[v])
        return _join(b, sums)

    word, many, one = types.int64, Flat(MANY), Flat(1)
    return many(many, Flat(9), word, word, types.UniTuple(word, 3), one, one), generate


def _make_grow(fused: bool) -> Any:
    @intrinsic
    def grow(typing: Any, sums: Any, address: Any, weight: Any) -> Any:
        """Return sums + image * weight, a word at an address."""

        def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
            sums, address, weight = args
            w, out = _spread(b, _load(b, weight, F32)), []
            places = _steps(b, address, I64(BYTES), MANY)
            for total, place in zip(_split(b, sums), places, strict=True):
                x = _load(b, place)
                out.append(_fma(b, x, w, total) if fused else b.fadd(b.fmul(x, w), total))
            return _join(b, out)

        return Flat(MANY)(Flat(MANY), types.int64, types.int64), generate

    return grow


nine_one, nine_many = _make_nine(1), _make_nine(MANY)
grow_fma, grow_mul_add = _make_grow(True), _make_grow(False)

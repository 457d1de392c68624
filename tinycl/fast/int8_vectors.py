"""Vectors of int32 sums of bytes times signed bytes, and how a sum becomes a byte.

A word of a packed side holds GROUP terms: four bytes where the CPU multiplies and adds four at once
(QUADS), else two halves of 16 bits. What a word of x holds is not negative; what a word of weights
holds has a sign. Sums are modulo 2^32, so their order does not show.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from tinycl.fast.machine import DOTS
from tinycl.fast.native import I8, I32, I64, pointer

QUADS = DOTS == "quads"
GROUP = 4 if QUADS else 2
FIELD = 8 if QUADS else 16  # bits of a term in a word
LANES = 16  # of the loops below; LLVM cuts vectors up where those of the CPU are shorter
# The lanes that one instruction multiplies, and its name.
_DOT = {
    "quads": (16, "llvm.x86.avx512.vpdpbusd.512"),
    "pairs16": (16, "llvm.x86.avx512.pmaddw.d.512"),
    "pairs8": (8, "llvm.x86.avx2.pmadd.wd"),
    "pairs4": (4, "llvm.x86.sse2.pmadd.wd"),
}


def lanes_of(count: int, kind: Any = I32) -> Any:
    """Return the type of `count` lanes."""
    return ir.VectorType(kind, count)


def same_lanes(vector: Any, value: float) -> Any:
    """Return a constant vector of a type with equal lanes."""
    return ir.Constant(vector, [value] * vector.count)


def spread(b: Any, scalar: Any, count: int) -> Any:
    """Return a vector of equal lanes."""
    empty = ir.Constant(lanes_of(count, scalar.type), ir.Undefined)
    one = b.insert_element(empty, scalar, ir.Constant(I32, 0))
    return b.shuffle_vector(one, empty, same_lanes(lanes_of(count), 0))


def _take(b: Any, vector: Any, begin: int, count: int) -> Any:
    places = ir.Constant(lanes_of(count), list(range(begin, begin + count)))
    return b.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), places)


def dot(b: Any, total: Any, x: Any, w: Any) -> Any:
    """Return total + the products of the terms of each lane, word by word."""
    count = total.type.count
    wide, name = _DOT.get(DOTS, (count, ""))
    if count > wide:  # halves, until an instruction takes them
        halves = [
            dot(b, *(_take(b, v, begin, count // 2) for v in (total, x, w)))
            for begin in (0, count // 2)
        ]
        return b.shuffle_vector(*halves, ir.Constant(lanes_of(count), list(range(count))))
    kind = lanes_of(count)
    if count < wide or not name:
        for at in (16, 0):
            of_x, of_w = b.shl(x, same_lanes(kind, 16 - at)), b.shl(w, same_lanes(kind, 16 - at))
            sixteen = same_lanes(kind, 16)
            total = b.add(total, b.mul(b.ashr(of_x, sixteen), b.ashr(of_w, sixteen)))
        return total
    if QUADS:
        form = ir.FunctionType(kind, [kind] * 3)
        return b.call(cgutils.get_or_insert_function(b.module, form, name), [total, x, w])
    halves = lanes_of(2 * count, ir.IntType(16))
    form = ir.FunctionType(kind, [halves] * 2)
    function = cgutils.get_or_insert_function(b.module, form, name)
    return b.add(total, b.call(function, [b.bitcast(x, halves), b.bitcast(w, halves)]))


def to_bytes(b: Any, total: Any, multiplier: Any, shift: Any, zero: Any) -> Any:
    """Return (total * multiplier + 2^(shift - 1)) >> shift, plus zero, between 0 and 255.

    Parameters
    ----------
    total : vector of i32
    multiplier, shift, zero : i64
    """
    count = total.type.count
    kind = lanes_of(count // 2, I64)
    half = b.shl(ir.Constant(I64, 1), b.sub(shift, ir.Constant(I64, 1)))
    low = b.neg(zero)
    high = b.sub(ir.Constant(I64, 255), zero)
    by, add, right, least, most = (
        spread(b, v, count // 2) for v in (multiplier, half, shift, low, high)
    )
    word = same_lanes(kind, 32)
    pairs = b.bitcast(total, kind)
    found = []
    for value in (b.ashr(b.shl(pairs, word), word), b.ashr(pairs, word)):
        scaled = b.ashr(b.add(b.mul(value, by), add), right)
        scaled = b.select(b.icmp_signed("<", scaled, least), least, scaled)
        found.append(b.select(b.icmp_signed(">", scaled, most), most, scaled))
    below = b.and_(found[0], same_lanes(kind, 0xFFFFFFFF))
    joined = b.bitcast(b.or_(below, b.shl(found[1], word)), total.type)
    moved = b.add(joined, spread(b, b.trunc(zero, I32), count))
    return b.trunc(moved, lanes_of(count, I8))


def load(b: Any, address: Any, kind: Any) -> Any:
    """Load from an address of any alignment."""
    return b.load(b.inttoptr(address, kind.as_pointer()), align=1)


def store(b: Any, value: Any, address: Any) -> None:
    """Store to an address of any alignment."""
    b.store(value, b.inttoptr(address, value.type.as_pointer()), align=1)


def wide_bytes(b: Any, address: Any) -> Any:
    """Load LANES bytes as words."""
    return b.zext(load(b, address, lanes_of(LANES, I8)), lanes_of(LANES))


def woven(b: Any, rows: list[Any]) -> Any:
    """Return words whose fields are those of the rows, in order."""
    word = rows[0]
    for place, row in enumerate(rows[1:], 1):
        word = b.or_(word, b.shl(row, same_lanes(row.type, FIELD * place)))
    return word


@intrinsic
def weave(typing: Any, first: Any, second: Any, third: Any, fourth: Any, to: Any) -> Any:
    """Put LANES words there, whose terms are bytes of the first GROUP rows at these addresses."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows = [wide_bytes(builder, address) for address in args[:GROUP]]
        store(builder, woven(builder, rows), args[4])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 5), generate


@intrinsic
def weave_even(typing: Any, first: Any, second: Any, third: Any, fourth: Any, to: Any) -> Any:
    """Put LANES words there, whose terms are every second byte of GROUP rows."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows = []
        for address in args[:GROUP]:
            pairs = load(builder, address, lanes_of(2 * LANES, I8))
            empty = ir.Constant(pairs.type, ir.Undefined)
            even = ir.Constant(lanes_of(LANES), list(range(0, 2 * LANES, 2)))
            taken = builder.shuffle_vector(pairs, empty, even)
            rows.append(builder.zext(taken, lanes_of(LANES)))
        store(builder, woven(builder, rows), args[4])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 5), generate


@intrinsic
def widen(typing: Any, source: Any, to: Any) -> Any:
    """Copy LANES signed bytes as numbers of 16 bits."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        narrow = load(builder, args[0], lanes_of(LANES, I8))
        store(builder, builder.sext(narrow, lanes_of(LANES, ir.IntType(16))), args[1])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


def _make_move(count: int) -> Any:
    @intrinsic
    def move(typing: Any, source: Any, to: Any) -> Any:
        """Copy so many bytes."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            store(builder, load(builder, args[0], lanes_of(count, I8)), args[1])
            return context.get_dummy_value()

        return types.void(types.int64, types.int64), generate

    return move


_move_16, _move_8, _move_4 = _make_move(16), _make_move(8), _make_move(4)


@njit
def bytes_at(place, count):
    """Return `count` bytes at an address as an array."""
    return carray(pointer(place), (count,), np.uint8)


@njit
def copy_bytes(source, to, count):
    """Copy bytes, whole vectors where they fit; the last one may overlap the one before."""
    if count >= 16:
        for i in range(0, count - 16, 16):
            _move_16(source + i, to + i)
        _move_16(source + count - 16, to + count - 16)
    elif count >= 8:
        _move_8(source, to)
        _move_8(source + count - 8, to + count - 8)
    elif count >= 4:
        _move_4(source, to)
        _move_4(source + count - 4, to + count - 4)
    else:
        a, b = bytes_at(source, count), bytes_at(to, count)
        for i in range(count):
            b[i] = a[i]


@njit
def fill_bytes(to, count, value):
    """Write one byte `count` times."""
    every = bytes_at(to, count)
    for i in range(count):
        every[i] = value

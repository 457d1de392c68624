"""Sums of listed rows: out[k] += value * row[k] for each row of a list, in its order.

This is the inner loop of the sparse gradients. The sums of a strip of columns stay in registers
while the list is walked; each column is one output element with one accumulator.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from tinycl.fast.call import floats
from tinycl.fast.machine import WIDTH
from tinycl.fast.native import F32, I32, I64, named
from tinycl.fast.vectors import LANES, block_load, block_store, block_turn

WIDE, MIDDLE = 8 * WIDTH, 2 * WIDTH  # columns of a strip: eight vectors, two vectors


def _make(vectors: int, width: int, fused: bool) -> Any:
    """Return the loop over a list for a strip of `vectors` vectors of `width` float32."""
    kind = ir.VectorType(F32, width) if width > 1 else F32

    def multiply_add(b: Any, x: Any, y: Any, total: Any) -> Any:
        if not fused:
            return b.fadd(b.fmul(x, y), total)
        name = f"llvm.fma.v{width}f32" if width > 1 else "llvm.fma.f32"
        function = ir.FunctionType(kind, [kind] * 3)
        return b.call(cgutils.get_or_insert_function(b.module, function, name), [x, y, total])

    def spread(b: Any, value: Any) -> Any:
        if width == 1:
            return value
        empty = ir.Constant(kind, ir.Undefined)
        one = b.insert_element(empty, value, ir.Constant(I32, 0))
        lanes = ir.Constant(ir.VectorType(I32, width), [0] * width)
        return b.shuffle_vector(one, empty, lanes)

    def places(b: Any, address: Any) -> list[Any]:
        at = [b.add(address, I64(4 * width * i)) for i in range(vectors)]
        return [b.inttoptr(a, kind.as_pointer()) for a in at]

    @intrinsic
    def add_listed(typing: Any, out: Any, panel: Any, offsets: Any, values: Any, count: Any) -> Any:
        """Add values[i] * (the strip at panel + offsets[i] words) to out, for i below count."""

        def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
            out, panel, offsets, values, count = args
            targets = places(b, out)
            begun = [b.load(a, align=4) for a in targets]
            before, loop, after = b.block, b.append_basic_block("row"), b.append_basic_block("end")
            b.cbranch(b.icmp_signed(">", count, I64(0)), loop, after)
            b.position_at_end(loop)
            i, sums = b.phi(I64), [b.phi(kind) for _ in targets]
            offset = b.load(b.gep(b.inttoptr(offsets, I32.as_pointer()), [i]))
            value = spread(b, b.load(b.gep(b.inttoptr(values, F32.as_pointer()), [i])))
            row = b.add(panel, b.shl(b.sext(offset, I64), I64(2)))
            seen = [b.load(a, align=4) for a in places(b, row)]
            grown = [multiply_add(b, x, value, s) for x, s in zip(seen, sums, strict=True)]
            following = b.add(i, I64(1))
            i.add_incoming(I64(0), before)
            i.add_incoming(following, loop)
            for s, first, later in zip(sums, begun, grown, strict=True):
                s.add_incoming(first, before)
                s.add_incoming(later, loop)
            b.cbranch(b.icmp_signed("<", following, count), loop, after)
            b.position_at_end(after)
            totals = [b.phi(kind) for _ in targets]
            for total, first, later in zip(totals, begun, grown, strict=True):
                total.add_incoming(first, before)
                total.add_incoming(later, loop)
            for total, target in zip(totals, targets, strict=True):
                b.store(total, target, align=4)
            return context.get_dummy_value()

        return types.void(*[types.int64] * 5), generate

    return add_listed


def _make_strips(fused: bool) -> Any:
    wide, middle = _make(8, WIDTH, fused), _make(2, WIDTH, fused)
    vector, word = _make(1, LANES, fused), _make(1, 1, fused)

    @njit
    @named("fused" if fused else "apart")
    def strips(out, panel, offsets, values, count, words):
        k = 0
        while words - k >= WIDE:
            wide(out + 4 * k, panel + 4 * k, offsets, values, count)
            k += WIDE
        while words - k >= MIDDLE:
            middle(out + 4 * k, panel + 4 * k, offsets, values, count)
            k += MIDDLE
        while words - k >= LANES:
            vector(out + 4 * k, panel + 4 * k, offsets, values, count)
            k += LANES
        while k < words:
            word(out + 4 * k, panel + 4 * k, offsets, values, count)
            k += 1

    return strips


_fused, _apart = _make_strips(True), _make_strips(False)


@njit
def add_rows(
    out: int, panel: int, offsets: int, values: int, count: int, words: int, apart: bool
) -> None:
    """Add values[i] * panel[offsets[i] ...] to `words` words at out, i ascending below count.

    apart: the product rounds before the sum. Addresses; offsets (int32) are words of the panel.
    """
    if apart:
        _apart(out, panel, offsets, values, count, words)
    else:
        _fused(out, panel, offsets, values, count, words)


def width_of(rows: int, channels: int) -> int:
    """Return how many channels of `rows` rows are packed at a time: they stay in the cache."""
    fit = max(MIDDLE, CACHED // max(1, rows) // MIDDLE * MIDDLE)
    return min(WIDE, fit, -(-channels // LANES) * LANES)


CACHED = 1 << 16  # words
wide_of = njit(width_of)


@njit
def turn(source: int, stride: int, rows: int, run: int, target: int, pitch: int) -> None:
    """Let target[k * pitch + r] = source[r * stride + k]: rows of `run` words become columns."""
    whole = rows - rows % LANES if run >= LANES else 0
    for r in range(0, whole, LANES):
        for k in range(0, run, LANES):
            at = min(k, run - LANES)
            block = block_turn(block_load(source + 4 * (r * stride + at), 4 * stride))
            block_store(block, target + 4 * (at * pitch + r), 4 * pitch)
    for r in range(whole, rows):
        words = floats(source + 4 * r * stride, run)
        to = floats(target + 4 * r, (run - 1) * pitch + 1)
        for k in range(run):
            to[k * pitch] = words[k]


@njit
def clear(place: int, count: int) -> None:
    """Write +0.0, or 0, to `count` words."""
    room = floats(place, count)
    for i in range(count):
        room[i] = np.float32(0)

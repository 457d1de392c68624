"""Sums of eight rows side by side, each a chain over its positions in order.

A chain waits for each addition, so that one row alone leaves most of the machine idle. More than
eight rows at a time are not faster: rows a power of two apart share a set of the first-level cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from tinycl.fast.native import F32, I32, I64

ROWS, POSITIONS = 8, 4  # what one step takes in
_WIDE, _HALF = ir.VectorType(F32, ROWS), ir.VectorType(F32, POSITIONS)

Mac = Callable[[Any, Any, Any], Any]
Term = Callable[[Any, Mac, Sequence[Any], Sequence[Any], Sequence[Any]], list[Any]]


def _place(b: Any, base: Any, words: Any, kind: Any) -> Any:
    at = b.gep(b.inttoptr(base, F32.as_pointer()), [words])
    return b.bitcast(at, kind.as_pointer())


def _columns(b: Any, base: Any, rows: Sequence[Any], position: Any) -> list[Any]:
    """Return four vectors, one a position, from rows that begin so many words behind `base`.

    Four vectors hold positions 0..3 of rows r and r+4; transposed, position 0 of eight rows, and so
    on.
    """

    def mix(left: Any, right: Any, lanes: list[int]) -> Any:
        return b.shuffle_vector(left, right, ir.Constant(ir.VectorType(I32, len(lanes)), lanes))

    def row(r: int) -> Any:
        return b.load(_place(b, base, b.add(position, rows[r]), _HALF), align=4)

    q = [mix(row(r), row(r + 4), list(range(8))) for r in range(4)]
    low, high = [0, 8, 1, 9, 4, 12, 5, 13], [2, 10, 3, 11, 6, 14, 7, 15]
    left, right = [0, 1, 8, 9, 4, 5, 12, 13], [2, 3, 10, 11, 6, 7, 14, 15]
    pairs = [(mix(q[0], q[1], half), mix(q[2], q[3], half)) for half in (low, high)]
    return [mix(*pair, half) for pair in pairs for half in (left, right)]


def _mac_of(b: Any, fused: bool) -> Mac:
    def mac(x: Any, y: Any, total: Any) -> Any:
        if not fused:
            return b.fadd(b.fmul(x, y), total)
        kind = ir.FunctionType(_WIDE, [_WIDE] * 3)
        function = cgutils.get_or_insert_function(b.module, kind, f"llvm.fma.v{ROWS}f32")
        return b.call(function, [x, y, total])

    return mac


def chain(streams: int, totals: int, numbers: int, term: Term, fused: bool = True) -> Any:
    """Return an intrinsic that adds steps * POSITIONS positions of up to ROWS rows to their sums.

    Parameters
    ----------
    streams : int
        1 or 2: how many tensors the rows are read from.
    totals, numbers : int
        Vectors at the addresses `sums` and `fixed`, a lane a row.
    term : callable
        Takes the builder, a multiply-add, and the vectors of the numbers, of the streams at one
        position, and of the totals; returns the new totals.
    fused : bool
        Whether the multiply-add rounds once.

    Returns
    -------
    intrinsic
        ``grow(sums, fixed, x, dy, stride, rows, steps)``: addresses, the words between rows, the
        number of rows, 1 to ROWS, and of steps, at least 1. Lanes from `rows` on repeat the last
        row. With one stream `dy` is not read.
    """

    @intrinsic
    def grow(
        typing: Any, sums: Any, fixed: Any, x: Any, dy: Any, stride: Any, rows: Any, steps: Any
    ) -> Any:
        def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
            sums, fixed, x, dy, stride, rows, steps = args
            last = b.sub(rows, I64(1))
            starts = []
            for r in range(ROWS):
                held = b.select(b.icmp_signed("<", I64(r), last), I64(r), last)
                starts.append(b.mul(stride, held))
            known = [
                b.load(_place(b, fixed, I64(ROWS * k), _WIDE), align=4) for k in range(numbers)
            ]
            homes = [_place(b, sums, I64(ROWS * k), _WIDE) for k in range(totals)]
            begun = [b.load(home, align=4) for home in homes]
            before, loop, after = b.block, b.append_basic_block("step"), b.append_basic_block("end")
            b.branch(loop)
            b.position_at_end(loop)
            step = b.phi(I64)
            grown = [b.phi(_WIDE) for _ in range(totals)]
            step.add_incoming(I64(0), before)
            for phi, first in zip(grown, begun, strict=True):
                phi.add_incoming(first, before)
            position = b.mul(step, I64(POSITIONS))
            seen = [_columns(b, base, starts, position) for base in (x, dy)[:streams]]
            new: list[Any] = list(grown)
            for at in range(POSITIONS):
                new = term(b, _mac_of(b, fused), known, [columns[at] for columns in seen], new)
            following = b.add(step, I64(1))
            step.add_incoming(following, loop)
            for phi, value in zip(grown, new, strict=True):
                phi.add_incoming(value, loop)
            b.cbranch(b.icmp_signed("<", following, steps), loop, after)
            b.position_at_end(after)
            for home, value in zip(homes, new, strict=True):
                b.store(value, home, align=4)
            return context.get_dummy_value()

        return types.void(*[types.int64] * 7), generate

    return grow


def _sum(b: Any, mac: Mac, known: Any, seen: Any, totals: Any) -> list[Any]:
    return [b.fadd(totals[0], seen[0])]


def _products(b: Any, mac: Mac, known: Any, seen: Any, totals: Any) -> list[Any]:
    return [mac(seen[0], seen[1], totals[0])]


def _squares(b: Any, mac: Mac, known: Any, seen: Any, totals: Any) -> list[Any]:
    away = b.fsub(seen[0], known[0])
    return [mac(away, away, totals[0])]


def _weights(b: Any, mac: Mac, known: Any, seen: Any, totals: Any) -> list[Any]:
    (mean, r, std, d), (x, dy) = known, seen
    v = b.fadd(b.fdiv(b.fmul(b.fsub(x, mean), r), std), d)
    return [mac(dy, v, totals[0]), b.fadd(totals[1], dy)]


def _inputs(b: Any, mac: Mac, known: Any, seen: Any, totals: Any) -> list[Any]:
    (mean, std, gamma, r), (x, dy) = known, seen
    u, g = b.fdiv(b.fsub(x, mean), std), b.fmul(b.fmul(dy, gamma), r)
    return [b.fadd(totals[0], g), mac(g, u, totals[1])]


add_rows = chain(1, 1, 0, _sum)
add_products_fma, add_products_mul_add = (chain(2, 1, 0, _products, f) for f in (True, False))
add_squares_fma, add_squares_mul_add = (chain(1, 1, 1, _squares, f) for f in (True, False))
add_weights_fma, add_weights_mul_add = (chain(2, 2, 4, _weights, f) for f in (True, False))
add_inputs_fma, add_inputs_mul_add = (chain(2, 2, 4, _inputs, f) for f in (True, False))

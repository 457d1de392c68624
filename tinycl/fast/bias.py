"""Bias gradients, one chain an output channel: db[c] = the sum of dy over (n, ho, wo), from +0.0.

A chain waits for each addition, so CHANNELS of them run side by side, in a vector. More than eight
rows at a time are not faster: rows a power of two apart share a set of the first-level cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from tinycl.fast.call import address, axis, share, vector
from tinycl.fast.elements import integer_part, part
from tinycl.fast.native import F32, I32, I64

ZERO = np.float32(0)
CHANNELS, POSITIONS = 8, 4  # what one step takes in


@intrinsic
def add_rows(typing: Any, sums: Any, dy: Any, stride: Any, steps: Any) -> Any:
    """Add steps * POSITIONS values of CHANNELS rows, `stride` words apart, to sums at an address.

    Four vectors hold positions 0..3 of rows r and r+4; transposed, position 0 of eight rows, and so
    on. These are added in the order of the positions.
    """
    wide, half = ir.VectorType(F32, 8), ir.VectorType(F32, 4)

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        sums, dy, stride, steps = args

        def place(base: Any, words: Any, kind: Any) -> Any:
            at = b.gep(b.inttoptr(base, F32.as_pointer()), [words])
            return b.bitcast(at, kind.as_pointer())

        def mix(left: Any, right: Any, lanes: list[int]) -> Any:
            return b.shuffle_vector(left, right, ir.Constant(ir.VectorType(I32, len(lanes)), lanes))

        def row(r: int, position: Any) -> Any:
            words = b.add(position, b.mul(stride, I64(r)))
            return b.load(place(dy, words, half), align=4)

        def columns(position: Any) -> list[Any]:
            """Return four vectors, one a position."""
            q = [mix(row(r, position), row(r + 4, position), list(range(8))) for r in range(4)]
            low, high = [0, 8, 1, 9, 4, 12, 5, 13], [2, 10, 3, 11, 6, 14, 7, 15]
            left, right = [0, 1, 8, 9, 4, 5, 12, 13], [2, 3, 10, 11, 6, 7, 14, 15]
            pairs = [(mix(q[0], q[1], half), mix(q[2], q[3], half)) for half in (low, high)]
            return [mix(*pair, half) for pair in pairs for half in (left, right)]

        at = place(sums, I64(0), wide)
        begun = b.load(at, align=4)
        before, loop, after = b.block, b.append_basic_block("step"), b.append_basic_block("end")
        b.branch(loop)
        b.position_at_end(loop)
        step, total = b.phi(I64), b.phi(wide)
        step.add_incoming(I64(0), before)
        total.add_incoming(begun, before)
        grown = total
        for column in columns(b.mul(step, I64(POSITIONS))):
            grown = b.fadd(grown, column)
        following = b.add(step, I64(1))
        step.add_incoming(following, loop)
        total.add_incoming(grown, loop)
        b.cbranch(b.icmp_signed("<", following, steps), loop, after)
        b.position_at_end(after)
        b.store(grown, at, align=4)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64), generate


@njit
def add_row(total: Any, row: Any) -> Any:
    """Return total + row[0] + row[1] + ..., in this order."""
    for i in range(row.size):
        total += row[i]
    return total


@njit
def chains(p: Any, area: int, target: int, trained: Any, core: int, cores: int) -> None:
    """Compute db (tensor `target`) from dy (n, c, area); an empty `trained` takes all samples."""
    channels = axis(p, 0, 1)
    begin, end = share(channels, core, cores)
    db = vector(p, target)
    for c in range(begin, end):
        db[c] = ZERO
    steps = area // POSITIONS
    together = begin + (end - begin) // CHANNELS * CHANNELS if steps else begin
    for n in range(axis(p, 0, 0)):
        if trained.size and trained[n] == 0:
            continue
        for c in range(begin, together, CHANNELS):
            rows = address(p, 0) + 4 * (n * channels + c) * area
            add_rows(address(p, target) + 4 * c, rows, area, steps)
        for c in range(begin, end):
            done = steps * POSITIONS if c < together else 0
            row = part(p, 0, (n * channels + c) * area + done, area - done)
            db[c] = add_row(db[c], row)


def conv2d_bias_grad(p: Any, core: int, cores: int) -> None:
    """Compute db (co) from dy (n, co, ho, wo)."""
    chains(p, axis(p, 0, 2) * axis(p, 0, 3), 1, integer_part(p, 0, 0, 0), core, cores)


def linear_bias_grad(p: Any, core: int, cores: int) -> None:
    """Compute db (fo) from dy (n, fo): outputs lie side by side and are added as vectors."""
    features = axis(p, 0, 1)
    begin, end = share(features, core, cores)
    db = part(p, 1, begin, end - begin)
    for i in range(db.size):
        db[i] = ZERO
    for n in range(axis(p, 0, 0)):
        dy = part(p, 0, n * features + begin, end - begin)
        for i in range(db.size):
            db[i] += dy[i]

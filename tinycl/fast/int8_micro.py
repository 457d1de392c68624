"""The register tile of bytes: sums in vector registers, scaled back to bytes as they leave.

    sum[i][j] += the products of word a[i][t] and word b[t][j]    for t = 0, 1, 2, ...

`a` holds words of weights, one row a row of outputs; `b` is packed, a panel's columns side by side,
word after word.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tinycl.fast.int8_vectors import dot, lanes_of, load, same_lanes, spread, store, to_bytes
from tinycl.fast.native import I32, I64

WORDS = 12
A, A_ROW, VALID, B, TERMS, C, C_ROW, PLACES, BIAS, MULTIPLIER, SHIFT, ZERO = range(WORDS)


def make_byte_tile(rows: int, vectors: int, width: int) -> Any:
    """Return the tile as a function for use in compiled code.

    Parameters
    ----------
    rows, vectors, width : int
        A tile has `rows` x (`vectors` * `width`) outputs.

    Returns
    -------
    intrinsic
        ``tile(p)``, p points to the WORDS int64 words that the names above number: addresses, and
        strides in bytes. VALID rows of `a` are read; the others repeat the last. TERMS counts
        words. Vector j of row i of the outputs lies ``i * C_ROW + places[j]`` bytes behind C;
        PLACES is the address of int64 words. BIAS, MULTIPLIER and SHIFT are addresses of int32,
        one a row; ZERO is the zero of y.
    """
    columns, vector = vectors * width, lanes_of(width)

    @intrinsic
    def tile(typing: Any, p: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            a, a_row, valid, b, terms, c, c_row, places, bias, multiplier, shift, zero = (
                builder.load(builder.gep(args[0], [ir.Constant(I64, i)])) for i in range(WORDS)
            )

            def word(n: int) -> Any:
                return ir.Constant(I64, n)

            def row(i: int) -> Any:
                """Return row i, or the last valid one."""
                inside = builder.icmp_signed("<", word(i), valid)
                return builder.select(inside, word(i), builder.sub(valid, word(1)))

            def of_row(base: Any, i: int) -> Any:
                return load(builder, builder.add(base, builder.mul(row(i), word(4))), I32)

            lines = [builder.add(a, builder.mul(row(i), a_row)) for i in range(rows)]
            start = builder.block
            loop, end = builder.append_basic_block("terms"), builder.append_basic_block("end")
            builder.branch(loop)
            builder.position_at_end(loop)
            t = builder.phi(I64)
            t.add_incoming(word(0), start)
            sums = [builder.phi(vector) for _ in range(rows * vectors)]
            line = builder.add(b, builder.mul(t, word(4 * columns)))
            right = [
                load(builder, builder.add(line, word(4 * j * width)), vector)
                for j in range(vectors)
            ]
            along = builder.mul(t, word(4))
            grown = []
            for i in range(rows):
                left = load(builder, builder.add(lines[i], along), I32)
                left = spread(builder, left, width)
                mine = sums[i * vectors : (i + 1) * vectors]
                grown += [dot(builder, s, x, left) for x, s in zip(right, mine, strict=True)]
            following = builder.add(t, word(1))
            t.add_incoming(following, builder.block)
            for phi, value in zip(sums, grown, strict=True):
                phi.add_incoming(same_lanes(vector, 0), start)
                phi.add_incoming(value, builder.block)
            builder.cbranch(builder.icmp_signed("<", following, terms), loop, end)
            builder.position_at_end(end)
            for i in range(rows):
                begin = spread(builder, of_row(bias, i), width)
                by = builder.sext(of_row(multiplier, i), I64)
                right_by = builder.sext(of_row(shift, i), I64)
                target = builder.add(c, builder.mul(c_row, word(i)))
                for j in range(vectors):
                    total = builder.add(grown[i * vectors + j], begin)
                    place = load(builder, builder.add(places, word(8 * j)), I64)
                    made = to_bytes(builder, total, by, right_by, zero)
                    store(builder, made, builder.add(target, place))
            return context.get_dummy_value()

        return types.void(types.CPointer(types.int64)), generate

    return tile

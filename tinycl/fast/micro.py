"""The register tile: sums that live in vector registers while the terms go by in order.

    sum[i][j] = mac(a[i][t], b[t][j], sum[i][j])    for t = 0, 1, 2, ...

Each lane of each vector is one output element with one accumulator, so the bits are those of a
scalar loop. `a` has any strides, one row a row of outputs; `b` has a panel's columns side by side,
packed or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from tinycl.fast.native import F32, I32, I64

LOAD, BIAS_FIRST, BIAS_LAST, RELU, RELU6, MASK, TWO_ROUNDINGS, SGD = 1, 2, 4, 8, 16, 32, 64, 128
WORDS = 13
STEPS = 8  # terms a turn of the loop: the CPU foresees the end of so few turns
A, A_ROW, A_TERM, VALID, B, B_TERM, TERMS, C, C_ROW, PLACES, FLAGS, BIAS, GATE = range(WORDS)


class _Emitter:
    """Puts vector instructions into one function."""

    def __init__(self, builder: Any, width: int) -> None:
        self.b, self.width = builder, width
        self.vector = ir.VectorType(F32, width)
        self.zero = ir.Constant(self.vector, [0.0] * width)

    def at(self, address: Any, words: Any) -> Any:
        """Return a float pointer `words` behind an address."""
        return self.b.gep(self.b.inttoptr(address, F32.as_pointer()), [words])

    def load(self, place: Any) -> Any:
        return self.b.load(self.b.bitcast(place, self.vector.as_pointer()), align=4)

    def store(self, value: Any, place: Any) -> None:
        self.b.store(value, self.b.bitcast(place, self.vector.as_pointer()), align=4)

    def fetch(self, place: Any) -> None:
        """Ask for a cache line that will be written."""
        place = self.b.bitcast(place, cgutils.voidptr_t)
        kind = ir.FunctionType(ir.VoidType(), [place.type, I32, I32, I32])
        function = cgutils.get_or_insert_function(self.b.module, kind, "llvm.prefetch.p0")
        self.b.call(function, [place, *(ir.Constant(I32, n) for n in (1, 3, 1))])

    def hidden(self, address: Any) -> Any:
        """Return an address of which LLVM does not know how it came about.

        Else it would keep the next ones ready, in more registers than there are.
        """
        return self.b.asm(ir.FunctionType(I64, [I64]), "", "=r,0", [address], False)

    def spread(self, scalar: Any) -> Any:
        """Return a vector of equal lanes."""
        empty = ir.Constant(self.vector, ir.Undefined)
        one = self.b.insert_element(empty, scalar, ir.Constant(I32, 0))
        lanes = ir.Constant(ir.VectorType(I32, self.width), [0] * self.width)
        return self.b.shuffle_vector(one, empty, lanes)

    def mac(self, a: Any, b: Any, c: Any, fused: bool) -> Any:
        if not fused:
            return self.b.fadd(self.b.fmul(a, b), c)
        kind = ir.FunctionType(self.vector, [self.vector] * 3)
        name = f"llvm.fma.v{self.width}f32"
        return self.b.call(cgutils.get_or_insert_function(self.b.module, kind, name), [a, b, c])

    def either(
        self, flags: Any, flag: int, then: Callable[[], list[Any]], other: Callable[[], list[Any]]
    ) -> list[Any]:
        """Return `then()` where a flag is set, else `other()`; only one of them runs."""
        b = self.b
        hit = b.icmp_signed("!=", b.and_(flags, ir.Constant(I64, flag)), ir.Constant(I64, 0))
        yes, no, after = (b.append_basic_block(name) for name in ("yes", "no", "after"))
        b.cbranch(hit, yes, no)
        ways = []
        for block, emit in ((yes, then), (no, other)):
            b.position_at_end(block)
            ways.append((emit(), b.block))
            b.branch(after)
        b.position_at_end(after)
        out = []
        for lane in range(len(ways[0][0])):
            phi = b.phi(self.vector)
            for values, block in ways:
                phi.add_incoming(values[lane], block)
            out.append(phi)
        return out

    def where(
        self, flags: Any, flag: int, then: Callable[[], list[Any]], other: list[Any]
    ) -> list[Any]:
        """Return `then()` where a flag is set, else the values `other`."""
        return self.either(flags, flag, then, lambda: other)


def make_tile(rows: int, vectors: int, width: int) -> Any:
    """Return the tile as a function for use in compiled code.

    Parameters
    ----------
    rows, vectors, width : int
        A tile has `rows` x (`vectors` * `width`) outputs.

    Returns
    -------
    intrinsic
        ``tile(p)``, p points to the WORDS int64 words that the names below number: addresses, and
        strides in words. VALID rows of `a` are read; the others repeat the last. Vector j of row i
        of the outputs lies ``i * C_ROW + places[j]`` words behind C, PLACES is the address of int64
        words, and a gate lies likewise behind GATE. FLAGS add LOAD (go on from c), BIAS_FIRST or
        BIAS_LAST (one value a row, at BIAS), RELU, RELU6, MASK (keep a result where its gate is
        > 0), TWO_ROUNDINGS (``mac=mul_add``).
    """

    @intrinsic
    def tile(typing: Any, p: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            known = [builder.load(builder.gep(args[0], [I64(i)])) for i in range(WORDS)]
            a, row_stride, a_step, valid, b, b_step, terms = known[:C]
            c, c_stride, places, flags, bias, mask = known[C:]
            e = _Emitter(builder, width)
            grid = [(i, j) for i in range(rows) for j in range(vectors)]

            def word(n: int) -> Any:
                return ir.Constant(I64, n)

            def row(i: int) -> Any:
                """Return row i, or the last valid one."""
                last = builder.sub(valid, word(1))
                inside = builder.icmp_signed("<", word(i), valid)
                return builder.select(inside, word(i), last)

            def c_place(base: Any, i: int, j: int) -> Any:
                columns = builder.inttoptr(places, I64.as_pointer())
                column = builder.load(builder.gep(columns, [word(j)]))
                return e.at(base, builder.add(builder.mul(c_stride, word(i)), column))

            def biases() -> list[Any]:
                values = [e.spread(builder.load(e.at(bias, row(i)))) for i in range(rows)]
                return [values[i] for i, _ in grid]

            def ask(base: Any) -> list[Any]:
                for i, j in grid:
                    e.fetch(c_place(base, i, j))
                return []

            e.where(flags, LOAD, lambda: ask(c), [])
            e.where(flags, MASK, lambda: ask(mask), [])  # on their way while the terms go by
            offsets = [builder.mul(row(i), row_stride) for i in range(rows)]
            sums = [e.zero for _ in grid]
            sums = e.where(flags, LOAD, lambda: [e.load(c_place(c, i, j)) for i, j in grid], sums)
            sums = e.where(flags, BIAS_FIRST, biases, sums)

            a_bytes, b_bytes = (builder.shl(step, word(2)) for step in (a_step, b_step))

            def turns(begun: list[Any], times: int, fused: bool) -> list[Any]:
                """Emit a loop of `times` terms a turn, while so many are left: a, b, left, sums."""
                start = builder.block
                loop, end = builder.append_basic_block("terms"), builder.append_basic_block("end")
                builder.cbranch(builder.icmp_signed(">=", begun[2], word(times)), loop, end)
                builder.position_at_end(loop)
                running = [builder.phi(value.type) for value in begun]
                x, y, left, *grown = running
                for _ in range(times):
                    line = [e.load(e.at(y, word(j * width))) for j in range(vectors)]
                    for i in range(rows):
                        one = e.spread(builder.load(e.at(x, offsets[i])))
                        for j in range(vectors):
                            at = i * vectors + j
                            grown[at] = e.mac(one, line[j], grown[at], fused)
                    x, y = e.hidden(builder.add(x, a_bytes)), e.hidden(builder.add(y, b_bytes))
                after = [x, y, builder.sub(left, word(times)), *grown]
                builder.cbranch(builder.icmp_signed(">=", after[2], word(times)), loop, end)
                for phi, first, value in zip(running, begun, after, strict=True):
                    phi.add_incoming(first, start)
                    phi.add_incoming(value, loop)
                builder.position_at_end(end)
                ended = [builder.phi(value.type) for value in begun]
                for phi, first, value in zip(ended, begun, after, strict=True):
                    phi.add_incoming(first, start)
                    phi.add_incoming(value, loop)
                return ended

            def walk(fused: bool) -> list[Any]:
                """Emit the loops over the terms."""
                many = turns([a, b, terms, *sums], STEPS, fused)
                return turns(many, 1, fused)[3:]

            done = e.either(flags, TWO_ROUNDINGS, lambda: walk(False), lambda: walk(True))

            def with_bias() -> list[Any]:
                return [builder.fadd(s, v) for s, v in zip(done_now, biases(), strict=True)]

            def rectified(cap: bool) -> list[Any]:
                out = []
                six = ir.Constant(e.vector, [6.0] * width)
                for s in done_now:
                    # unordered or greater: a NaN stays
                    kept = s
                    if cap:
                        kept = builder.select(builder.fcmp_ordered(">=", s, six), six, s)
                    positive = builder.fcmp_unordered(">", s, e.zero)
                    out.append(builder.select(positive, kept, e.zero))
                return out

            def masked() -> list[Any]:
                gates = [e.load(c_place(mask, i, j)) for i, j in grid]
                return [
                    builder.select(builder.fcmp_ordered(">", g, e.zero), s, e.zero)
                    for g, s in zip(gates, done_now, strict=True)
                ]

            done_now = done
            done_now = e.where(flags, BIAS_LAST, with_bias, done_now)
            done_now = e.where(flags, RELU, lambda: rectified(False), done_now)
            done_now = e.where(flags, RELU6, lambda: rectified(True), done_now)
            done_now = e.where(flags, MASK, masked, done_now)
            for (i, j), value in zip(grid, done_now, strict=True):
                e.store(value, c_place(c, i, j))
            return context.get_dummy_value()

        return types.void(types.CPointer(types.int64)), generate

    return tile

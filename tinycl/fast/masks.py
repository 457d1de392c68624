"""Comparisons of many words at once: how many hold, and a bit for each."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from tinycl.fast.native import F32, I32, I64

GROUP = 64  # words a mask
STEP = 32  # words a step of a count
BITS = 32  # bits of a word


def _vector(b: Any, address: Any, kind: Any) -> Any:
    return b.load(b.inttoptr(address, kind.as_pointer()), align=4)


def _spread(b: Any, value: Any, kind: Any) -> Any:
    empty = ir.Constant(kind, ir.Undefined)
    one = b.insert_element(empty, value, ir.Constant(I32, 0))
    lanes = ir.Constant(ir.VectorType(I32, kind.count), [0] * kind.count)
    return b.shuffle_vector(one, empty, lanes)


@intrinsic
def mask_at_least(typing: Any, address: Any, bound: Any) -> Any:
    """Return bit i where the int32 at address + 4i is at least `bound`, for i below GROUP."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        kind = ir.VectorType(I32, GROUP)
        bound = _spread(b, b.trunc(args[1], I32), kind)
        return b.bitcast(b.icmp_signed(">=", _vector(b, args[0], kind), bound), I64)

    return types.int64(types.int64, types.int64), generate


@intrinsic
def mask_between(typing: Any, address: Any, low: Any, high: Any) -> Any:
    """Return bit i where x > low and not x >= high, x at address + 4i, for i below BITS."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        kind = ir.VectorType(F32, BITS)
        x, low, high = _vector(b, args[0], kind), *(_spread(b, a, kind) for a in args[1:])
        inside = b.and_(b.fcmp_ordered(">", x, low), b.fcmp_unordered("<", x, high))
        return b.bitcast(inside, I32)

    return types.int32(types.int64, types.float32, types.float32), generate


@intrinsic
def copy_where(typing: Any, bits: Any, source: Any, target: Any) -> Any:
    """Copy BITS float32 from source to target where their bit is set; +0.0 goes elsewhere."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        bits, source, target = args
        kind = ir.VectorType(F32, BITS)
        kept = b.bitcast(bits, ir.VectorType(ir.IntType(1), BITS))
        values = b.select(kept, _vector(b, source, kind), ir.Constant(kind, None))
        b.store(values, b.inttoptr(target, kind.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(types.int32, types.int64, types.int64), generate


@intrinsic
def count_at_least(typing: Any, address: Any, steps: Any, bound: Any) -> Any:
    """Return how many of steps * STEP int32 from an address on are at least `bound`."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        address, steps, bound = args
        kind = ir.VectorType(I32, STEP)
        bound = _spread(b, b.trunc(bound, I32), kind)
        before, loop, after = b.block, b.append_basic_block("step"), b.append_basic_block("end")
        zero = ir.Constant(kind, None)
        b.cbranch(b.icmp_signed(">", steps, I64(0)), loop, after)
        b.position_at_end(loop)
        i, total = b.phi(I64), b.phi(kind)
        at = b.add(address, b.mul(i, I64(4 * STEP)))
        holds = b.sext(b.icmp_signed(">=", _vector(b, at, kind), bound), kind)
        grown, following = b.sub(total, holds), b.add(i, I64(1))
        for phi, first, later in ((i, I64(0), following), (total, zero, grown)):
            phi.add_incoming(first, before)
            phi.add_incoming(later, loop)
        b.cbranch(b.icmp_signed("<", following, steps), loop, after)
        b.position_at_end(after)
        whole = b.phi(kind)
        whole.add_incoming(zero, before)
        whole.add_incoming(grown, loop)
        name = f"llvm.vector.reduce.add.v{STEP}i32"
        function = cgutils.get_or_insert_function(b.module, ir.FunctionType(I32, [kind]), name)
        return b.sext(b.call(function, [whole]), I64)

    return types.int64(types.int64, types.int64, types.int64), generate


@intrinsic
def put_places(typing: Any, address: Any, first: Any, byte: Any) -> Any:
    """Put first + the places of a byte's bits, ascending; eight int32 are written, come what may.

    A table holds the places of each byte's bits, and anything behind them.
    """

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        address, first, byte = args
        few, wide = ir.VectorType(ir.IntType(8), 8), ir.VectorType(I32, 8)
        rows = [[i for i in range(8) if n >> i & 1] for n in range(256)]
        rows = [ir.Constant(few, row + [0] * (8 - len(row))) for row in rows]
        table = ir.Constant(ir.ArrayType(few, 256), rows)
        place = cgutils.global_constant(b, "places_of_bits", table)
        row = b.load(b.gep(place, [I64(0), byte]))
        found = b.add(b.zext(row, wide), _spread(b, b.trunc(first, I32), wide))
        b.store(found, b.inttoptr(address, wide.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def lowest(typing: Any, mask: Any) -> Any:
    """Return the place of the lowest bit that is set."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        return b.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), generate


@intrinsic
def bits_set(typing: Any, mask: Any) -> Any:
    """Return how many bits are set."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        return b.ctpop(args[0])

    return types.int64(types.int64), generate

"""Vectors of eight float32 in registers: load, store, transpose, multiply-add, rectify.

Each lane is one output element, or one element on its way; no lane is ever added to another.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.extending import intrinsic, register_model

from tinycl.fast.native import F32, I32, I64

LANES, VECTOR = 8, 32  # float32 a vector, and its bytes; LLVM cuts it up where vectors are shorter
_V8 = ir.VectorType(F32, LANES)


class Vectors(types.Type):
    """So many vectors of eight float32, in registers."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(name=f"Vectors({count})")


@register_model(Vectors)
class _VectorsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Vectors) -> None:
        super().__init__(manager, kind, ir.ArrayType(_V8, kind.count))


BLOCK = Vectors(8)


def _split(b: Any, block: Any) -> list[Any]:
    return [b.extract_value(block, i) for i in range(block.type.count)]


def _join(b: Any, vectors: list[Any]) -> Any:
    block = ir.Constant(ir.ArrayType(_V8, len(vectors)), ir.Undefined)
    for i, vector in enumerate(vectors):
        block = b.insert_value(block, vector, i)
    return block


def _place(b: Any, address: Any, kind: Any = _V8) -> Any:
    return b.inttoptr(address, kind.as_pointer())


def _steps(b: Any, address: Any, step: Any, count: int) -> list[Any]:
    return [b.add(address, b.mul(step, ir.Constant(I64, i))) for i in range(count)]


@intrinsic
def block_zero(typing: Any) -> Any:
    """Return eight vectors of +0.0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ir.Constant(ir.ArrayType(_V8, 8), None)

    return BLOCK(), generate


@intrinsic
def block_spread(typing: Any, address: Any) -> Any:
    """Return eight copies of the vector at an address."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _join(builder, [builder.load(_place(builder, args[0]), align=4)] * 8)

    return BLOCK(types.int64), generate


@intrinsic
def block_load(typing: Any, address: Any, step: Any) -> Any:
    """Return the vectors at address, address + step, ... (bytes)."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address, step = args
        places = _steps(builder, address, step, 8)
        return _join(builder, [builder.load(_place(builder, a), align=4) for a in places])

    return BLOCK(types.int64, types.int64), generate


@intrinsic
def block_store(typing: Any, block: Any, address: Any, step: Any) -> Any:
    """Put the vectors to address, address + step, ... (bytes)."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        block, address, step = args
        vectors = _split(builder, block)
        for vector, place in zip(
            vectors, _steps(builder, address, step, len(vectors)), strict=True
        ):
            builder.store(vector, _place(builder, place), align=4)
        return context.get_dummy_value()

    return types.void(block, types.int64, types.int64), generate


@intrinsic
def block_turn(typing: Any, block: Any) -> Any:
    """Transpose eight vectors of eight: pairs, then pairs of pairs, then halves."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def shuffled(a: Any, b: Any, lanes: list[int]) -> Any:
            wanted = ir.Constant(ir.VectorType(I32, LANES), lanes)
            return builder.shuffle_vector(a, b, wanted)

        rows = _split(builder, args[0])
        low, high = [0, 8, 1, 9, 4, 12, 5, 13], [2, 10, 3, 11, 6, 14, 7, 15]
        pairs = [
            shuffled(rows[i], rows[i + 1], lanes) for i in (0, 2, 4, 6) for lanes in (low, high)
        ]
        low, high = [0, 1, 8, 9, 4, 5, 12, 13], [2, 3, 10, 11, 6, 7, 14, 15]
        fours = [
            shuffled(pairs[i], pairs[i + 2], lanes) for i in (0, 1, 4, 5) for lanes in (low, high)
        ]
        low, high = [0, 1, 2, 3, 8, 9, 10, 11], [4, 5, 6, 7, 12, 13, 14, 15]
        return _join(
            builder,
            [shuffled(fours[i], fours[i + 4], lanes) for lanes in (low, high) for i in range(4)],
        )

    return BLOCK(BLOCK), generate


@intrinsic
def block_add(typing: Any, a: Any, b: Any) -> Any:
    """Return a + b."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pairs = zip(*(_split(builder, block) for block in args), strict=True)
        return _join(builder, [builder.fadd(a, b) for a, b in pairs])

    return BLOCK(BLOCK, BLOCK), generate


@intrinsic
def block_rectify(typing: Any, block: Any, cap: Any) -> Any:
    """Return x > 0 ? min(x, cap) : +0; a NaN stays."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        zero = ir.Constant(_V8, [0.0] * LANES)
        empty = ir.Constant(_V8, ir.Undefined)
        one = builder.insert_element(empty, args[1], ir.Constant(I32, 0))
        cap = builder.shuffle_vector(
            one, empty, ir.Constant(ir.VectorType(I32, LANES), [0] * LANES)
        )
        out = []
        for x in _split(builder, args[0]):
            kept = builder.select(builder.fcmp_ordered(">", x, cap), cap, x)
            out.append(builder.select(builder.fcmp_unordered(">", x, zero), kept, zero))
        return _join(builder, out)

    return BLOCK(BLOCK, types.float32), generate


@intrinsic
def block_mask(typing: Any, block: Any, gate: Any) -> Any:
    """Return gate > 0 ? x : +0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        zero = ir.Constant(_V8, [0.0] * LANES)
        pairs = zip(*(_split(builder, block) for block in args), strict=True)
        return _join(
            builder, [builder.select(builder.fcmp_ordered(">", g, zero), x, zero) for x, g in pairs]
        )

    return BLOCK(BLOCK, BLOCK), generate


def _mac(b: Any, x: Any, y: Any, total: Any, fused: bool) -> Any:
    if not fused:
        return b.fadd(b.fmul(x, y), total)
    kind = ir.FunctionType(_V8, [_V8] * 3)
    function = cgutils.get_or_insert_function(b.module, kind, f"llvm.fma.v{LANES}f32")
    return b.call(function, [x, y, total])


def _make_grow(fused: bool) -> Any:
    @intrinsic
    def grow(typing: Any, block: Any, low: Any, high: Any, step: Any, weight: Any) -> Any:
        """Return block + image * weight: four image vectors from `low`, four from `high` on."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            block, low, high, step, weight = args
            w = builder.load(_place(builder, weight), align=4)
            places = _steps(builder, low, step, 4) + _steps(builder, high, step, 4)
            image = [builder.load(_place(builder, a), align=4) for a in places]
            sums = _split(builder, block)
            return _join(
                builder, [_mac(builder, x, w, s, fused) for x, s in zip(image, sums, strict=True)]
            )

        return BLOCK(BLOCK, *[types.int64] * 4), generate

    return grow


def _make_grow_nine(stride: int) -> Any:
    @intrinsic
    def grow_nine(typing: Any, block: Any, low: Any, high: Any, down: Any, weights: Any) -> Any:
        """Return block + nine taps by fma, rows `down` bytes apart, weights in order."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            block, low, high, down, weights = args
            sums = _split(builder, block)
            vector = ir.Constant(I64, VECTOR)
            taps = [_place(builder, a) for a in _steps(builder, weights, vector, 9)]
            for i in range(3):
                w = [builder.load(a, align=4) for a in taps[3 * i : 3 * i + 3]]
                for half, base in ((0, low), (4, high)):
                    row = builder.add(base, builder.mul(down, ir.Constant(I64, i)))
                    for x, a in enumerate(_steps(builder, row, vector, 3 * stride + 3)):
                        seen = builder.load(_place(builder, a), align=4)
                        for k in range(4):
                            j = x - k * stride
                            if 0 <= j < 3:
                                sums[half + k] = _mac(builder, seen, w[j], sums[half + k], True)
            return _join(builder, sums)

        return BLOCK(BLOCK, *[types.int64] * 4), generate

    return grow_nine


grow_nine, grow_nine_strided = _make_grow_nine(1), _make_grow_nine(2)
grow_fma, grow_mul_add = _make_grow(True), _make_grow(False)

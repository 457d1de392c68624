"""Vectors of eight float32 in registers: load, store, transpose, multiply-add.

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


BLOCK, TAPS = Vectors(8), Vectors(9)


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


def _mac(b: Any, x: Any, y: Any, total: Any, fused: bool) -> Any:
    if not fused:
        return b.fadd(b.fmul(x, y), total)
    kind = ir.FunctionType(_V8, [_V8] * 3)
    function = cgutils.get_or_insert_function(b.module, kind, f"llvm.fma.v{LANES}f32")
    return b.call(function, [x, y, total])


def _make_grow_taps(fused: bool) -> Any:
    @intrinsic
    def grow_taps(typing: Any, taps: Any, a: Any, b: Any, c: Any, gradient: Any) -> Any:
        """Return taps + image * gradient: three image vectors from each of a, b, c on."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            taps, *rows, gradient = args
            g = builder.load(_place(builder, gradient), align=4)
            places = [a for r in rows for a in _steps(builder, r, ir.Constant(I64, VECTOR), 3)]
            image = [builder.load(_place(builder, a), align=4) for a in places]
            sums = _split(builder, taps)
            return _join(
                builder, [_mac(builder, x, g, s, fused) for x, s in zip(image, sums, strict=True)]
            )

        return TAPS(TAPS, *[types.int64] * 4), generate

    return grow_taps


grow_taps_fma, grow_taps_mul_add = _make_grow_taps(True), _make_grow_taps(False)


@intrinsic
def taps_load(typing: Any, address: Any) -> Any:
    """Return nine vectors that lie side by side."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        places = _steps(builder, args[0], ir.Constant(I64, VECTOR), 9)
        return _join(builder, [builder.load(_place(builder, a), align=4) for a in places])

    return TAPS(types.int64), generate

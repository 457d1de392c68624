"""Vectors of WIDE float32, a channel a lane: rows of channels transposed, taps grown by them.

WIDE is the machine's width where that is more than eight. Channels of an image lie `plane` bytes
apart; a transposed position has them side by side. Lanes behind the last channel repeat it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.extending import intrinsic, register_model

from tinycl.fast.machine import WIDTH
from tinycl.fast.native import F32, I32, I64

WIDE = max(8, WIDTH)
SPAN = 4 * WIDE  # bytes of a vector
_QUADS = WIDE // 4
_VECTOR = ir.VectorType(F32, WIDE)
TOTAL, HELD = 9, 10  # the place of the sum; vectors of WideTaps


class WideTaps(types.Type):
    """Ten vectors of WIDE float32, in registers: a tile of 3x3 taps, and the gradient's sum."""

    def __init__(self) -> None:
        super().__init__(name=f"WideTaps({WIDE})")


@register_model(WideTaps)
class _WideTapsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: WideTaps) -> None:
        super().__init__(manager, kind, ir.ArrayType(_VECTOR, HELD))


TAPS = WideTaps()


def _load(b: Any, address: Any, kind: Any = _VECTOR) -> Any:
    return b.load(b.inttoptr(address, kind.as_pointer()), align=4)


def _store(b: Any, vector: Any, address: Any) -> None:
    b.store(vector, b.inttoptr(address, _VECTOR.as_pointer()), align=4)


def _shuffle(b: Any, left: Any, right: Any, lanes: list[int]) -> Any:
    return b.shuffle_vector(left, right, ir.Constant(ir.VectorType(I32, len(lanes)), lanes))


def row_offsets(b: Any, plane: Any, valid: Any) -> list[Any]:
    """Return how many bytes behind the first of `valid` rows each of WIDE begins."""
    last = b.mul(plane, b.sub(valid, I64(1)))
    offsets = [I64(0)]
    for _ in range(1, WIDE):
        following = b.add(offsets[-1], plane)
        offsets.append(b.select(b.icmp_signed("<", following, last), following, last))
    return offsets


def columns(b: Any, rows: list[Any]) -> list[Any]:
    """Return the vectors of WIDE positions, a lane a row, of rows at WIDE addresses.

    Halves of two rows are loaded into one vector; of four such vectors the quarters of 4x4 floats
    are transposed where they are. With sixteen lanes a quarter of a vector then holds four
    channels: those of positions k and k+4 are put together from two vectors.
    """
    half = WIDE // 2
    kind = ir.VectorType(F32, half)
    out: list[Any] = [None] * WIDE
    for begin in (0, half):
        place = ir.Constant(I64, 4 * begin)

        def two(r: int, place: Any = place) -> Any:
            low, high = (_load(b, b.add(rows[i], place), kind) for i in (r, r + 4))
            return _shuffle(b, low, high, list(range(WIDE)))

        fours = [_turn_quarters(b, [two(r + i) for i in range(4)]) for r in range(0, WIDE, 8)]
        if WIDE == 8:
            out[begin : begin + half] = fours[0]
            continue
        for first in (0, 1):
            lanes = [4 * q + i for q in (first, first + 2, first + 4, first + 6) for i in range(4)]
            for k in range(4):
                out[begin + 4 * first + k] = _shuffle(b, fours[0][k], fours[1][k], lanes)
    return out


def _turn_quarters(b: Any, rows: list[Any]) -> list[Any]:
    """Transpose the 4x4 floats in each quarter (WIDE 8: half) of four vectors."""

    def mix(left: Any, right: Any, lanes: tuple[int, ...]) -> Any:
        wanted = [4 * q + k % 4 + k // 4 * WIDE for q in range(_QUADS) for k in lanes]
        return _shuffle(b, left, right, wanted)

    low, high, first, second = (0, 4, 1, 5), (2, 6, 3, 7), (0, 1, 4, 5), (2, 3, 6, 7)
    pairs = [(mix(rows[0], rows[1], half), mix(rows[2], rows[3], half)) for half in (low, high)]
    return [mix(*pair, half) for pair in pairs for half in (first, second)]


@intrinsic
def turn_rows(typing: Any, source: Any, plane: Any, valid: Any, target: Any) -> Any:
    """Put WIDE positions of `valid` channels, transposed, side by side to target."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source, plane, valid, target = args
        rows = [builder.add(source, o) for o in row_offsets(builder, plane, valid)]
        for k, vector in enumerate(columns(builder, rows)):
            _store(builder, vector, builder.add(target, ir.Constant(I64, SPAN * k)))
        return context.get_dummy_value()

    return types.void(*[types.int64] * 4), generate


@intrinsic
def copy_wide(typing: Any, source: Any, target: Any) -> Any:
    """Copy one vector."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _store(builder, _load(builder, args[0]), args[1])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


def _side_by_side(b: Any, address: Any) -> list[Any]:
    return [b.add(address, ir.Constant(I64, SPAN * i)) for i in range(HELD)]


@intrinsic
def wide_taps_load(typing: Any, address: Any) -> Any:
    """Return the vectors that lie side by side."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        taps = ir.Constant(ir.ArrayType(_VECTOR, HELD), ir.Undefined)
        for i, place in enumerate(_side_by_side(builder, args[0])):
            taps = builder.insert_value(taps, _load(builder, place), i)
        return taps

    return TAPS(types.int64), generate


@intrinsic
def wide_taps_store(typing: Any, taps: Any, address: Any) -> Any:
    """Put the vectors side by side."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        for i, place in enumerate(_side_by_side(builder, args[1])):
            _store(builder, builder.extract_value(args[0], i), place)
        return context.get_dummy_value()

    return types.void(TAPS, types.int64), generate


def _make_grow(count: int, stride: int, fused: bool) -> Any:
    @intrinsic
    def grow(typing: Any, taps: Any, a: Any, b: Any, c: Any, gradient: Any) -> Any:
        """Return taps + image * gradient of `count` positions, image rows at a, b and c; the sum.

        Each column of the image is loaded once and serves all taps and positions that see it.
        """

        def mac(b: Any, x: Any, y: Any, total: Any) -> Any:
            if not fused:
                return b.fadd(b.fmul(x, y), total)
            kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
            function = cgutils.get_or_insert_function(b.module, kind, f"llvm.fma.v{WIDE}f32")
            return b.call(function, [x, y, total])

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            taps, *rows, gradient = args
            sums = [builder.extract_value(taps, i) for i in range(HELD)]

            def seen(base: Any, k: int) -> Any:
                return _load(builder, builder.add(base, ir.Constant(I64, SPAN * k)))

            g = [seen(gradient, k) for k in range(count)]
            for one in g:
                sums[TOTAL] = builder.fadd(sums[TOTAL], one)
            for x in range((count - 1) * stride + 3):
                users = [(j, (x - j) // stride) for j in range(3) if (x - j) % stride == 0]
                users = [(j, k) for j, k in users if 0 <= k < count]
                for i in range(3):
                    column = seen(rows[i], x)
                    for j, k in users:
                        sums[3 * i + j] = mac(builder, column, g[k], sums[3 * i + j])
            for i, total in enumerate(sums):
                taps = builder.insert_value(taps, total, i)
            return taps

        return TAPS(TAPS, *[types.int64] * 4), generate

    return grow


FOUR = 4
grow_four, grow_four_strided = _make_grow(FOUR, 1, True), _make_grow(FOUR, 2, True)
grow_one_fma, grow_one_mul_add = _make_grow(1, 1, True), _make_grow(1, 1, False)

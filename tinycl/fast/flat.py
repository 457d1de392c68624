"""Vectors of WIDTH float32 along an image: load, store, nine taps, one tap, rectify, mask.

Each lane is one output element with its own accumulator; no lane is ever added to another.
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

BYTES, MANY = 4 * WIDTH, 4  # of a vector; vectors in flight: as many as an fma takes cycles
_VECTOR, _LANES = ir.VectorType(F32, WIDTH), ir.VectorType(I32, WIDTH)
_BITS = ir.VectorType(ir.IntType(1), WIDTH)
_ZERO = ir.Constant(_VECTOR, [0.0] * WIDTH)


class Flat(types.Type):
    """So many vectors of WIDTH float32, in registers."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(name=f"Flat({count})")


@register_model(Flat)
class _FlatModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Flat) -> None:
        super().__init__(manager, kind, ir.ArrayType(_VECTOR, kind.count))


def _split(b: Any, block: Any) -> list[Any]:
    return [b.extract_value(block, i) for i in range(block.type.count)]


def _join(b: Any, vectors: list[Any]) -> Any:
    block = ir.Constant(ir.ArrayType(_VECTOR, len(vectors)), ir.Undefined)
    for i, vector in enumerate(vectors):
        block = b.insert_value(block, vector, i)
    return block


def _place(b: Any, address: Any, kind: Any = _VECTOR) -> Any:
    return b.inttoptr(address, kind.as_pointer())


def _load(b: Any, address: Any, kind: Any = _VECTOR) -> Any:
    return b.load(_place(b, address, kind), align=4)


def _steps(b: Any, address: Any, step: Any, count: int) -> list[Any]:
    return [b.add(address, b.mul(step, I64(i))) for i in range(count)]


def _spread(b: Any, word: Any) -> Any:
    one = b.insert_element(ir.Constant(_VECTOR, ir.Undefined), word, I32(0))
    return b.shuffle_vector(one, one, ir.Constant(_LANES, [0] * WIDTH))


def _fma(b: Any, x: Any, y: Any, total: Any) -> Any:
    kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
    return b.call(
        cgutils.get_or_insert_function(b.module, kind, f"llvm.fma.v{WIDTH}f32"), [x, y, total]
    )


def _below(b: Any, count: Any) -> Any:
    """Return which lanes are below a count."""
    count = b.trunc(count, I32)
    one = b.insert_element(ir.Constant(_LANES, ir.Undefined), count, I32(0))
    counts = b.shuffle_vector(one, one, ir.Constant(_LANES, [0] * WIDTH))
    return b.icmp_signed("<", ir.Constant(_LANES, list(range(WIDTH))), counts)


def _load_where(b: Any, address: Any, lanes: Any) -> Any:
    """Return what lies at an address in some lanes, +0.0 in the others; these are not read."""
    place = _place(b, address)
    kind = ir.FunctionType(_VECTOR, [place.type, I32, _BITS, _VECTOR])
    function = cgutils.get_or_insert_function(b.module, kind, f"llvm.masked.load.v{WIDTH}f32.p0")
    return b.call(function, [place, I32(4), lanes, _ZERO])


def _make_spread(count: int) -> Any:
    @intrinsic
    def spread(typing: Any, word: Any) -> Any:
        """Return vectors whose lanes are all one number."""

        def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
            return _join(b, [_spread(b, args[0])] * count)

        return Flat(count)(types.float32), generate

    return spread


@intrinsic
def spread_nine(typing: Any, address: Any, step: Any) -> Any:
    """Return nine vectors, each of one word: at address, address + step, ... (bytes)."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        return _join(b, [_spread(b, _load(b, a, F32)) for a in _steps(b, args[0], args[1], 9)])

    return Flat(9)(types.int64, types.int64), generate


def _make_load(count: int) -> Any:
    @intrinsic
    def load(typing: Any, address: Any, step: Any) -> Any:
        """Return the vectors at address, address + step, ... (bytes)."""

        def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
            return _join(b, [_load(b, a) for a in _steps(b, args[0], args[1], count)])

        return Flat(count)(types.int64, types.int64), generate

    return load


@intrinsic
def store(typing: Any, block: Any, address: Any, step: Any) -> Any:
    """Put the vectors to address, address + step, ... (bytes)."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        block, address, step = args
        places = _steps(b, address, step, block.type.count)
        for vector, place in zip(_split(b, block), places, strict=True):
            b.store(vector, _place(b, place), align=4)
        return context.get_dummy_value()

    return types.void(block, types.int64, types.int64), generate


@intrinsic
def load_part(typing: Any, address: Any, words: Any) -> Any:
    """Return one vector of which only so many words are read; +0.0 behind them."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        return _join(b, [_load_where(b, args[0], _below(b, args[1]))])

    return Flat(1)(types.int64, types.int64), generate


@intrinsic
def store_part(typing: Any, block: Any, address: Any, words: Any) -> Any:
    """Put so many words of one vector to an address."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        place = _place(b, args[1])
        kind = ir.FunctionType(ir.VoidType(), [_VECTOR, place.type, I32, _BITS])
        function = cgutils.get_or_insert_function(
            b.module, kind, f"llvm.masked.store.v{WIDTH}f32.p0"
        )
        (vector,) = _split(b, args[0])
        b.call(function, [vector, place, I32(4), _below(b, args[2])])
        return context.get_dummy_value()

    return types.void(Flat(1), types.int64, types.int64), generate


@intrinsic
def add(typing: Any, block: Any, word: Any) -> Any:
    """Return x + word."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        word = _spread(b, args[1])
        return _join(b, [b.fadd(x, word) for x in _split(b, args[0])])

    return block(block, types.float32), generate


@intrinsic
def rectify(typing: Any, block: Any, cap: Any) -> Any:
    """Return x > 0 ? min(x, cap) : +0; a NaN stays."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        cap, out = _spread(b, args[1]), []
        for x in _split(b, args[0]):
            kept = b.select(b.fcmp_ordered(">", x, cap), cap, x)
            out.append(b.select(b.fcmp_unordered(">", x, _ZERO), kept, _ZERO))
        return _join(b, out)

    return block(block, types.float32), generate


@intrinsic
def mask(typing: Any, block: Any, gate: Any) -> Any:
    """Return gate > 0 ? x : +0."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        pairs = zip(*(_split(b, block) for block in args), strict=True)
        return _join(b, [b.select(b.fcmp_ordered(">", g, _ZERO), x, _ZERO) for x, g in pairs])

    return block(block, block), generate


spread_one, spread_many = _make_spread(1), _make_spread(MANY)
load_one, load_many = _make_load(1), _make_load(MANY)

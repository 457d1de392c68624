"""Eight float32 from one place to another: as they are, reversed, every second, spread apart."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from tinycl.fast.native import F32, I32


def _make_prefetch(write: int) -> Any:
    """Return a function that asks for the cache line at an address; any address will do."""

    @intrinsic
    def ask(typing: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            place = builder.inttoptr(args[0], cgutils.voidptr_t)
            kind = ir.FunctionType(ir.VoidType(), [place.type, I32, I32, I32])
            function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
            builder.call(function, [place, *(ir.Constant(I32, n) for n in (write, 3, 1))])
            return context.get_dummy_value()

        return types.void(types.int64), generate

    return ask


prefetch = _make_prefetch(0)
prefetch_owned = _make_prefetch(1)  # to write it: no other core keeps a copy


def _make_copy(read: int, lanes: tuple[int, ...]) -> Any:
    """Return a copy that takes these lanes of `read` float32; lane `read` is +0.0."""

    @intrinsic
    def copy(typing: Any, source: Any, target: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kind = ir.VectorType(F32, read)
            seen = builder.load(builder.inttoptr(args[0], kind.as_pointer()), align=4)
            wanted = ir.Constant(ir.VectorType(I32, len(lanes)), list(lanes))
            moved = builder.shuffle_vector(seen, ir.Constant(kind, [0.0] * read), wanted)
            builder.store(moved, builder.inttoptr(args[1], moved.type.as_pointer()), align=4)
            return context.get_dummy_value()

        return types.void(types.int64, types.int64), generate

    return copy


copy_line = _make_copy(16, tuple(range(16)))
copy_vector = _make_copy(8, (0, 1, 2, 3, 4, 5, 6, 7))
copy_four = _make_copy(4, (0, 1, 2, 3))
copy_reversed = _make_copy(8, (7, 6, 5, 4, 3, 2, 1, 0))
copy_even = _make_copy(16, (0, 2, 4, 6, 8, 10, 12, 14))
copy_apart = _make_copy(4, (0, 4, 1, 4, 2, 4, 3, 4))
copy_apart_odd = _make_copy(4, (4, 0, 4, 1, 4, 2, 4, 3))


def _make_deal(read: int, parts: tuple[tuple[int, ...], ...]) -> Any:
    """Return a copy of `read` float32 that puts these lanes to an address each; +0.0 as above."""

    @intrinsic
    def deal(typing: Any, source: Any, places: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kind = ir.VectorType(F32, read)
            seen = builder.load(builder.inttoptr(args[0], kind.as_pointer()), align=4)
            for i, lanes in enumerate(parts):
                wanted = ir.Constant(ir.VectorType(I32, len(lanes)), list(lanes))
                moved = builder.shuffle_vector(seen, ir.Constant(kind, [0.0] * read), wanted)
                place = builder.extract_value(args[1], i)
                builder.store(moved, builder.inttoptr(place, moved.type.as_pointer()), align=4)
            return context.get_dummy_value()

        return types.void(types.int64, types.UniTuple(types.int64, len(parts))), generate

    return deal


deal_8, deal_32 = (_make_deal(n, tuple(tuple(range(i, n, 2)) for i in (0, 1))) for n in (8, 32))
apart_8 = _make_deal(8, (tuple(n for i in range(8) for n in (i, 8)),))
# Two rows of 16, or four rows of eight: even rows, then odd ones, of each the even columns first.
deal_rows_16 = _make_deal(32, tuple(tuple(range(i, i + 16, 2)) for i in (0, 1, 16, 17)))
deal_rows_8 = _make_deal(
    32, tuple((*range(i, i + 8, 2), *range(i + 16, i + 24, 2)) for i in (0, 1, 8, 9))
)

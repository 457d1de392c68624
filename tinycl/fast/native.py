"""What Numba does not have: addresses, calls through them, exact scalar fma, atomics.

Everything here is LLVM put down by hand. Nothing sets a fast-math flag, so LLVM neither contracts
nor reorders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

I8, I32, I64, F32 = ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.FloatType()
Function = TypeVar("Function", bound=Callable[..., Any])
KERNEL = types.void(types.CPointer(types.int64), types.intp, types.intp)


def named(owner: str) -> Callable[[Function], Function]:
    """Return a decorator for functions that a factory makes more than once, below `njit`.

    LLVM knows a function by its name and a number that each process counts anew. Of two kernels
    from the disk, compiled in two processes, one would call the other's function of that name.
    """

    def name(function: Function) -> Function:
        function.__qualname__ = f"{owner}.{function.__name__}"
        return function

    return name


@intrinsic
def pointer(typing: Any, address: Any) -> Any:
    """Turn an address (int64) into a pointer that `carray` takes."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), generate


@intrinsic
def call(typing: Any, function: Any, argument: Any, core: Any, cores: Any) -> Any:
    """Call the kernel at an address: void (int64 *argument, core, cores)."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [I64.as_pointer(), I64, I64])
        target = builder.inttoptr(args[0], kind.as_pointer())
        builder.call(target, [builder.inttoptr(args[1], I64.as_pointer()), args[2], args[3]])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.intp, types.intp), generate


@intrinsic
def fma(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a*b + c in float32, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fma(*args)

    return types.float32(types.float32, types.float32, types.float32), generate


@intrinsic
def to_bits(typing: Any, x: Any) -> Any:
    """Return the bit pattern of a float32 as an int32."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], I32)

    return types.int32(types.float32), generate


@intrinsic
def from_bits(typing: Any, x: Any) -> Any:
    """Return the float32 of a bit pattern."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], F32)

    return types.float32(types.int32), generate


@intrinsic
def atomic_add(typing: Any, address: Any, value: Any) -> Any:
    """Add to the int64 at an address and return what was there."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.inttoptr(args[0], I64.as_pointer())
        return builder.atomic_rmw("add", place, args[1], "seq_cst")

    return types.int64(types.int64, types.int64), generate


@intrinsic
def atomic_load(typing: Any, address: Any) -> Any:
    """Return the int64 at an address; what other threads wrote before it is seen."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load_atomic(builder.inttoptr(args[0], I64.as_pointer()), "acquire", 8)

    return types.int64(types.int64), generate


@intrinsic
def yield_core(typing: Any) -> Any:
    """Let another thread run (POSIX sched_yield)."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(I32, []), "sched_yield"
        )
        builder.call(function, [])
        return context.get_dummy_value()

    return types.void(), generate


def _byte(name: str) -> Any:
    """Return an intrinsic around POSIX `read` or `write` of one byte."""

    @intrinsic
    def move(typing: Any, file: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kind = ir.FunctionType(I64, [I32, I8.as_pointer(), I64])
            function = cgutils.get_or_insert_function(builder.module, kind, name)
            byte = cgutils.alloca_once_value(builder, ir.Constant(I8, 0))
            return builder.call(function, [builder.trunc(args[0], I32), byte, I64(1)])

        return types.int64(types.int64), generate

    return move


read_byte, write_byte = _byte("read"), _byte("write")

"""The machine's own limits: multiply-adds that stay in registers, and memory far from the core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from tinycl.fast.machine import WIDTH
from tinycl.fast.native import F32, I32, I64

CHAINS, LINKS, ROUNDS = 12, 4, 20_000  # independent chains hide the latency
FAR = 1 << 22  # float32 words of an array, 16 MiB: more than a second-level cache


@intrinsic
def _spin(typing: Any, rounds: Any, factor: Any) -> Any:
    """Multiply-add `rounds` x LINKS times in each of CHAINS vectors."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = ir.VectorType(F32, WIDTH)
        kind = ir.FunctionType(vector, [vector] * 3)
        fma = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{WIDTH}f32")
        empty = ir.Constant(vector, ir.Undefined)
        one = builder.insert_element(empty, args[1], ir.Constant(I32, 0))
        lanes = ir.Constant(ir.VectorType(I32, WIDTH), [0] * WIDTH)
        factor = builder.shuffle_vector(one, empty, lanes)
        start = builder.block
        loop, end = builder.append_basic_block("loop"), builder.append_basic_block("end")
        builder.branch(loop)
        builder.position_at_end(loop)
        count = builder.phi(I64)
        count.add_incoming(ir.Constant(I64, 0), start)
        chains = [builder.phi(vector) for _ in range(CHAINS)]
        grown = []
        for chain in chains:
            value = chain
            for _ in range(LINKS):
                value = builder.call(fma, [factor, factor, value])
            chain.add_incoming(ir.Constant(vector, [0.0] * WIDTH), start)
            chain.add_incoming(value, loop)
            grown.append(value)
        following = builder.add(count, ir.Constant(I64, 1))
        count.add_incoming(following, loop)
        builder.cbranch(builder.icmp_signed("<", following, args[0]), loop, end)
        builder.position_at_end(end)
        total = grown[0]
        for value in grown[1:]:
            total = builder.fadd(total, value)
        return builder.extract_element(total, ir.Constant(I32, 0))

    return types.float32(types.int64, types.float32), generate


@njit(nogil=True)
def _run(rounds: int, factor: Any) -> Any:
    return _spin(rounds, factor)


def peak_job() -> tuple[Callable[[], object], float]:
    """Return a job for one thread, and the floating-point operations that it does."""
    factor = np.float32(0.5)
    return lambda: _run(ROUNDS, factor), 2.0 * CHAINS * LINKS * ROUNDS * WIDTH


@njit(nogil=True)
def _triad(a: Any, b: Any, c: Any, factor: Any) -> None:
    for i in range(a.size):
        a[i] = b[i] + factor * c[i]


def memory_job() -> tuple[Callable[[], object], float]:
    """Return a job for one thread, and the bytes that it reads and writes: STREAM's triad."""
    a, b, c = (np.ones(FAR, np.float32) for _ in range(3))
    return lambda: _triad(a, b, c, np.float32(0.5)), 3.0 * a.nbytes

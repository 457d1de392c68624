"""Float32 as bytes with a scale and a zero point, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from tinycl.fast import call
from tinycl.fast.arithmetic import div, mul
from tinycl.fast.call import address, elements, integers, share, unsigned_bytes, vector
from tinycl.fast.int8_vectors import LANES, lanes_of, load, same_lanes, spread, store, wide_bytes
from tinycl.fast.native import F32, I8

HIGH = np.float32(256)
MAGIC = np.float32(12582912)  # 1.5 * 2^23: added and taken away, it leaves whole numbers
LEAST, MOST = np.int32(0), np.int32(255)


@intrinsic
def _to_bytes(typing: Any, x: Any, scale: Any, zero: Any, to: Any) -> Any:
    """Quantise the LANES float32 at an address."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x, scale, zero, to = args
        floats, whole = lanes_of(LANES, F32), lanes_of(LANES)

        def same(value: float) -> Any:
            return same_lanes(floats, value)

        def between(value: Any, least: Any, most: Any, compare: Any) -> Any:
            value = builder.select(compare("<", value, least), least, value)
            return builder.select(compare(">", value, most), most, value)

        quotient = builder.fdiv(load(builder, x, floats), spread(builder, scale, LANES))
        number = builder.fcmp_ordered("ord", quotient, quotient)
        kept = builder.select(number, quotient, same(0.0))
        kept = between(kept, same(-256.0), same(256.0), builder.fcmp_ordered)
        near = builder.fsub(builder.fadd(kept, same(float(MAGIC))), same(float(MAGIC)))
        moved = builder.add(builder.fptosi(near, whole), spread(builder, zero, LANES))
        ends = same_lanes(whole, 0), same_lanes(whole, 255)
        store(builder, builder.trunc(between(moved, *ends, builder.icmp_signed),
                                     lanes_of(LANES, I8)), to)  # fmt: skip
        return context.get_dummy_value()

    return types.void(types.int64, types.float32, types.int32, types.int64), generate


@njit
def _one_by_one(x, q, begin, end, scale, zero, flush):
    for i in range(begin, end):
        quotient = div(x[i], scale, flush)
        kept = quotient if quotient == quotient else np.float32(0)
        kept = min(HIGH, max(-HIGH, kept))
        moved = np.int32(np.int32((kept + MAGIC) - MAGIC) + zero)
        q[i] = np.uint8(min(MOST, max(LEAST, moved)))


def quantise(p: Any, core: int, cores: int) -> None:
    """Compute q = x/scale to the nearest, ties to even, plus zero, between 0 and 255."""
    begin, end = share(elements(p, 0), core, cores)
    scale, zero = vector(p, 1)[0], np.int32(integers(p, 2)[0])
    whole = begin if p[call.FLUSH] else end - (end - begin) % LANES
    for i in range(begin, whole, LANES):
        _to_bytes(address(p, 0) + 4 * i, scale, zero, address(p, 3) + i)
    _one_by_one(vector(p, 0), unsigned_bytes(p, 3), whole, end, scale, zero, p[call.FLUSH])


@intrinsic
def _to_floats(typing: Any, q: Any, scale: Any, zero: Any, to: Any) -> Any:
    """Dequantise the LANES bytes at an address."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        q, scale, zero, to = args
        difference = builder.sub(wide_bytes(builder, q), spread(builder, zero, LANES))
        exact = builder.sitofp(difference, lanes_of(LANES, F32))
        store(builder, builder.fmul(exact, spread(builder, scale, LANES)), to)
        return context.get_dummy_value()

    return types.void(types.int64, types.float32, types.int32, types.int64), generate


def dequantise(p: Any, core: int, cores: int) -> None:
    """Compute x = (q - zero) * scale."""
    begin, end = share(elements(p, 0), core, cores)
    q, x = unsigned_bytes(p, 0), vector(p, 3)
    scale, zero = vector(p, 1)[0], np.int32(integers(p, 2)[0])
    whole = begin if p[call.FLUSH] else end - (end - begin) % LANES
    for i in range(begin, whole, LANES):
        _to_floats(address(p, 0) + i, scale, zero, address(p, 3) + 4 * i)
    for i in range(whole, end):
        x[i] = mul(np.float32(np.int32(np.int32(q[i]) - zero)), scale, p[call.FLUSH])

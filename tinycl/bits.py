"""Tensors as bits: one NaN, equality, hexadecimal, distance in ulp, digests."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = np.float32
I32 = np.int32
NAN_BITS = np.uint32(0x7FC00000)
INFINITY_BITS = 0x7F800000
DTYPES: dict[str, type[np.generic]] = {
    "f32": np.float32,
    "i32": np.int32,
    "u8": np.uint8,
    "i8": np.int8,
}

Array = NDArray[Any]


def canonical(x: Array) -> Array:
    """Return `x` with every NaN as 0x7fc00000, so that sign and payload never count."""
    x = np.asarray(x)
    if x.dtype != F32:
        return x
    unsigned = np.ascontiguousarray(x).reshape(x.shape).view(np.uint32)
    return np.where(np.isnan(x), NAN_BITS, unsigned).view(F32)


def words(x: Array) -> NDArray[np.uint32]:
    """Bit patterns of the elements, NaNs canonical, bytes with zeros before them, shape kept."""
    x = canonical(x)
    whole = np.ascontiguousarray(x).reshape(x.shape)
    return whole.view(np.uint8).astype(np.uint32) if x.itemsize == 1 else whole.view(np.uint32)


def little(x: Array) -> bytes:
    """Bytes of the elements one behind the other, NaNs canonical, little-endian."""
    x = canonical(x)
    return np.ascontiguousarray(x).astype(x.dtype.newbyteorder("<")).tobytes()


def equal(a: Array, b: Array) -> bool:
    """Tell whether two tensors have the same dtype, shape and canonical bits."""
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and bool(np.array_equal(words(a), words(b)))


def to_hex(value: Any) -> str:
    """Two hexadecimal digits for each byte of one element."""
    value = np.asarray(value)
    return f"{int(words(value).reshape(())):0{2 * value.itemsize}x}"


def ulp_distance(a: Array, b: Array) -> NDArray[np.int64]:
    """Count the float32 values from `a` to `b`; a diagnosis, never a verdict.

    +0 and -0 are one step apart. A NaN is one step above infinity.
    """

    def ordinal(x: Array) -> NDArray[np.int64]:
        bits = np.where(np.isnan(x), INFINITY_BITS + 1, words(x)).astype(np.int64)
        return np.where(bits & 0x80000000, -1 - (bits & 0x7FFFFFFF), bits)

    distance: NDArray[np.int64] = np.abs(ordinal(a) - ordinal(b))
    return distance


def digest(x: Array) -> str:
    """SHA-256 over dtype, shape and little-endian canonical bits, hexadecimal."""
    x = np.asarray(x)
    head = f"{x.dtype.str[1:]} {','.join(map(str, x.shape))}\n".encode()
    return hashlib.sha256(head + little(x)).hexdigest()


def crc32(x: Array) -> int:
    """CRC-32, as zlib counts it, over the canonical bits, little-endian."""
    return zlib.crc32(little(x))

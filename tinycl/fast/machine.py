"""What this CPU's vectors are like, and the register tile that suits them."""

from __future__ import annotations

import os
from typing import NamedTuple

import llvmlite.binding as llvm


class Shape(NamedTuple):
    """A register tile: rows, vectors a row, float32 lanes a vector."""

    rows: int
    vectors: int
    width: int

    @property
    def columns(self) -> int:
        """Columns of the panels that this tile walks along."""
        return self.vectors * self.width


# Widest first: columns that do not fill a panel go to narrower tiles, down to a single vector.
# A tile has at least eight sums where the registers allow it: as many as two units of latency four
# keep in flight.
SHAPES = {
    "avx512": (Shape(6, 4, 16), Shape(8, 2, 16), Shape(8, 1, 16)),  # up to 24 of 32 registers
    "avx2": (Shape(6, 2, 8), Shape(8, 1, 8)),  # up to 12 of 16
    "neon": (Shape(6, 4, 4), Shape(8, 2, 4), Shape(8, 1, 4)),
    "none": (Shape(4, 2, 4), Shape(4, 1, 4)),
}
LOW = 2  # a short tile has so many rows fewer
LINE = 16  # words a cache line
FAR = 1024  # words from row to row, from which on rows share sets of the nearest cache


def kind() -> str:
    """Name the vectors of this CPU, or what TINYCL_VECTORS asks for."""
    asked = os.environ.get("TINYCL_VECTORS")
    if asked:
        return asked
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        return "avx512"
    if features.get("avx2") and features.get("fma"):
        return "avx2"
    return "neon" if features.get("neon") else "none"


def dots() -> str:
    """Name how this CPU adds products of bytes to an int32, or what TINYCL_DOTS asks for.

    Returns
    -------
    str
        ``quads``: four products at once (AVX-512 VNNI). ``pairs16``, ``pairs8``, ``pairs4``: two
        products of 16 bits at once in so many lanes (AVX-512, AVX2, SSE2). ``single``: any CPU.
    """
    asked = os.environ.get("TINYCL_DOTS")
    if asked:
        return asked
    vectors, features = kind(), llvm.get_host_cpu_features()
    if vectors == "avx512" and features.get("avx512bw"):
        return "quads" if features.get("avx512vnni") else "pairs16"
    if vectors == "avx2":
        return "pairs8"
    return "pairs4" if vectors == "none" and features.get("sse2") else "single"


TILES = SHAPES[kind()]
DOTS = dots()
WIDTH = TILES[0].width
COLUMNS = TILES[0].columns  # of the widest panel
ROWS = max(shape.rows for shape in TILES)

"""What this CPU's vectors are like, and the register tile that suits them."""

from __future__ import annotations

import os
from typing import NamedTuple

import llvmlite.binding as llvm

from tinycl.fast.micro import make_tile


class Shape(NamedTuple):
    """A register tile: rows, vectors a row, float32 lanes a vector."""

    rows: int
    vectors: int
    width: int


TILES = {
    "avx512": Shape(8, 3, 16),  # 24 of 32 registers for sums
    "avx2": Shape(6, 2, 8),  # 12 of 16
    "neon": Shape(8, 2, 4),  # 16 of 32
    "none": Shape(4, 2, 4),
}


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


TILE = TILES[kind()]
ROWS, COLUMNS = TILE.rows, TILE.vectors * TILE.width
tile = make_tile(*TILE)

"""The register tiles of bytes as kernels of their own, which products call by address.

Each is compiled once, however many products there are. `p` points to the words of
`int8_micro.make_byte_tile`.
"""

from __future__ import annotations

from typing import Any

from tinycl.fast.int8_micro import make_byte_tile
from tinycl.fast.machine import LOW, TILES
from tinycl.fast.tiles import KINDS

_shapes = [TILES[min(k, len(TILES) - 1)] for k in range(KINDS)]
_tall_0, _tall_1, _tall_2 = (make_byte_tile(*s) for s in _shapes)
_low_0, _low_1, _low_2 = (make_byte_tile(s.rows - LOW, s.vectors, s.width) for s in _shapes)


def byte_tile_tall_0(p: Any, core: int, cores: int) -> None:
    """Compute a tile of the widest shape."""
    _tall_0(p)


def byte_tile_low_0(p: Any, core: int, cores: int) -> None:
    """Compute one that is LOW rows lower."""
    _low_0(p)


def byte_tile_tall_1(p: Any, core: int, cores: int) -> None:
    """Compute a tile of the second shape."""
    _tall_1(p)


def byte_tile_low_1(p: Any, core: int, cores: int) -> None:
    """Compute one that is LOW rows lower."""
    _low_1(p)


def byte_tile_tall_2(p: Any, core: int, cores: int) -> None:
    """Compute a tile of the third shape."""
    _tall_2(p)


def byte_tile_low_2(p: Any, core: int, cores: int) -> None:
    """Compute one that is LOW rows lower."""
    _low_2(p)


def names() -> list[str]:
    """Return the kernels of the shapes of this CPU: tall and low of the widest, then narrower."""
    return [f"byte_tile_{height}_{k}" for k in range(len(TILES)) for height in ("tall", "low")]

"""The register tiles of this CPU as kernels of their own, which products call by address.

Each is compiled once, however many products there are. `p` points to the words of
`micro.make_tile`.
"""

from __future__ import annotations

from typing import Any

from tinycl.fast.machine import LOW, TILES
from tinycl.fast.micro import make_tile

KINDS = 3  # at most: whole panels, narrower ones, single vectors

_shapes = [TILES[min(k, len(TILES) - 1)] for k in range(KINDS)]
_tall_0, _tall_1, _tall_2 = (make_tile(*s) for s in _shapes)
_low_0, _low_1, _low_2 = (make_tile(s.rows - LOW, s.vectors, s.width) for s in _shapes)


def tile_tall_0(p: Any, core: int, cores: int) -> None:
    """Compute a tile of the widest shape."""
    _tall_0(p)


def tile_low_0(p: Any, core: int, cores: int) -> None:
    """Compute one that is LOW rows lower."""
    _low_0(p)


def tile_tall_1(p: Any, core: int, cores: int) -> None:
    """Compute a tile of the second shape."""
    _tall_1(p)


def tile_low_1(p: Any, core: int, cores: int) -> None:
    """Compute one that is LOW rows lower."""
    _low_1(p)


def tile_tall_2(p: Any, core: int, cores: int) -> None:
    """Compute a tile of the third shape."""
    _tall_2(p)


def tile_low_2(p: Any, core: int, cores: int) -> None:
    """Compute one that is LOW rows lower."""
    _low_2(p)


def names() -> list[str]:
    """Return the kernels of the shapes of this CPU: tall and low of the widest, then narrower."""
    return [f"tile_{height}_{k}" for k in range(len(TILES)) for height in ("tall", "low")]

"""For those who test kernels: a pytest plugin, equality of bits, hypothesis strategies.

`tinycl.testing.strategies` needs hypothesis, which ``pip install tinycl[test]`` brings. Nothing is
imported until it is used: pytest loads `tinycl.testing.plugin` at every start.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOMES = {"assert_bits_equal": "tinycl.testing.equality"}
_ROOMS = ("equality", "plugin", "strategies")

__all__ = ["assert_bits_equal", "equality", "plugin", "strategies"]  # noqa: F822  (PEP 562)

if TYPE_CHECKING:
    from tinycl.testing.equality import assert_bits_equal as assert_bits_equal


def __getattr__(name: str) -> Any:
    """Import a room or a name on first use (PEP 562)."""
    if name in _ROOMS:
        return importlib.import_module(f"tinycl.testing.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tinycl.testing' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the lazy names too."""
    return sorted(__all__)

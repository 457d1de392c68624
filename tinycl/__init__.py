"""tinycl: the bit-exact reference that on-device training firmware is checked against.

Nothing heavy is imported until it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "Contract": "tinycl.contract",
    "DEFAULT": "tinycl.contract",
    "Plan": "tinycl.plan",
    "Result": "tinycl.target.result",
    "run": "tinycl.target.registry",
    "set_num_threads": "tinycl.target.registry",
}
_ROOMS = (
    "bits",
    "cl",
    "contract",
    "data",
    "errors",
    "export",
    "files",
    "golden",
    "infer",
    "models",
    "nn",
    "num",
    "ops",
    "parity",
    "plan",
    "plot",
    "profile",
    "sparse",
    "target",
    "testing",
    "trace",
    "train",
    "validate",
)

__all__ = ["__version__", *_HOMES, *_ROOMS]

if TYPE_CHECKING:
    from tinycl.contract import DEFAULT as DEFAULT
    from tinycl.contract import Contract as Contract
    from tinycl.plan import Plan as Plan
    from tinycl.target.registry import run as run
    from tinycl.target.registry import set_num_threads as set_num_threads
    from tinycl.target.result import Result as Result


def __getattr__(name: str) -> Any:
    """Import a room or a name on first use (PEP 562)."""
    if name in _ROOMS:
        return importlib.import_module(f"tinycl.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tinycl' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the lazy names too."""
    return sorted(__all__)

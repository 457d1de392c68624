"""Parameters of policies: of the right kind and in range, or an error that says which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinycl.errors import PlanError

LARGEST = float(np.finfo(np.float32).max)  # plans round constants to binary32


def number(where: str, value: Any, least: float = 0.0, most: float = LARGEST) -> None:
    """Raise PlanError unless a value is a finite number from `least` to `most`."""
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not plain or not least <= value <= most:
        bound = f"from {least:g} to {most:g}"
        if most == LARGEST:
            bound = f"at least {least:g} that binary32 holds"
        raise PlanError(f"{where} must be a number {bound}, got {value!r}")


def whole(where: str, value: Any, least: int = 0) -> None:
    """Raise PlanError unless a value is a whole number, at least `least` and below 2^31."""
    plain = isinstance(value, int) and not isinstance(value, bool)
    if not plain or not least <= value < 1 << 31:
        raise PlanError(f"{where} must be a whole number from {least} to 2^31-1, got {value!r}")


def flag(where: str, value: Any) -> None:
    """Raise PlanError unless a value is True or False."""
    if not isinstance(value, bool):
        raise PlanError(f"{where} must be true or false, got {value!r}")


def one_of(where: str, value: Any, choices: Sequence[str]) -> None:
    """Raise PlanError unless a value is one of some words."""
    if not isinstance(value, str) or value not in choices:
        raise PlanError(f"{where} must be one of {', '.join(choices)}, got {value!r}")

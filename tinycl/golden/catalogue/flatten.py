"""Flatten and its gradient: bits move, nothing is computed."""

from __future__ import annotations

from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.patterns import PATTERNS
from tinycl.golden.catalogue.values import choice, plain
from tinycl.plan import Plan

N, IMAGE = 3, (2, 5, 7)


def cases() -> list[Case]:
    """Return the cases."""
    return [_case(kind, is_hard) for kind in ("forward", "input_grad") for is_hard in (False, True)]


def _case(direction: str, is_hard: bool) -> Case:
    forward = direction == "forward"
    shape = (N, *IMAGE) if forward else (N, IMAGE[0] * IMAGE[1] * IMAGE[2])

    def make(seed: int) -> tuple[Plan, Inputs]:
        x = choice(seed, 0, shape, PATTERNS) if is_hard else plain(seed, 0, shape)
        attrs = {} if forward else {"image": IMAGE}
        return one_operation(f"flatten_{direction}", {"x" if forward else "dy": x}, attrs)

    return Case(f"flatten_{direction}/image_{'hard' if is_hard else 'plain'}", make)

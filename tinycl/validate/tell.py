"""Elements, values and cores of a finding, in words."""

from __future__ import annotations

import numpy as np

from tinycl.bits import to_hex
from tinycl.validate.case import Case
from tinycl.validate.judge import Verdict
from tinycl.validate.runs import Run


def tell(case: Case, verdict: Verdict) -> str:
    """Return element and values of a verdict."""
    a, b = (np.float32(v) if isinstance(v, float) else np.int32(v) for v in _pair(verdict))
    return (
        f"{element(case, verdict.tensor, verdict.place)} is {b} ({to_hex(b)}), expected {a} "
        f"({to_hex(a)}); {verdict.count} of {verdict.total} elements"
    )


def _pair(verdict: Verdict) -> tuple[float, float]:
    return verdict.expected, verdict.got


def element(case: Case, name: str, place: tuple[int, ...]) -> str:
    """Return an element by the names of its axes."""
    axes = case.kernel.axes(name)
    return f"{name}[{' '.join(f'{a}={i}' for a, i in zip(axes, place, strict=True))}]"


def first(a: Run, b: Run) -> str:
    """Return the first element that differs between two runs."""
    for name, one in a.outputs.items():
        differ = np.ascontiguousarray(one).view(np.uint32) != np.ascontiguousarray(
            b.outputs[name]
        ).view(np.uint32)
        if differ.any():
            place = tuple(int(i) for i in np.argwhere(differ)[0])
            values = f"{to_hex(one[place])} and {to_hex(b.outputs[name][place])}"
            return f"{name}[{', '.join(map(str, place))}] is {values}"
    return "the outputs differ"


def listed(cores: list[int]) -> str:
    """Return cores as a list in words."""
    return ", ".join(map(str, cores)) or "none"

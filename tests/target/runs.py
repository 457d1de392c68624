"""Running a plan on a C target and on the specification."""

from __future__ import annotations

from typing import Any

from tinycl.bits import equal
from tinycl.plan import Plan
from tinycl.target.c_target import CTarget
from tinycl.target.numpy_target import NumpyTarget

Work = tuple[Plan, dict[str, Any]]


def same(target: CTarget, work: Work, **options: object) -> None:
    """Compare every tensor of a run with the specification's."""
    plan, inputs = work
    checked = bool(options.get("checked", True))
    got = target.run(plan, inputs, timeout=60, **options).tensors()  # type: ignore[arg-type]
    wanted = NumpyTarget().run(plan, inputs, checked=checked).tensors()
    assert list(got) == list(wanted)
    assert [name for name in got if not equal(got[name], wanted[name])] == []

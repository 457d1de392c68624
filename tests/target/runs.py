"""Running a plan on a C target and on the specification."""

from __future__ import annotations

from typing import Any

from tinycl.bits import equal
from tinycl.contract import DEFAULT
from tinycl.plan import Plan
from tinycl.target.c_target import CTarget
from tinycl.target.numpy_target import NumpyTarget

Work = tuple[Plan, dict[str, Any]]


def same(target: CTarget, work: Work, **options: object) -> None:
    """Compare every tensor of a run with the specification's, under what the target speaks."""
    plan, inputs = work
    checked, contract = bool(options.get("checked", True)), target.spoken(DEFAULT)
    options = {"timeout": 60, "contract": contract, **options}
    got = target.run(plan, inputs, **options).tensors()  # type: ignore[arg-type]
    wanted = NumpyTarget().run(plan, inputs, contract=contract, checked=checked).tensors()
    assert list(got) == list(wanted)
    assert [name for name in got if not equal(got[name], wanted[name])] == []

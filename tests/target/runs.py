"""Running a plan on a C target and on the specification."""

from __future__ import annotations

from typing import Any

from tinycl.bits import equal
from tinycl.contract import DEFAULT
from tinycl.plan import Plan
from tinycl.target.c_target import CTarget
from tinycl.target.numba_target import NumbaTarget
from tinycl.target.numpy_target import NumpyTarget

Work = tuple[Plan, dict[str, Any]]


def same(target: CTarget | NumbaTarget, work: Work, **options: object) -> None:
    """Compare every tensor of a run with the specification's, under what the target speaks."""
    plan, inputs = work
    checked = bool(options.get("checked", True))
    contract = target.spoken(options.get("contract", DEFAULT))  # type: ignore[arg-type]
    options = {"timeout": 60, **options, "contract": contract}
    got = target.run(plan, inputs, **options).tensors()  # type: ignore[arg-type]
    wanted = NumpyTarget().run(plan, inputs, contract=contract, checked=checked).tensors()
    assert list(got) == list(wanted)
    assert [name for name in got if not equal(got[name], wanted[name])] == []

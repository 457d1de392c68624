"""From a case of the catalogue to a golden: run by the specification, sealed with digests."""

from __future__ import annotations

from tinycl.golden.catalogue import Case
from tinycl.golden.schema import Golden, seal
from tinycl.plan import check_inputs
from tinycl.target.registry import run


def make(case: Case) -> Golden:
    """Run a case with NumPy, under its contract, and seal what comes out."""
    plan, inputs, seed = case.build()
    inputs = check_inputs(plan, inputs)  # canonical NaNs, streams cut to what is used
    result = run(plan, inputs, target="numpy", contract=case.contract)
    return seal(case.name, plan, inputs, result.tensors(), case.contract, seed)

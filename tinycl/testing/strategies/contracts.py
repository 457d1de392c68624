"""Contracts: every field, every combination that is not rejected."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tinycl.contract import Contract, Reduction


@st.composite
def reductions(draw: st.DrawFn) -> Reduction:
    """Generate a `Reduction`: small numbers mostly, now and then more than there are terms."""
    kind = draw(st.sampled_from(("sequential", "lanes", "grouped", "blocks", "split")))
    if kind == "sequential":
        return Reduction()
    least = 2 if kind in ("lanes", "split") else 1
    n = draw(st.one_of(st.integers(least, 9), st.sampled_from((16, 64))))
    join = draw(st.sampled_from(("left", "pairwise"))) if kind == "lanes" else ""
    return Reduction(kind, n, join)


@st.composite
def contracts(draw: st.DrawFn, /, **fixed: Any) -> Contract:
    """Generate a contract; every field, every combination that is not rejected.

    Parameters
    ----------
    **fixed
        Fields that are not to vary, such as ``subnormals="keep"``. A fixed ``start`` or ``bias``
        takes the other one along where the pair would be rejected.

    Returns
    -------
    Contract
    """
    chosen: dict[str, Any] = {
        "mac": draw(st.sampled_from(("fma", "mul_add", "fma_via_double"))),
        "reduction": draw(reductions()),
        "taps": draw(st.sampled_from(("channel_major", "spatial_major"))),
        "input_grad_taps": draw(st.sampled_from(("by_output", "by_weight"))),
        "padding": draw(st.sampled_from(("multiply", "skip"))),
        "batch": draw(st.sampled_from(("chain", "per_sample"))),
        "subnormals": draw(st.sampled_from(("keep", "flush"))),
        "selection_order": draw(st.sampled_from(("ascending", "heap"))),
    }
    pairs = [("zero", "after"), ("zero", "start"), ("first_product", "after")]
    pairs = [p for p in pairs if p[0] == fixed.get("start", p[0])]
    pairs = [p for p in pairs if p[1] == fixed.get("bias", p[1])]
    chosen["start"], chosen["bias"] = draw(st.sampled_from(pairs)) if pairs else ("zero", "after")
    return Contract(**{**chosen, **fixed})

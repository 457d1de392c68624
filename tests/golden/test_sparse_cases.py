"""Cases of sparse training hold what they should, and tell right from wrong."""

from dataclasses import replace

import numpy as np
import pytest

import tinycl
from tinycl.bits import equal
from tinycl.contract import DEFAULT
from tinycl.golden.catalogue import catalogue, select
from tinycl.golden.catalogue.selection import HEAP
from tinycl.golden.catalogue.sparse_steps import CONVOLUTIONS, PERCEPTRONS
from tinycl.ops import TABLE

LISTED = [k for k in TABLE if any(a.name == "count" for a in TABLE[k].inputs)]
# An element of the weight gradient of a linear layer has one term a sample: no order within it.
ORDERED = [k for k in LISTED if k != "linear_sparse_weight_grad"]


def outputs(plan, inputs, contract):
    return tinycl.run(plan, inputs, checked=False, contract=contract).outputs


def telling(cases, change, contract):
    """Names of the cases whose outputs another input, or another contract, would alter."""
    found = []
    for case in cases:
        plan, inputs, _ = case.build()
        right = outputs(plan, inputs, case.contract)
        other = outputs(plan, change(inputs), contract(case.contract))
        if not all(equal(right[name], other[name]) for name in right):
            found.append(case.name)
    return found


def same(value):
    return value


@pytest.mark.parametrize("kind", LISTED)
def test_each_sparse_sum_has_every_kind_of_list(kind) -> None:
    found = set()
    for case in select([f"{kind}/*"]).values():
        plan, inputs, _ = case.build()
        dy, count, index = (inputs[name] for name in ("dy", "count", "index"))
        op = plan.bodies["main"].ops[0]
        channels = int(dict(op.attrs).get("channels", 0))
        m = dy.shape[1] if channels else dy[0].size
        order = case.contract.selection_order
        shared = "unified" if len(count) == 1 and len(dy) > 1 else "per sample"
        found |= {(order, shared), (order, "channels" if channels else "entries")}
        found |= {(order, "none", "all", "one")[i] for i, k in ((1, 0), (2, m)) if k in count}
        found |= {"one"} if 1 in count else set()
        assert case.contract == (HEAP if order == "heap" else DEFAULT)
        rising = all((np.diff(row[:k]) > 0).all() for row, k in zip(index, count, strict=True))
        assert rising == (order == "ascending"), case.name
    wanted = {(o, s) for o in ("ascending", "heap") for s in ("unified", "per sample", "entries")}
    wanted |= {"none", "all", "one"}
    if not kind.startswith("linear"):
        wanted |= {(order, "channels") for order in ("ascending", "heap")}
    assert found == wanted


@pytest.mark.parametrize("kind", ORDERED)
def test_cases_tell_the_order_of_the_list(kind) -> None:
    """A kernel that adds by index where the list has another order cannot pass."""

    def ascending(inputs):
        index = inputs["index"].copy()
        for row, k in zip(index, inputs["count"], strict=True):
            row[:k] = np.sort(row[:k])
        return {**inputs, "index": index}

    cases = [c for c in select([f"{kind}/*_hard"]).values() if c.contract == HEAP]
    assert telling(cases, ascending, lambda contract: DEFAULT)


@pytest.mark.parametrize("kind", LISTED)
def test_cases_tell_what_is_left_out(kind) -> None:
    """A kernel that takes one entry or channel more, or one less, cannot pass."""

    def fewer(inputs):
        return {**inputs, "count": np.maximum(inputs["count"] - 1, 0)}

    for hardness, blind in (("plain", 0), ("hard", 1)):  # what is huge may hide one entry
        cases = select([f"{kind}/*_{hardness}"]).values()
        names = telling(cases, fewer, same)
        assert len(names) >= len(cases) - blind, {c.name for c in cases} - set(names)


def test_cases_of_top_k_tell_the_orders_apart() -> None:
    cases = select(["top_k/*"]).values()

    def other(contract):
        return DEFAULT if contract == HEAP else HEAP

    told = telling(cases, same, other)
    assert {n for n in told if "ties" in n} == {c.name for c in cases if "ties" in c.name}
    assert not [n for n in told if "all" in n]


def test_cases_of_tinyprop_tell_its_settings_apart() -> None:
    """Cutting from rounding; an updated from a remembered maximum; a tie with the threshold."""
    changes = [
        ("tinyprop_count/nearest_hard", {"half_even": 0}),
        ("tinyprop_count/cut_plain", {"half_even": 1}),
        ("tinyprop_count/many_hard", {"entries": 2**25 + 4}),
        ("tinyprop_decide/remember_plain", {"remember": 0}),
        ("tinyprop_decide/forget_plain", {"remember": 1}),
        ("tinyprop_decide/usual_hard", {"threshold": float(np.nextafter(np.float32(0.5), 0))}),
    ]
    for name, change in changes:
        plan, inputs, _ = catalogue()[name].build()
        body = plan.bodies["main"]
        op = replace(body.ops[0], attrs={**dict(body.ops[0].attrs), **change})
        other = replace(plan, bodies={"main": replace(body, ops=(op,))})
        right, wrong = (outputs(p, inputs, DEFAULT) for p in (plan, other))
        assert not all(equal(right[key], wrong[key]) for key in right), name


@pytest.mark.parametrize("kind", ["magnitude_sum", "entry_magnitudes", "channel_magnitudes"])
def test_cases_of_measures_tell_the_order_of_the_sum(kind) -> None:
    axes = {"magnitude_sum": (1, 2, 3), "entry_magnitudes": (0,), "channel_magnitudes": (2, 3)}

    def backwards(inputs):
        ((name, value),) = inputs.items()
        return {name: np.ascontiguousarray(np.flip(value, axes[kind]))}

    assert telling(select([f"{kind}/image_plain"]).values(), backwards, same)


def test_tinypropv2_skips_and_trains(suite) -> None:
    trained = {}
    for name, golden in suite.items():
        if "tinypropv2" in name:
            (trained[name],) = (
                v
                for k, v in golden.tensors.items()
                if k.endswith(".trained") and k.startswith("record/")
            )
    assert len(trained) == 2
    for name, mask in trained.items():
        assert 0 < mask.mean() < 1, name
        assert any(0 < row.mean() < 1 for row in mask), name
    assert any((mask == 0).all(axis=1).any() for mask in trained.values()), "a batch is skipped"


@pytest.mark.parametrize("net", ["perceptron", "convolution"])
def test_ratios_of_tinyprop_vary(suite, net) -> None:
    for name, golden in suite.items():
        if name.startswith(f"training/sparse_{net}_tinyprop"):
            counts = [
                v
                for k, v in golden.tensors.items()
                if k.startswith("record/") and k.endswith(".count")
            ]
            assert max(len(np.unique(count)) for count in counts) > 1, name


def test_training_cases_hold_both_orders() -> None:
    for policies in (PERCEPTRONS, CONVOLUTIONS):
        orders = {sparse.contract.selection_order for sparse in policies.values()}
        assert orders == {"ascending", "heap"}

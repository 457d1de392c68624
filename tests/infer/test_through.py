"""Whole runs of which a few results are known: losses, final weights."""

from __future__ import annotations

import numpy as np
import pytest

from tests.infer.test_calls import NET, SPARSE, ran
from tinycl.contract import Contract
from tinycl.infer import infer_run
from tinycl.infer.dumped import inputs_with, placed, unlike

WEIGHTS = ("output/conv2d0.weight", "output/linear4.weight")


def answer(name, contract, known, seconds=20.0, spoil=lambda tensors: None):
    """Return what is found of a run by some of its results."""
    plan, inputs, expected = ran(name)
    _, _, got = ran(name, Contract.parse(contract))
    some = {n: got[n].copy() for n in known}
    spoil(some)
    return infer_run(plan, inputs, placed(plan, some), expected, seconds)


@pytest.mark.parametrize(
    "text",
    ["default", "mac=mul_add", "reduction=lanes(4,pairwise)", "mac=mul_add reduction=split(2)"],
)
def test_final_weights_name_the_contract(text):
    found = answer(NET, text, WEIGHTS)
    assert Contract.parse(text) in (found.contract, *found.others), found.told
    assert found.certain or str(Contract.parse(text)) in found.told


def test_lists_of_the_heap():
    _, _, tensors = ran(SPARSE)
    found = answer(SPARSE, "selection_order=heap", [n for n in tensors if n.startswith("output/")])
    assert found.contract == Contract(selection_order="heap"), found.told


def test_one_loss_is_chance():
    found = answer(NET, "mac=mul_add reduction=lanes(4,left)", ["record/train/loss"])
    assert found.contract is None or not found.certain
    assert found.others
    assert "fits, and so does" in found.told


def test_a_fault_is_no_contract():
    def spoil(tensors):
        tensors[WEIGHTS[1]].ravel()[2] *= 2

    found = answer(NET, "default", WEIGHTS, 3.0, spoil)
    assert found.contract is None
    assert found.rest.differing == 1
    assert found.rest.place.startswith("1/train/") or "adam" in found.rest.place


def test_time_that_is_too_short_is_told():
    found = answer(NET, "reduction=blocks(9999)", WEIGHTS, 1e-6, lambda t: t[WEIGHTS[0]].fill(1))
    assert found.contract is None
    assert "not tried in time" in found.told


def test_outputs_and_records_are_put_where_they_were_left():
    plan, _, tensors = ran(NET)
    given = {n: v for n, v in tensors.items() if not n.startswith("trace/")}
    found = placed(plan, given)
    assert found
    for name, value in found.items():
        assert np.array_equal(value.view(np.uint32), tensors[name].view(np.uint32)), name
    assert sum("06.mean" in name for name in found) == plan.body_executions("train")
    other = next(iter(found))
    assert unlike(tensors, {**found, other: np.ones(3, np.float32)}) == {other}


def test_inputs_of_a_dump_replace_the_goldens_where_they_fit():
    _, inputs, _ = ran(NET)
    mine = np.ones_like(inputs["x"])
    assert inputs_with(inputs, {"input/x": mine})["x"] is mine
    assert inputs_with(inputs, {"input/x": mine[:1]})["x"] is inputs["x"]
    assert inputs_with(inputs, {"input/x": mine.astype(np.float64)})["x"] is inputs["x"]

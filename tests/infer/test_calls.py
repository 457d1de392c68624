"""Runs taken apart into calls: streams, updates in place, damaged tensors, lists of a heap."""

from __future__ import annotations

import numpy as np
import pytest

from tinycl.contract import DEFAULT, Contract
from tinycl.golden.catalogue import catalogue
from tinycl.infer import Observed, infer
from tinycl.infer.calls import MOST_CALLS, Group, calls, groups
from tinycl.ops import linear_forward
from tinycl.target.registry import run

NET = "training/convolution_adam_plain"
SPARSE = "training/sparse_convolution_top_k_hard"


def ran(name, contract=DEFAULT):
    """Return plan, inputs and every tensor of a run."""
    plan, inputs, _ = catalogue()[name].build()
    return plan, inputs, run(plan, inputs, contract=contract).tensors()


def test_every_operation_of_every_step_is_there_and_keeps_the_default():
    plan, inputs, tensors = ran(NET)
    assert len(list(calls(plan, inputs, tensors))) == sum(len(b.ops) for b in plan.steps())
    found = groups(plan, inputs, tensors)
    assert not any(group.wrong for group in found.values())
    assert found["train/16.adam"].count == plan.body_executions("train")


def test_a_tensor_that_is_missing_takes_its_readers_along():
    plan, inputs, tensors = ran(NET)
    whole = set(groups(plan, inputs, tensors))
    del tensors["trace/0/train/03.flatten_forward/flatten3.y"]
    found = {c.key for c in calls(plan, inputs, tensors) if c.step == 0}
    assert "train/03.flatten_forward" not in found
    assert "train/04.linear_forward" not in found
    assert "train/02.max_pool_forward" in found
    # In the next step it is known again.
    assert set(groups(plan, inputs, tensors)) == whole


def test_a_tensor_of_another_shape_is_taken_for_missing():
    plan, inputs, tensors = ran(NET)
    key = "trace/0/train/03.flatten_forward/flatten3.y"
    for odd in (tensors[key][:, :1], tensors[key].astype(np.float64)):
        found = {c.key for c in calls(plan, inputs, {**tensors, key: odd}) if c.step == 0}
        assert "train/03.flatten_forward" not in found


def test_an_operation_that_fails_in_one_late_step_is_found():
    plan, inputs, tensors = ran(NET)
    key = next(k for k in reversed(tensors) if "linear_forward/linear4.y" in k)
    tensors[key].ravel()[0] *= 2
    group = groups(plan, inputs, tensors)["train/04.linear_forward"]
    assert len(group.wrong) == 1
    assert group.search(5).contract is None


@pytest.mark.parametrize("text", ["reduction=split(2)", "reduction=blocks(4)"])
def test_calls_that_find_the_first_answer_out_join_the_search(text):
    # The first calls have 8 terms: there blocks of 4 are two halves.
    group, drawn = Group("linear", "linear_forward", ("y",)), Contract.parse(text)
    for seed, terms in enumerate([8] * MOST_CALLS + [10, 12, 18]):
        draw = np.random.default_rng(seed).standard_normal
        x, w = (draw((5, terms)).astype(np.float32) for _ in range(2))
        y = linear_forward(x, w, contract=drawn)
        group.take(Observed("linear_forward", (x, w), {}, y), DEFAULT)
    assert group.search(10).contract == drawn


def test_a_value_that_stands_in_is_said_to_be_assumed():
    plan, inputs, tensors = ran(NET)
    key = "trace/0/train/03.flatten_forward/flatten3.y"
    some = {n: v for n, v in tensors.items() if n != key}
    found = {c.key: c for c in calls(plan, inputs, some, tensors) if c.step == 0}
    assert found["train/04.linear_forward"].assumed == ("flatten3.y",)
    assert not found["train/02.max_pool_forward"].assumed
    assert "train/03.flatten_forward" not in found  # what stands in is no result


def test_lists_in_the_order_of_the_heap():
    plan, inputs, tensors = ran(SPARSE, Contract(selection_order="heap"))
    found = groups(plan, inputs, tensors)
    wrong = [group for group in found.values() if group.wrong]
    assert any("top_k" in group.key for group in wrong)
    assert any("sparse" in group.key for group in wrong)  # the default refuses what it reads
    answer = infer([case for group in wrong for case in group.cases], seconds=20)
    assert answer.contract == Contract(selection_order="heap")


def test_an_index_that_lies_outside():
    plan, inputs, tensors = ran(SPARSE)
    key = next(k for k in tensors if k.endswith("14.top_k/depthwise2.index"))
    tensors[key][0, 0] = -5
    found = groups(plan, inputs, tensors)
    reader = found["train/15.depthwise_sparse_weight_grad"].search(1)
    assert reader.contract is None
    assert "refuses" in reader.told
    top = found["train/14.top_k"].search(5)
    assert top.contract is None
    assert top.rest.differing == 1

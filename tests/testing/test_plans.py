"""Masks, selections, nets and plans: what they promise, how small they shrink, and their use."""

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

import tinycl
from tinycl import nn
from tinycl.contract import DEFAULT
from tinycl.plan import check_inputs
from tinycl.testing import assert_bits_equal, strategies

SHRINK = settings(max_examples=4000, database=None, derandomize=True, deadline=None)


def kinds(work):
    return {op.kind for body in work.plan.bodies.values() for op in body.ops}


@given(st.lists(st.integers(0, 3), max_size=3).map(tuple), st.data())
def test_masks(shape, data):
    mask = data.draw(strategies.masks(shape))
    assert (mask.shape, mask.dtype) == (shape, np.int32)
    assert set(mask.ravel().tolist()) <= {0, 1}


@given(st.integers(1, 3), st.integers(1, 6), st.sampled_from(("ascending", "heap")), st.data())
def test_selections(rows, items, order, data):
    count, index = data.draw(strategies.selections(rows, items, order=order))
    assert count.dtype == index.dtype == np.int32
    assert (len(count), len(index)) == (rows, rows)
    for k, row in zip(count.tolist(), index.tolist(), strict=True):
        chosen = row[:k]
        assert len(set(chosen)) == k <= len(row) <= items
        assert all(0 <= place < items for place in chosen)
        assert order == "heap" or chosen == sorted(chosen)


@pytest.mark.parametrize(
    ("rows", "items", "keys"),
    [(0, 3, {}), (1, 0, {}), (1, 3, {"cap": 4}), (1, 3, {"cap": 0}), (1, 3, {"order": "down"})],
)
def test_selections_that_do_not_exist(rows, items, keys):
    with pytest.raises(ValueError, match="selections: "):
        strategies.selections(rows, items, **keys)


def test_masks_and_selections_shrink():
    mask = find(strategies.masks((2, 2)), lambda m: m[1, 0] == 1 and not m.all(), settings=SHRINK)
    assert mask.tolist() == [[0, 0], [1, 0]]
    count, index = find(strategies.selections(2, 5), lambda s: sum(s.count) > 1, settings=SHRINK)
    assert sum(count) == 2
    assert index.max() <= 1
    some = find(
        strategies.selections(1, 5, order="heap"),
        lambda s: s.count[0] > 1 and s.index[0, 0] > s.index[0, 1],
        settings=SHRINK,
    )
    assert some.index[0, :2].tolist() == [1, 0]


@settings(max_examples=100)
@given(strategies.nets())
def test_nets(net):
    """Every layer fits, something trains, and the text makes the same net again."""
    assert len(net.layers) == len(net.net.layers)
    shape, loss = net.input_shape, nn.MeanSquaredError()
    plan = nn.Training(net.net, loss, nn.SGD(lr=0.5), shape).plan()
    assert plan.tensors["target"].shape == net.output_shape
    again = eval(f"nn.Sequential({', '.join(net.layers)})", {"nn": nn})
    assert nn.Training(again, loss, nn.SGD(lr=0.5), shape).plan() == plan


@given(strategies.nets(flat=True, scores=True), strategies.nets(flat=False, side=2, depth=1))
def test_nets_as_asked_for(flat, image):
    assert (len(flat.input_shape), len(flat.output_shape)) == (2, 2)
    assert flat.layers[-1].startswith("nn.Linear(")
    assert len(image.input_shape) == 4
    assert max(image.input_shape[2:]) <= 2
    assert len(image.layers) <= 3


def test_nets_shrink():
    assert find(strategies.nets(), lambda n: True, settings=SHRINK).layers == ("nn.Linear(1, 1)",)
    net = find(strategies.nets(), lambda n: "MaxPool2d" in repr(n), settings=SHRINK)
    window = "kernel=(1, 1), stride=(1, 1), padding=(0, 0, 0, 0)"
    assert repr(net) == (
        f"<(1, 1, 1, 1) nn.Sequential(nn.MaxPool2d({window}), nn.Flatten(), nn.Linear(1, 1))>"
    )


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "kind",
    [
        "adam",
        "top_k",
        pytest.param("conv2d_input_grad", marks=SLOW),
        pytest.param("max_pool_input_grad", marks=SLOW),
    ],
)
def test_plans_shrink(kind):
    """What is left is one step, one sample, and no layer that the operation does not need."""
    work = find(strategies.plans(), lambda w: kind in kinds(w), settings=SHRINK)
    assert len(list(work.plan.steps())) == 1
    assert work.inputs["x"].size == 1
    assert len(work.training.net.layers) <= 4
    assert work.about.startswith("<(1, 1")
    assert not work.inputs["x"].any()


@given(strategies.plans(steps=3, policies=False, hard=False))
def test_plans(work):
    checked = check_inputs(work.plan, work.inputs)
    assert all(np.isfinite(value).all() for value in checked.values())
    assert "Prop" not in work.about
    assert len(work.plan.outputs) >= 1
    longer = work.training.plan(9)
    assert longer.bodies == work.plan.bodies


@pytest.mark.parametrize(("target", "cores"), [("host", 3), pytest.param("numba", 2, marks=SLOW)])
@given(work=strategies.plans(), order=st.sampled_from(("ascending", "heap")))
def test_targets_agree_on_random_plans(target, cores, work, order):
    contract = DEFAULT.but(selection_order=order)
    expected = tinycl.run(work.plan, work.inputs, contract=contract).tensors()
    got = tinycl.run(work.plan, work.inputs, target=target, cores=cores, contract=contract)
    assert_bits_equal(expected, got.tensors())

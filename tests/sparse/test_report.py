"""Reports: what was done and saved, what is kept, and how much memory it takes."""

import importlib
import json
import math

import numpy as np
import pytest

from tests.sparse.nets import NETS, POLICIES, work
from tinycl import nn
from tinycl.errors import ShapeError
from tinycl.plan import layout
from tinycl.sparse import (
    Channels,
    Dense,
    Fixed,
    LayerWise,
    TinyProp,
    TinyPropV2,
    TopK,
    choices,
    report,
)
from tinycl.sparse.channel_use import channel_uses

STEPS = 3


def told(job, steps=STEPS):
    result = job.run(steps)
    return report(job.training, result.records, result.outputs)


def dense_macs(job):
    """Cost of each layer's gradient, from its shapes alone."""
    plan, found = job.training.plan(), {}
    for layer in job.training.net.parts():
        if isinstance(layer, nn.Weighted):
            y = plan.tensors[f"{layer.name}.y"].shape
            found[layer.name] = math.prod(y) * math.prod(layer.weight_shape[1:])
    return found


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("kind", NETS)
def test_sums_agree(kind, name):
    job = work(kind, POLICIES[name])
    page = told(job)
    full = dense_macs(job)
    lowest = next(iter(full))
    for layer in page.layers:
        weights = layer.weight_macs, layer.weight_saved
        inputs = layer.input_macs, layer.input_saved
        for values in (*weights, *inputs, layer.survivors):
            assert values.shape == (STEPS,)
            assert values.dtype == np.int64
            assert values.min() >= 0
        assert set(sum(weights).tolist()) == {full[layer.layer]}
        assert set(sum(inputs).tolist()) == {0 if layer.layer == lowest else full[layer.layer]}
        assert layer.ratio.shape == layer.k.shape
        assert layer.ratio.shape in ((STEPS, 1), (STEPS, 4))
    assert page.forward_macs == STEPS * sum(full.values())
    dense = STEPS * (2 * sum(full.values()) - full[lowest])
    done = sum((layer.weight_macs + layer.input_macs).sum() for layer in page.layers)
    assert done == sum(layer.backward_macs for layer in page.layers)
    assert (page.backward_macs, page.dense_backward_macs) == (done, dense)
    assert page.backward_effort == done / dense
    assert page.total_effort == (page.forward_macs + done) / (page.forward_macs + dense)
    assert 0 < page.backward_effort <= 1
    assert (page.backward_effort == 1) == (name == "dense")
    again = json.loads(json.dumps(page.json(), allow_nan=False))
    for told_layer, layer in zip(again["layers"], page.layers, strict=True):
        for name in ("survivors", "weight_macs", "weight_saved", "input_macs", "input_saved"):
            assert told_layer[name] == getattr(layer, name).tolist()
        assert told_layer["k_least"] == [min(k) for k in layer.k.tolist()]
        assert told_layer["k_most"] == [max(k) for k in layer.k.tolist()]
        ratios = [math.fsum(step) / len(step) for step in layer.ratio.tolist()]
        assert told_layer["ratio"] == pytest.approx(ratios, rel=1e-5)
        assert told_layer["means"]["ratio"] == pytest.approx(sum(ratios) / STEPS, rel=1e-5)
        assert told_layer["means"]["k"] == pytest.approx(layer.k.mean(), rel=1e-5)
        assert told_layer["means"]["input_macs"] == pytest.approx(layer.input_macs.mean(), rel=1e-5)
    assert page.kept_bytes <= page.dense_kept_bytes


def first_step(layer):
    """Weight and input multiply-accumulates, done and saved, of the first step."""
    names = ("weight_macs", "weight_saved", "input_macs", "input_saved")
    return tuple(int(getattr(layer, name)[0]) for name in names)


def kept(layer, side):
    """Channels of one side that were updated at least once."""
    (use,) = (use for use in layer.channels if use.side == side)
    return np.flatnonzero(use.updated.sum(axis=0)).tolist()


def test_top_k_in_numbers():
    """Batch 4, linear 11-9-7-3; 3 of 9 and 3 of 7 entries survive, the output layer is dense."""
    first, second, last = told(work("perceptron", TopK(k=3))).layers
    assert first_step(first) == (4 * 3 * 11, 4 * 6 * 11, 0, 0)
    assert first_step(second) == (4 * 3 * 9, 4 * 4 * 9, 4 * 3 * 9, 4 * 4 * 9)
    assert first_step(last) == (4 * 3 * 7, 0, 4 * 3 * 7, 0)
    assert first.k.tolist() == [[3] * 4] * STEPS
    assert first.ratio.tolist() == [[3 / 9] * 4] * STEPS
    assert first.survivors.tolist() == [12] * STEPS
    assert (last.k[0], last.survivors[0], last.ratio[0]) == ([3], 12, [1.0])


def test_unified_survivors_count_for_every_sample():
    layer = told(work("perceptron", TopK(k=2, unified=True))).layers[0]
    assert layer.survivors[0] == 8
    assert layer.weight_macs[0] == 4 * 2 * 11


def test_channels_in_numbers():
    """Batch 4, linear 11-9-7-3; int(11/2) and int(9/2) input features train, and int(7/2)."""
    job = work("perceptron", Channels(0.5))
    page = told(job)
    assert [layer.weight_macs[0] for layer in page.layers] == [4 * 9 * 5, 4 * 7 * 4, 4 * 3 * 3]
    assert [layer.input_saved[0] for layer in page.layers] == [0, 0, 0]
    assert [layer.kept_bytes for layer in page.layers] == [4 * 4 * 5, 4 * 4 * 4, 4 * 4 * 3]
    assert [layer.dense_kept_bytes for layer in page.layers] == [4 * 4 * 11, 4 * 4 * 9, 4 * 4 * 7]
    outputs = job.run(STEPS).outputs
    for layer, total, k in zip(page.layers, (11, 9, 7), (5, 4, 3), strict=True):
        (use,) = layer.channels
        assert (use.side, use.width, use.updated.shape) == ("input", 1, (STEPS, total))
        chosen = outputs[f"{layer.layer}.kept_inputs"].ravel().tolist()
        assert kept(layer, "input") == sorted(chosen)
        assert len(chosen) == k
    both = told(work("perceptron", Channels(0.5, "both")))
    assert [s.weight_macs[0] for s in both.layers] == [4 * 4 * 5, 4 * 3 * 4, 4 * 1 * 3]
    assert [s.input_macs[0] for s in both.layers] == [0, 4 * 3 * 9, 4 * 1 * 7]
    sides = [[(len(kept(s, u.side)), u.side) for u in s.channels] for s in both.layers]
    assert sides == [[(o, "output"), (i, "input")] for o, i in ((4, 5), (3, 4), (1, 3))]


def test_kept_bytes_of_a_whole_step():
    """x, two layers' y in full, the ReLU's input, the sigmoid's output, p and the labels."""
    page = told(work("perceptron", Dense()))
    assert page.kept_bytes == 4 * 4 * (11 + 9 + 9 + 7 + 3 + 1)
    bits = told(work("perceptron", Channels(1.0)))
    assert bits.kept_bytes == 4 * 4 * (11 + 9 + 7 + 3 + 1) + 4 * math.ceil(4 * 9 / 32)


@pytest.mark.parametrize("side", ["input", "output", "both"])
def test_channels_take_less_memory_than_dense(side):
    job = work("convolution", Channels(0.5, side))
    page = told(job)
    assert page.kept_bytes < 0.65 * page.dense_kept_bytes
    assert page.peak_bytes < 0.8 * page.dense_peak_bytes
    assert page.peak_bytes == 4 * layout(job.training.plan(choose=False), False).words
    dense = work("convolution", Dense()).training.plan()
    assert page.dense_peak_bytes == 4 * layout(dense, False).words


def test_choosing_by_gradients_is_told():
    by_gradient, by_weight = (
        told(work("convolution", Channels(0.5, by=by))) for by in ("gradient", "weight")
    )
    assert by_weight.choosing_macs == 0
    # A dense pass of its own: forward, and backward down to the lowest layer.
    dense = told(work("convolution", Dense()), 1)
    assert by_gradient.choosing_macs == dense.forward_macs + dense.backward_macs
    assert by_gradient.choosing_peak_bytes > by_gradient.peak_bytes
    assert by_gradient.peak_bytes == by_weight.peak_bytes


def test_skipped_samples_and_channels_are_told():
    job = work("convolution", TinyPropV2(units="channels", threshold=0.6))
    result = job.run(12)
    page = report(job.training, result.records)
    trained = result.records["train/linear6.trained"]
    assert set(trained.ravel().tolist()) == {0, 1}
    assert page.trained.tolist() == trained.tolist()
    assert page.json()["skipped"] == [step.count(0) for step in trained.tolist()]
    assert page.json()["samples"] == 4
    for layer in page.layers[:3]:
        assert ((layer.k > 0) == (trained == 1)).all()
        assert ((layer.ratio > 0) == (trained == 1)).all()
        assert (layer.survivors == layer.k.sum(axis=1)).all()
        (use,) = layer.channels
        assert use.side == ("channel" if "depthwise" in layer.layer else "output")
        index = result.records[f"train/{layer.layer}.index"]
        for row, step in zip(use.updated, index, strict=True):
            assert np.flatnonzero(row).tolist() == sorted({v for v in step.flat if v >= 0})
            assert set(row.tolist()) <= {0, 1}
    assert page.layers[3].channels == ()


@pytest.mark.parametrize("width", [1, 3, 5, 12, 20])
def test_maps_of_many_steps_are_sums(width):
    job = work("convolution", TinyProp(units="channels"))
    records = job.run(12).records
    layer = [part for part in job.training.net.parts() if isinstance(part, nn.Weighted)][0]
    (fine,) = channel_uses(layer, records, {}, 12, 1)
    (use,) = channel_uses(layer, records, {}, 12, width)
    assert len(use.updated) == -(-12 // width)
    assert fine.updated.sum() > 0
    for row, first in zip(use.updated, range(0, 12, width), strict=True):
        assert row.tolist() == fine.updated[first : first + width].sum(axis=0).tolist()


def test_choices_follow_each_other():
    """Channels chosen before steps 0, 3 and 4 of 5, each choice as wide as the steps it is for."""
    job = work("perceptron", Channels(0.5, "output"))
    result = job.run(5)
    lists = [[[8, 0, 2, 5]], [[1, 2, 3, 4]], [[0, 1, 2, 3]]]
    records = dict(result.records)
    for step, chosen in zip((0, 3, 4), lists, strict=True):
        for name, value in choices({"linear0.kept_outputs": np.array(chosen)}, step).items():
            before = [records[name]] if name in records else []
            records[name] = np.concatenate([*before, value])
    first, second, _ = report(job.training, records, result.outputs).layers
    rows = [np.flatnonzero(row).tolist() for row in first.channels[0].updated]
    assert rows == [[0, 2, 5, 8]] * 3 + [[1, 2, 3, 4], [0, 1, 2, 3]]
    assert kept(second, "output") == sorted(result.outputs["linear2.kept_outputs"].flat)
    assert choices(work("perceptron", TinyProp()).run(1).outputs, 0) == {}


def test_long_runs_are_thinned_out(monkeypatch):
    job = work("perceptron", TinyProp())
    page = report(job.training, job.run(11).records)
    whole = page.json()
    assert (whole["every"], whole["steps"]) == (1, 11)
    module = importlib.import_module("tinycl.sparse.report")  # the package's `report` hides it
    monkeypatch.setattr(module, "VALUES", 3 * 8 * 4)
    thin = page.json()
    assert thin["every"] == 3
    for one, other in zip(whole["layers"], thin["layers"], strict=True):
        assert other["means"] == one["means"]
        for name in page.layers[0].series():
            assert other[name] == one[name][::3]


def test_layers_that_do_not_train():
    page = told(work("perceptron", LayerWise(1, 1)))
    assert [layer.ratio[0].tolist() for layer in page.layers] == [[0.0], [0.0], [1.0]]
    assert [layer.kept_bytes for layer in page.layers] == [0, 0, 4 * 4 * 7]
    assert page.backward_macs == STEPS * 4 * 3 * 7
    fixed = told(work("perceptron", TinyProp(), {"linear2": Fixed()}))
    assert fixed.layers[1].weight_macs[0] == 0
    assert fixed.layers[1].input_saved[0] == 0


def test_joined_records_are_one_run():
    job = work("perceptron", TinyProp())
    half = job.run(3)
    rest = job.run(3, first=3, values=half.outputs)
    joined = {k: np.concatenate([v, rest.records[k]]) for k, v in half.records.items()}
    whole = report(job.training, job.run(6).records)
    assert report(job.training, joined).json() == whole.json()
    assert whole.json() != report(job.training, half.records).json()


def test_ratios_that_are_not_numbers_become_none():
    job = work("perceptron", TinyProp())
    records = dict(job.run(2).records)
    records["train/linear0.ratio"] = np.full((2, 4), np.nan, np.float32)
    page = report(job.training, records).json()
    assert page["layers"][0]["ratio"] == [None] * 2
    assert page["layers"][0]["means"]["ratio"] is None
    json.dumps(page, allow_nan=False)


def test_records_of_another_run():
    records = work("perceptron", Dense()).run(1).records
    with pytest.raises(ShapeError, match=r"the records lack \['train/linear0.count'"):
        report(work("perceptron", TinyProp()).training, records)

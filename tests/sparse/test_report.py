"""Reports: what was done and saved, what is kept, and how much memory it takes."""

import json
import math

import numpy as np
import pytest

from tests.sparse.nets import NETS, POLICIES, work
from tinycl import nn
from tinycl.errors import ShapeError
from tinycl.plan import layout
from tinycl.sparse import Channels, Dense, Fixed, LayerWise, TinyProp, TinyPropV2, TopK, report

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
        assert len(layer.steps) == STEPS
        for step in layer.steps:
            assert step.weight_macs + step.weight_saved == full[layer.layer]
            wanted = 0 if layer.layer == lowest else full[layer.layer]
            assert step.input_macs + step.input_saved == wanted
            assert min(step.weight_macs, step.weight_saved, step.input_macs, step.input_saved) >= 0
    assert page.forward_macs == STEPS * sum(full.values())
    dense = STEPS * (2 * sum(full.values()) - full[lowest])
    done = sum(s.weight_macs + s.input_macs for layer in page.layers for s in layer.steps)
    assert (page.backward_macs, page.dense_backward_macs) == (done, dense)
    assert page.backward_effort == done / dense
    assert page.total_effort == (page.forward_macs + done) / (page.forward_macs + dense)
    assert 0 < page.backward_effort <= 1
    assert (page.backward_effort == 1) == (name == "dense")
    again = json.loads(json.dumps(page.json(), allow_nan=False))
    assert again["layers"][0]["steps"][0]["weight_macs"] == page.layers[0].steps[0].weight_macs
    assert page.kept_bytes <= page.dense_kept_bytes


def test_top_k_in_numbers():
    """Batch 4, linear 11-9-7-3; 3 of 9 and 3 of 7 entries survive, the output layer is dense."""
    page = told(work("perceptron", TopK(k=3)))
    first, second, last = (layer.steps[0] for layer in page.layers)
    assert (first.weight_macs, first.weight_saved) == (4 * 3 * 11, 4 * 6 * 11)
    assert (second.weight_macs, second.input_macs) == (4 * 3 * 9, 4 * 3 * 9)
    assert (last.weight_macs, last.weight_saved, last.input_macs) == (4 * 3 * 7, 0, 4 * 3 * 7)
    assert (first.k, first.survivors, first.ratio) == ((3,) * 4, 12, (3 / 9,) * 4)
    assert (last.k, last.survivors, last.ratio) == ((3,), 12, (1.0,))


def test_unified_survivors_count_for_every_sample():
    page = told(work("perceptron", TopK(k=2, unified=True)))
    assert page.layers[0].steps[0].survivors == 8
    assert page.layers[0].steps[0].weight_macs == 4 * 2 * 11


def test_channels_in_numbers():
    """Batch 4, linear 11-9-7-3; int(11/2) and int(9/2) input features train, and int(7/2)."""
    result = work("perceptron", Channels(0.5))
    page = told(result)
    assert [layer.steps[0].weight_macs for layer in page.layers] == [
        4 * 9 * 5,
        4 * 7 * 4,
        4 * 3 * 3,
    ]
    assert [layer.steps[0].input_saved for layer in page.layers] == [0, 0, 0]
    assert [layer.kept_bytes for layer in page.layers] == [4 * 4 * 5, 4 * 4 * 4, 4 * 4 * 3]
    assert [layer.dense_kept_bytes for layer in page.layers] == [4 * 4 * 11, 4 * 4 * 9, 4 * 4 * 7]
    assert [len(layer.channels[0]) for layer in page.layers] == [5, 4, 3]
    both = told(work("perceptron", Channels(0.5, "both")))
    assert [s.steps[0].weight_macs for s in both.layers] == [4 * 4 * 5, 4 * 3 * 4, 4 * 1 * 3]
    assert [s.steps[0].input_macs for s in both.layers] == [0, 4 * 3 * 9, 4 * 1 * 7]


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
    assert page.trained == tuple(map(tuple, result.records["train/linear6.trained"].tolist()))
    pointwise = page.layers[2]
    assert len(pointwise.channels) == 12
    assert all(set(step) <= set(range(4)) for step in pointwise.channels)
    for step, trained in zip(pointwise.steps, page.trained, strict=True):
        assert [k > 0 for k in step.k] == [t == 1 for t in trained]
        assert [r > 0 for r in step.ratio] == [t == 1 for t in trained]
        assert step.survivors == sum(step.k)


def test_layers_that_do_not_train():
    page = told(work("perceptron", LayerWise(1, 1)))
    assert [layer.steps[0].ratio for layer in page.layers] == [(0.0,), (0.0,), (1.0,)]
    assert [layer.kept_bytes for layer in page.layers] == [0, 0, 4 * 4 * 7]
    assert page.backward_macs == STEPS * 4 * 3 * 7
    fixed = told(work("perceptron", TinyProp(), {"linear2": Fixed()}))
    assert fixed.layers[1].steps[0].weight_macs == 0
    assert fixed.layers[1].steps[0].input_saved == 0


def test_joined_records_are_one_run():
    job = work("perceptron", TinyProp())
    half = job.run(3)
    rest = job.run(3, first=3, values=half.outputs)
    joined = {k: np.concatenate([v, rest.records[k]]) for k, v in half.records.items()}
    assert report(job.training, joined) == report(job.training, job.run(6).records)


def test_ratios_that_are_not_numbers_become_none():
    job = work("perceptron", TinyProp())
    records = dict(job.run(2).records)
    records["train/linear0.ratio"] = np.full((2, 4), np.nan, np.float32)
    page = report(job.training, records).json()
    assert page["layers"][0]["steps"][1]["ratio"] == [None] * 4
    json.dumps(page, allow_nan=False)


def test_records_of_another_run():
    records = work("perceptron", Dense()).run(1).records
    with pytest.raises(ShapeError, match=r"the records lack \['train/linear0.count'"):
        report(work("perceptron", TinyProp()).training, records)

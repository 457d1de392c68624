"""Every policy on two nets: lean equals checked, efforts equal the formulas, all kept is dense."""

import numpy as np
import pytest

from tests.sparse.nets import NETS, POLICIES, SGD, differing, lean, work, written
from tinycl import bits, nn
from tinycl.contract import DEFAULT
from tinycl.sparse import (
    Channels,
    Dense,
    LayerWise,
    TinyProp,
    TinyPropV2,
    TopK,
    attach,
    effort,
)

STEPS = 4
BOTH = pytest.mark.parametrize("kind", NETS)


@BOTH
@pytest.mark.parametrize("name", POLICIES)
def test_lean_equals_checked_and_something_trains(kind, name):
    job = work(kind, POLICIES[name])
    checked = job.run(STEPS, checked=True)
    assert differing(lean(checked), job.run(STEPS)) == []
    first = job.training.values(3)
    trained = {n for n in first if n.endswith(("weight", "bias"))}
    assert any(not bits.equal(first[n], checked.outputs[n]) for n in trained)


@BOTH
@pytest.mark.parametrize("name", [n for n in POLICIES if n.startswith(("top_k", "tinyprop"))])
def test_efforts_equal_the_formulas(kind, name):
    job = work(kind, POLICIES[name])
    plan, records = job.training.plan(STEPS), job.run(STEPS).records
    counted = 0
    for op in plan.bodies["train"].ops:
        if "_sparse_" not in op.kind or op.kind == "sparse_bias_grad":
            continue
        layer = op.outputs[0].rpartition(".")[0]
        weight = plan.tensors[f"{layer}.weight"].shape
        dy = plan.tensors[f"{layer}.y"].shape
        for step in range(STEPS):
            counts = records[f"train/{layer}.count"][step]
            channels = bool(op.attrs.get("channels", 0))
            wanted = effort(op.kind.split("_")[0], weight, dy, counts, channels)
            assert records[f"train/{op.outputs[1]}"][step].sum() == wanted
            assert wanted <= plan.op_macs(op)
            counted += 1
    assert counted >= STEPS * 3


ALL = {
    "channels_all": Channels(1.0, "both"),
    "channels_output_all": Channels(1.0, "output", by="gradient"),
    "top_k_all": TopK(k=10**6),
    "top_k_none": TopK(k=0),
    "top_k_ratio_one": TopK(ratio=1),
    "tinyprop_all": TinyProp(1, 1, 1),
    "tinyprop_all_masked": TinyProp(1, 1, 1, bias_gradient="masked"),
    "tinyprop_all_channels": TinyProp(1, 1, 1, units="channels"),
    "tinypropv2_all": TinyPropV2(1, 1, 1, d_min=1, threshold=0.25),
    "layer_wise_all": LayerWise(9, 9),
}


OPTIMISERS = {"sgd": SGD, "adam": nn.Adam(0.01)}
PAIRS = [(a, o) for a in ALL for o in OPTIMISERS if (a, o) != ("tinypropv2_all", "adam")]


@pytest.mark.parametrize(("name", "optimiser"), PAIRS)
@BOTH
def test_all_kept_is_dense(kind, name, optimiser):
    optimiser = OPTIMISERS[optimiser]
    dense, sparse = (work(kind, p, optimiser=optimiser) for p in (Dense(), ALL[name]))
    same_weights(dense.run(20), sparse.run(20))


@pytest.mark.parametrize("contract", [DEFAULT, DEFAULT.but(selection_order="heap")])
@BOTH
def test_given_channels_that_are_all_are_dense(kind, contract):
    """Gathered and scattered, not left out: every layer lists all its channels itself."""
    net = NETS[kind]()
    own = {}
    for layer in attach(net).parts():
        if isinstance(layer, nn.Weighted):
            outputs = tuple(range(layer.weight_shape[0]))
            inputs = tuple(range(layer.weight_shape[1]))
            pair = outputs if isinstance(layer, nn.Depthwise) else (inputs, outputs)
            own[layer.name] = Channels(side="both", by=pair)
    sparse = work(kind, Dense(), own)
    assert any(op.kind == "scatter" for op in sparse.training.plan().bodies["train"].ops)
    same_weights(work(kind, Dense()).run(20, contract=contract), sparse.run(20, contract=contract))


@BOTH
def test_bits_of_relu_change_nothing(kind):
    for policy in (Dense(), TinyProp(), Channels(0.5)):
        with_bits, without = (work(kind, policy, relu_bits=b) for b in (True, False))
        kinds = {op.kind for op in with_bits.training.plan().bodies["train"].ops}
        assert {"gate_bits", "gate_grad"} <= kinds
        assert not {"relu_input_grad", "relu6_input_grad"} & kinds
        same_weights(with_bits.run(6), without.run(6))


@BOTH
def test_policies_work_with_microbatches(kind):
    for name in ("channels_both", "top_k", "tinyprop", "layer_wise"):
        job = work(kind, POLICIES[name], batch=2, microbatches=3)
        assert differing(lean(job.run(2, checked=True)), job.run(2)) == []
    dense, sparse = (work(kind, p, batch=2, microbatches=3) for p in (Dense(), TinyProp(1, 1, 1)))
    same_weights(dense.run(3), sparse.run(3))


def test_layers_have_policies_of_their_own():
    own = {"linear0": TopK(k=2), "linear4": Dense()}
    job = work("perceptron", Channels(0.5), own)
    result = job.run(3, checked=True)
    assert set(result.outputs) >= {"linear2.kept_inputs", "linear4.weight"}
    assert not {"linear0.kept_inputs", "linear4.kept_inputs"} & set(result.outputs)
    assert all((np.count_nonzero(d, axis=0) > 0).any() for d in written(result, "linear0.dweight"))


def same_weights(one, other):
    names = [n for n in one.outputs if n.endswith(("weight", "bias"))]
    assert len(names) >= 6
    assert [n for n in names if not bits.equal(one.outputs[n], other.outputs[n])] == []
    assert bits.equal(one.records["train/loss"], other.records["train/loss"])

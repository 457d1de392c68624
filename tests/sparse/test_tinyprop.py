"""TinyProp and TinyPropv2 in whole nets, recomputed step by step from the words of the papers."""

import math
from fractions import Fraction

import numpy as np
import pytest

from tests.sparse.nets import NETS, differing, lean, work, written
from tinycl import bits, nn, ops
from tinycl.num.exact import round_to_f32
from tinycl.sparse import BiasOnly, Fixed, TinyProp, TinyPropV2, TopK

STEPS = 6
ONE = np.float32(1)


def entering(plan, layer):
    """Name of dy of a layer: what its measure reads."""
    return next(
        op.inputs[0] for op in plan.bodies["train"].ops if op.writes[0] == f"{layer}.magnitude"
    )


def trainable(job):
    return [p for p in job.training.net.parts() if isinstance(p, nn.Weighted) and p.trains()]


class Follow:
    """A layer's TinyProp, one sample after another, in scalars."""

    def __init__(self, policy, depth, entries):
        self.policy, self.entries, self.y_max = policy, entries, np.float32(0)
        self.power = round_to_f32(Fraction(float(np.float32(policy.zeta))) ** depth)

    def see(self, d):
        y = np.float32(0)
        for value in np.abs(d).flat:
            y = np.float32(y + value)
        self.y_max = max(self.y_max, y)
        return y

    def k(self, y):
        low, high = np.float32(self.policy.s_min), np.float32(self.policy.s_max)
        s = low if self.y_max == 0 else np.float32(low + np.float32(y * (high - low)) / self.y_max)
        q = float(np.float32(np.float32(self.entries) * np.float32(s * self.power)))
        k = round(q) if self.policy.rounding == "half_even" else math.trunc(q)
        return min(max(k, 1), self.entries)


def largest(values, k):
    order = sorted(range(len(values)), key=lambda i: (-abs(values[i]), i))
    return sorted(order[:k])


OPTIONS = [
    TinyProp(),
    TinyProp(0.2, 1.0, 0.75, rounding="half_even"),
    TinyProp(0.05, 0.6, 1.0, units="channels", bias_gradient="masked"),
]


@pytest.mark.parametrize("policy", OPTIONS)
@pytest.mark.parametrize("kind", NETS)
def test_counts_survivors_and_state(kind, policy):
    job = work(kind, policy)
    plan, result = job.training.plan(STEPS), job.run(STEPS, checked=True)
    seen = set()
    for layer in trainable(job):
        dys = written(result, entering(plan, layer.name))
        by_channel = policy.units == "channels" and dys[0].ndim == 4
        entries = dys[0].shape[1] if by_channel else dys[0][0].size
        follow = Follow(policy, layer.place.depth, entries)
        index = written(result, f"{layer.name}.index")
        for step, dy in enumerate(dys):
            for sample, d in enumerate(dy):
                k = follow.k(follow.see(d))
                assert result.records[f"train/{layer.name}.count"][step, sample] == k
                a = d.reshape(-1)
                if by_channel:
                    a = np.zeros(len(d), np.float32)
                    for position in range(d[0].size):
                        a += np.abs(d.reshape(len(d), -1)[:, position])
                assert index[step][sample, :k].tolist() == largest(a, k)
                assert (index[step][sample, k:] == -1).all()
                seen.add(k)
        assert result.outputs[f"{layer.name}.y_max"].tolist() == [follow.y_max]
    assert len(seen) > 1


@pytest.mark.parametrize("masked", [False, True])
def test_gradients_are_those_of_the_masked_gradient(masked):
    """Dense kernels on dy with zeros where nothing survives give the same numbers."""
    job = work("perceptron", TinyProp(bias_gradient="masked" if masked else "full"))
    plan, result = job.training.plan(STEPS), job.run(STEPS, checked=True)
    weights = {"linear2": 0, "linear4": 0}
    for layer in weights:
        values = [job.training.values(3)[f"{layer}.weight"], *written(result, f"{layer}.weight")]
        xs = written(result, {"linear2": "relu1.y", "linear4": "sigmoid3.y"}[layer])
        index = written(result, f"{layer}.index")
        for step, dy in enumerate(written(result, entering(plan, layer))):
            kept = np.zeros_like(dy)
            for sample in range(len(dy)):
                rows = [i for i in index[step][sample] if i >= 0]
                kept[sample, rows] = dy[sample, rows]
            dw, dx = (written(result, f"{layer}.{g}")[step] for g in ("dweight", "dx"))
            assert np.array_equal(dw, ops.linear_weight_grad(xs[step], kept))
            assert np.array_equal(dx, ops.linear_input_grad(values[step], kept))
            db = ops.linear_bias_grad(kept if masked else dy)
            assert np.array_equal(written(result, f"{layer}.dbias")[step], db)


def test_the_output_stays_dense_where_it_is_asked_for():
    records = work("perceptron", TinyProp(sparsify_output=False)).run(STEPS).records
    assert (records["train/linear4.count"] == 3).all()
    assert records["train/linear0.count"].max() < 9


DECIDES = [
    TinyPropV2(threshold=0.6),
    TinyPropV2(threshold=0.6, d_min=0.1, d_max=0.9, remember=False, bias_gradient="masked"),
    TinyPropV2(threshold=0.7, units="channels", sparsify_output=False),
]


@pytest.mark.parametrize("policy", DECIDES)
@pytest.mark.parametrize("kind", NETS)
def test_samples_are_skipped_and_trained(kind, policy):
    job = work(kind, policy)
    plan, result = job.training.plan(20), job.run(20, checked=True)
    output = trainable(job)[-1].name
    trained = result.records[f"train/{output}.trained"]
    assert {0, 1} == set(trained.flat)
    y_max, low = np.float32(0), np.float32(policy.d_min)
    span, ys = np.float32(policy.d_max) - low, written(result, f"{output}.magnitude")
    for step in range(20):
        for sample, y in enumerate(ys[step]):
            peak = max(y, y_max)
            d = np.float32(low + np.float32(y * span) / peak)
            decided = int(d > np.float32(policy.threshold))
            assert trained[step, sample] == decided
            if decided or policy.remember:
                y_max = peak
    assert result.outputs[f"{output}.y_max"].tolist() == [y_max]
    for layer in trainable(job):
        counts = result.records[f"train/{layer.name}.count"]
        assert ((counts > 0) == (trained == 1)).all()
        if layer.place.depth:
            dys = np.stack(written(result, entering(plan, layer.name)))
            assert not dys[trained == 0].any()


def test_forgetting_skipped_samples():
    """Where the largest gradients are skipped, Y_max rises only if it remembers them."""
    remember, forget = (
        work("perceptron", TinyPropV2(d_min=1, d_max=0, threshold=0.2, remember=r))
        for r in (True, False)
    )
    assert {0, 1} == set(remember.run(20).records["train/linear4.trained"].flat)
    result = forget.run(20)
    assert not result.records["train/linear4.trained"].any()
    assert result.outputs["linear4.y_max"].tolist() == [0]
    first = forget.training.values(3)
    assert all(bits.equal(first[n], result.outputs[n]) for n in first)


def test_a_skipped_sample_is_as_if_it_were_not_there():
    """The batch without its skipped samples, the divisor of the loss kept, gives the same step."""
    job = work("perceptron", TinyPropV2(threshold=0.6), optimiser=nn.SGD(0.1, 0.9, 0.01))
    plan, result = job.training.plan(STEPS), job.run(STEPS, checked=True)
    for step, trained in enumerate(result.records["train/linear4.trained"]):
        dy = written(result, entering(plan, "linear4"))[step]
        db = ops.linear_bias_grad(dy[trained == 1]) if trained.any() else np.zeros(3, np.float32)
        assert np.array_equal(written(result, "linear4.dbias")[step], db)


@pytest.mark.parametrize("kind", NETS)
def test_a_batch_that_is_skipped_changes_nothing(kind):
    """Batches of one: a skipped sample is a skipped batch. Momentum and decay stand still too."""
    job = work(kind, TinyPropV2(threshold=0.8), optimiser=nn.SGD(0.05, 0.9, 0.1), batch=1)
    result = job.run(40, checked=True)
    names = [n for n in result.outputs if n.endswith((".weight", ".bias", ".velocity"))]
    output = trainable(job)[-1].name
    trained = result.records[f"train/{output}.trained"][:, 0]
    assert 5 < trained.sum() < 35
    first = job.training.values(3)
    for name in names:
        states = [first[name], *written(result, name)]
        assert len(states) == 41
        for step in np.flatnonzero(trained == 0):
            assert bits.equal(states[step], states[step + 1])
        assert not all(bits.equal(states[s], states[s + 1]) for s in np.flatnonzero(trained))


@pytest.mark.parametrize("kind", NETS)
def test_mixed_with_other_policies(kind):
    layers = {
        "perceptron": ("linear0", "linear2"),
        "convolution": ("conv2d0", "residual2.pointwise2"),
    }
    own = dict(zip(layers[kind], (BiasOnly(), TinyProp(zeta=1, s_max=1)), strict=True))
    job = work(kind, TinyPropV2(threshold=0.6), own)
    assert differing(lean(job.run(3, checked=True)), job.run(3)) == []
    kinds = [op.kind for op in job.training.plan().bodies["train"].ops]
    assert "linear_bias_grad" not in kinds
    assert "conv2d_bias_grad" not in kinds
    assert {"sampled_bias_grad", "tinyprop_decide"} <= set(kinds)


def test_the_decision_is_at_the_last_layer_that_trains():
    job = work("perceptron", TinyPropV2(), {"linear4": Fixed()})
    assert "train/linear2.trained" in job.run(2).records


@pytest.mark.parametrize("k", [1, 2, 3])
def test_single_rows_are_what_whole_gradients_would_train(k):
    """`rows` leaves the other rows alone; under plain SGD that changes no bit."""
    plain = nn.SGD(0.1)
    for batch, unified in ((1, False), (1, True), (4, True)):
        runs = [
            work("perceptron", TopK(k=k, unified=unified, rows=rows), optimiser=plain, batch=batch)
            for rows in (False, True)
        ]
        assert runs[1].training.plan().tensors["linear2.dweight"].shape == (k, 9)
        whole, rows = (run.run(30) for run in runs)
        assert [n for n in whole.outputs if not bits.equal(whole.outputs[n], rows.outputs[n])] == []

"""Channel subsets: what is chosen, what is kept, and that nothing else changes."""

import numpy as np
import pytest

from tests.sparse.nets import SGD, work, written
from tinycl import bits, nn, ops
from tinycl.errors import PlanError
from tinycl.num.generator import uniform
from tinycl.sparse import Channels, Dense, attach
from tinycl.sparse.channels import STREAM
from tinycl.target import registry


def largest(norms, k):
    """Places of the k largest, ties to the lower place, ascending."""
    return sorted(sorted(range(len(norms)), key=lambda i: (-norms[i], i))[:k])


def squares(w, axis):
    """Squared norms along an axis, in float64: the data are far from ties."""
    return (np.moveaxis(w.astype(np.float64), axis, 0).reshape(w.shape[axis], -1) ** 2).sum(axis=1)


def kept(result, layer, side):
    index = result.outputs[f"{layer}.kept_{side}"]
    assert index.dtype == np.int32
    assert result.outputs[f"{layer}.kept_{side}.count"].tolist() == [index.size]
    return index[0].tolist()


WEIGHTED = ("conv2d0", "residual2.depthwise0", "residual2.pointwise2", "linear6")


@pytest.mark.parametrize("side", ["input", "output", "both"])
def test_the_largest_weights_are_chosen(side):
    job = work("convolution", Channels(0.5, side))
    first, result = job.training.values(3), job.run(2)
    seen = 0
    for layer in WEIGHTED:
        w = first[f"{layer}.weight"]
        for axis, name, sides in (
            (1, "inputs", ("input", "both")),
            (0, "outputs", ("output", "both")),
        ):
            if "depthwise" in layer:
                axis, name = 0, "channels"
            elif side not in sides:
                assert f"{layer}.kept_{name}" not in result.outputs
                continue
            k = max(1, int(w.shape[axis] * 0.5))
            assert kept(result, layer, name) == largest(squares(w, axis), k), (layer, name)
            seen += 1
    assert seen >= 5


def test_the_largest_gradients_are_chosen():
    job = work("convolution", Channels(0.5, "both", by="gradient"))
    first, data, result = job.training.values(3), job.data(2), job.run(2, checked=True)
    dense = nn.Training(
        attach(job.training.net), nn.SoftmaxCrossEntropy(), SGD, job.training.input_shape
    )
    once = dense.values(3) | {"x": data["choose.x"], "target": data["choose.target"]}
    assert all(bits.equal(first[n], once[n]) for n in dense.values(3) if n.endswith("weight"))
    trace = registry.run(dense.plan(1), once)
    for layer in WEIGHTED:
        dw = written(trace, f"{layer}.dweight")[0]
        assert bits.equal(dw, written(result, f"choose.{layer}.dweight")[0])
        if "depthwise" in layer:
            assert kept(result, layer, "channels") == largest(squares(dw, 0), 2)
        else:
            for axis, name in ((1, "inputs"), (0, "outputs")):
                k = max(1, dw.shape[axis] // 2)
                assert kept(result, layer, name) == largest(squares(dw, axis), k)


def test_the_calibration_leaves_the_weights_alone():
    job = work("convolution", Channels(0.5, "both", by="gradient"))
    result = job.run(1, checked=True)
    chosen = {e.tensor for e in result.trace if e.body == "choose"}
    assert not [n for n in chosen if n.endswith((".weight", ".bias"))]


def test_random_channels_come_from_the_generator():
    runs = {
        seed: work("perceptron", Channels(0.4, by="random", seed=seed)).run(1) for seed in (4, 9)
    }
    for seed, result in runs.items():
        for rank, (layer, total) in enumerate((("linear4", 7), ("linear2", 9), ("linear0", 11))):
            u = uniform(seed, STREAM + 2 * rank + 1, 0, total)
            assert kept(result, layer, "inputs") == largest(u.tolist(), max(1, int(total * 0.4)))
    assert kept(runs[4], "linear0", "inputs") != kept(runs[9], "linear0", "inputs")


@pytest.mark.parametrize("side", ["input", "output", "both"])
@pytest.mark.parametrize("kind", ["perceptron", "convolution"])
def test_only_what_is_kept_changes(kind, side):
    job = work(kind, Channels(0.5, side), optimiser=nn.SGD(0.1, 0.9, 0.01))
    first, result = job.training.values(3), job.run(5)
    for name in (n for n in first if n.endswith(".weight")):
        layer = name.removesuffix(".weight")
        moved = np.not_equal(first[name].view(np.int32), result.outputs[name].view(np.int32))
        allowed = np.ones(moved.shape, bool)
        bias = np.not_equal(first[f"{layer}.bias"], result.outputs[f"{layer}.bias"])
        for axis, what in ((0, "outputs"), (1, "inputs"), (0, "channels")):
            if f"{layer}.kept_{what}" in result.outputs:
                rows = kept(result, layer, what)
                at = np.zeros(moved.shape[axis], bool)
                at[rows] = True
                allowed &= at.reshape([-1 if a == axis else 1 for a in range(moved.ndim)])
                if axis == 0 and side != "input":
                    assert not bias[~at].any()
                    assert bias[at].any()
        assert not (moved & ~allowed).any(), name
        assert (moved & allowed).any(), name
        velocity = result.outputs[f"{name}.velocity"]
        assert velocity.size == allowed.sum()


def test_kept_gradients_are_those_of_the_dense_kernels():
    """The last layer sees the same dy in dense training, so its part is a part of the dense one."""
    for side, take in (("input", lambda d, i: d[:, i]), ("output", lambda d, i: d[i])):
        sparse = work("perceptron", Channels(0.5, side)).run(1, checked=True)
        dense = work("perceptron", Dense()).run(1, checked=True)
        index = kept(sparse, "linear4", f"{side}s")
        part = take(written(dense, "linear4.dweight")[0], index)
        assert bits.equal(written(sparse, "linear4.dweight")[0], np.ascontiguousarray(part))


@pytest.mark.parametrize("restrict", [True, False])
@pytest.mark.parametrize("kind", ["perceptron", "convolution"])
def test_the_input_gradient_is_restricted_or_not(kind, restrict):
    job = work(kind, Channels(0.5, "output", restrict_input_grad=restrict))
    result = job.run(1, checked=True)
    layer = "linear2" if kind == "perceptron" else "residual2.depthwise0"
    what = "outputs" if kind == "perceptron" else "channels"
    w = job.training.values(3)[f"{layer}.weight"]
    above = "sigmoid3.dx" if kind == "perceptron" else "residual2.relu61.dx"
    dy = written(result, above)[0].copy()
    if restrict:
        gone = np.ones(dy.shape[1], bool)
        gone[kept(result, layer, what)] = False
        dy[:, gone] = 0
    if kind == "perceptron":
        dx = ops.linear_input_grad(w, dy)
    else:
        dx = ops.depthwise_input_grad(w, dy, size=(6, 4), padding=(1, 1, 1, 1))
    got = written(result, f"{layer}.dx")[0]
    assert np.array_equal(got, dx)
    assert np.count_nonzero(got)


def test_only_the_kept_channels_of_x_are_stored():
    job = work("convolution", Channels(0.5))
    body = job.training.plan().bodies["train"]
    reads = {n for op in body.ops if op.kind.endswith("_weight_grad") for n in op.reads}
    assert {f"{layer}.x_kept" for layer in WEIGHTED} <= reads
    assert not {"x", "relu1.y", "residual2.relu61.y", "flatten5.y"} & reads


def test_evaluations_and_later_parts_choose_nothing():
    job = work("convolution", Channels(0.5, "both", by="gradient"))
    plan = job.training.plan(2, evaluations=1)
    assert [run.body for run in plan.schedule] == ["choose", "train", "evaluate"]
    kinds = {op.kind for op in plan.bodies["evaluate"].ops}
    assert all(k.endswith("_forward") or k == "add" for k in kinds)
    again = job.training.plan(2, choose=False)
    assert [run.body for run in again.schedule] == ["train"]
    assert "choose.x" not in again.tensors
    assert plan.outputs == again.outputs


def test_a_new_choice_begins_with_new_states():
    """Weights that changed choose other channels; the velocity of the old ones is gone."""
    job = work("perceptron", Channels(0.4), optimiser=nn.SGD(0.3, 0.9))
    values = dict(job.run(10).outputs)
    old = {n: v.copy() for n, v in values.items() if "kept" in n}
    values["linear0.weight"] = values["linear0.weight"][:, ::-1].copy()
    result = job.run(1, values=values, checked=True)
    assert kept(result, "linear0", "inputs") == largest(squares(values["linear0.weight"], 1), 4)
    assert not np.array_equal(old["linear0.kept_inputs"], result.outputs["linear0.kept_inputs"])
    cleared = written(result, "linear0.weight.velocity")
    assert len(cleared) == 2
    assert not cleared[0].any()
    assert bits.equal(cleared[1], written(result, "linear0.dweight")[0])


def test_given_channels_are_kept_in_ascending_order():
    job = work("perceptron", Channels(by=[2, 0]))
    assert "choose" not in job.training.plan().bodies
    assert kept(job.run(1), "linear2", "inputs") == [0, 2]
    pair = Channels(side="both", by=[[5, 1], [2]])
    assert pair.by == ((1, 5), (2,))
    result = work("perceptron", Dense(), {"linear2": pair}).run(1)
    assert kept(result, "linear2", "inputs") == [1, 5]
    assert kept(result, "linear2", "outputs") == [2]


def test_given_channels_as_numpy_gives_them():
    assert Channels(by=np.array([5, 1])).by == (1, 5)
    assert Channels(by=[np.int32(2), 0]).by == (0, 2)
    assert Channels(side="both", by=np.array([[5, 1], [2, 3]])).by == ((1, 5), (2, 3))
    assert str(Channels(by=np.array([5, 1]))) == str(Channels(by=(1, 5)))
    for wrong in (np.array(3), np.array([0.5, 1])):
        with pytest.raises(PlanError, match="Channels: by must be"):
            Channels(by=wrong)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Channels(1.5), "Channels: ratio must be a number from 0 to 1, got 1.5"),
        (lambda: Channels(float("nan")), "ratio must be a number"),
        (lambda: Channels("half"), "ratio must be a number"),
        (lambda: Channels(side="left"), "side must be one of input, output, both, got 'left'"),
        (lambda: Channels(by="size"), "by must be one of weight, gradient, random, got 'size'"),
        (lambda: Channels(by=()), "at least one channel, and each once"),
        (lambda: Channels(by=(1, 1)), "at least one channel, and each once"),
        (lambda: Channels(by=(1, -1)), "by must be a whole number from 0"),
        (lambda: Channels(by=(1.0,)), "by must be a whole number from 0"),
        (lambda: Channels(by=3), "by must be a word or whole numbers, got 3"),
        (lambda: Channels(by=((1,), (2,))), "takes side='both'"),
        (lambda: Channels(by=((1,), 2), side="both"), "by must be"),
        (lambda: Channels(seed=-1), "seed must be a whole number"),
        (lambda: Channels(restrict_input_grad=1), "must be true or false, got 1"),
    ],
)
def test_wrong_parameters(make, told):
    with pytest.raises(PlanError, match=told):
        make()


def test_channels_that_a_layer_has_not():
    job = work("perceptron", Channels(by=(0, 7)))
    with pytest.raises(PlanError, match=r"linear4.kept_inputs: .* has channels 0 to 6, got 7"):
        job.training.plan()


def test_input_channels_of_a_depthwise_layer_leave_dx_and_biases_dense():
    sparse, dense = (
        work("convolution", policy).run(1, checked=True) for policy in (Channels(0.5), Dense())
    )
    layer = "residual2.depthwise0"
    for tensor in ("dbias", "dx"):
        values = [written(run, f"{layer}.{tensor}")[0] for run in (sparse, dense)]
        assert bits.equal(*values)
    rows = kept(sparse, layer, "channels")
    whole = written(dense, f"{layer}.dweight")[0]
    assert bits.equal(written(sparse, f"{layer}.dweight")[0], whole[rows])

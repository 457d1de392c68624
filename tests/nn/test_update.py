"""The place where a policy puts its operations: hooks of weighted layers, bits of ReLU, choices."""

import numpy as np
import pytest

import tinycl
from tests.nn.test_training import IMAGES, LABELS, small_net
from tinycl import bits, nn
from tinycl.errors import PlanError

X, CLASSES = IMAGES[:, 0, 0], LABELS
COLUMNS = np.array([[0, 3, 4]], np.int32)


class Columns(nn.Update):
    """Trains some input features of a linear layer; written with what nn offers alone."""

    def keep(self, b, layer, x):
        index = b.state(f"{layer.name}.columns", COLUMNS)
        return b.emit("gather", (x, index), (f"{layer.name}.part",), axis=1)

    def backward(self, b, layer, dy, wanted):
        dw = layer.weight_grad(b, layer.kept(b), dy)
        b.record(dw)
        b.learn(layer.weight, dw, ((1, f"{layer.name}.columns"),))
        return layer.input_grad(b, layer.weight, dy) if wanted else None


class Chooses(Columns):
    """Takes the first columns of the order in which a dense gradient ranks them."""

    def backward(self, b, layer, dy, wanted):
        b.calibrated[layer.name] = ""
        b.state(f"{layer.name}.count", np.zeros(1, np.int32))
        b.choosers.append(lambda: self.choose(b, layer))
        return super().backward(b, layer, dy, wanted)

    def calibrate(self, b, layer, dy, wanted):
        b.calibrated[layer.name] = layer.weight_grad(b, layer.kept(b), dy)
        return super().calibrate(b, layer, dy, wanted)

    def choose(self, b, layer):
        names = f"{layer.name}.squares", f"{layer.name}.count", f"{layer.name}.columns"
        b.emit("axis_squares", (b.calibrated[layer.name],), names[:1], axis=1)
        b.emit("top_k", names[:1], names[1:], role="state", k=3)


class Gated(nn.Dense):
    """Dense, with a mask of samples that stands in a state."""

    def backward(self, b, layer, dy, wanted):
        b.trained = b.state("mask", np.zeros(4, np.int32))
        return super().backward(b, layer, dy, wanted)


class Picky(nn.Update):
    """Goes with nothing."""

    def check(self, layer, layers, optimiser, microbatches):
        raise PlanError(f"{layer.name} of {len(layers)}, {optimiser}, {microbatches}")


def training(update, optimiser, microbatches=1):
    layer = nn.Linear(5, 3)
    layer.update = update
    return nn.Training(layer, nn.SoftmaxCrossEntropy(), optimiser, (4, 5), microbatches)


def run(job, steps=3, checked=False, **more):
    data = job.values(7) | job.stream(X, CLASSES, steps) | job.calibration(X, CLASSES) | more
    return tinycl.run(job.plan(steps), data, checked=checked)


OPTIMISERS = [nn.SGD(0.1), nn.SGD(0.1, 0.9, 1e-3), nn.Adam(0.01)]


@pytest.mark.parametrize("microbatches", [1, 2])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_compact_gradients_train_their_part(optimiser, microbatches):
    """The columns end as in a dense run of a net that has only these; the others stay."""
    job = training(Columns(), optimiser, microbatches)
    first, result = job.values(7), run(job)
    weight, states = (
        result.outputs["linear0.weight"],
        [n for n in result.outputs if n.startswith("linear0.weight.")],
    )
    others = [1, 2]
    assert bits.equal(weight[:, others], first["linear0.weight"][:, others])
    assert not (weight == first["linear0.weight"])[:, COLUMNS[0]].any()
    assert all(result.outputs[n].shape == (3, 3) for n in states)
    assert result.records["train/linear0.dweight"].shape == (3 * microbatches, 3, 3)
    assert bits.equal(result.outputs["linear0.columns"], COLUMNS)
    assert "linear0.bias" in first
    assert bits.equal(result.outputs["linear0.bias"], first["linear0.bias"])


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_compact_step_is_the_dense_step_of_that_part(optimiser):
    """One step of all columns, gathered and scattered back, is a dense step."""
    columns = {"linear0.columns": np.arange(5, dtype=np.int32)[None]}

    class All(Columns):
        def keep(self, b, layer, x):
            index = b.state(f"{layer.name}.columns", columns["linear0.columns"])
            return b.emit("gather", (x, index), (f"{layer.name}.part",), axis=1)

    class Weights(nn.Update):
        def backward(self, b, layer, dy, wanted):
            b.learn(layer.weight, layer.weight_grad(b, layer.kept(b), dy))

    compact, dense = run(training(All(), optimiser), 1), run(training(Weights(), optimiser), 1)
    assert bits.equal(compact.outputs["linear0.weight"], dense.outputs["linear0.weight"])


def test_evaluating_keeps_nothing():
    plan = training(Columns(), nn.SGD(0.1)).plan(1, evaluations=1)
    assert [op.kind for op in plan.bodies["evaluate"].ops] == ["linear_forward"]
    assert "gather" in [op.kind for op in plan.bodies["train"].ops]


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_where_no_sample_trains_nothing_changes(optimiser):
    job = training(Gated(), optimiser)
    first = job.values(7)
    still = run(job)
    assert all(bits.equal(first[n], still.outputs[n]) for n in first)
    moved = run(job, mask=np.array([0, 1, 0, 0], np.int32))
    assert not bits.equal(first["linear0.weight"], moved.outputs["linear0.weight"])


def test_choosing_comes_first_and_once():
    job = training(Chooses(), nn.SGD(0.1, 0.9))
    plan = job.plan(2)
    assert [tuple(line) for line in plan.schedule] == [("choose", 1), ("train", 2)]
    assert plan.bodies["choose"].streams == ("choose.x", "choose.target")
    result = run(job, 2, checked=True)
    squares = next(e.value for e in result.trace if e.tensor == "linear0.squares")[0]
    wanted = sorted(sorted(range(5), key=lambda i: -squares[i])[:3])
    assert result.outputs["linear0.columns"][0].tolist() == wanted
    assert result.trace[0].tensor == "choose.linear0.y"
    assert "choose.x" not in job.plan(2, choose=False).tensors
    assert job.plan(2, choose=False).outputs == plan.outputs


def test_no_choice_takes_no_calibration():
    job = training(Columns(), nn.SGD(0.1))
    assert job.calibration(X, CLASSES) == {}
    assert "choose" not in job.plan().bodies


def test_updates_are_asked_before_anything_is_built():
    with pytest.raises(PlanError, match="linear0 of 1, SGD.*, 2"):
        training(Picky(), nn.SGD(0.1), 2).plan()


@pytest.mark.parametrize("make", [nn.ReLU, nn.ReLU6])
def test_bits_of_a_relu_give_the_same_gradient(make):
    results, plans = [], []
    for gates in (False, True):
        net = nn.Sequential(nn.Linear(5, 37), make(bits=gates), nn.Linear(37, 3))
        job = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.5), (4, 5))
        data = job.values(7) | job.stream(X * np.float32(6), CLASSES, 3)
        results.append(tinycl.run(job.plan(3), data, checked=False))
        plans.append(job.plan(1, evaluations=1))
    for name, value in results[0].outputs.items():
        assert bits.equal(value, results[1].outputs[name])
    layer = net.layers[1].name
    assert plans[1].tensors[f"{layer}.bits"].shape == (5,)
    assert "gate_bits" not in [op.kind for op in plans[1].bodies["evaluate"].ops]
    assert f"{layer}_input_grad" not in [op.kind for op in plans[1].bodies["train"].ops]


def test_parts_are_in_the_order_of_the_forward_pass():
    net = small_net()
    assert [part.name for part in net.parts()] == [
        "conv2d0", "hard_swish1", "residual2.depthwise0", "residual2.relu61",
        "residual2.pointwise2", "avg_pool3", "relu4", "max_pool5", "flatten6", "linear7",
    ]  # fmt: skip
    frozen = nn.Sequential(nn.Frozen(nn.Linear(3, 3)), nn.Linear(3, 2))
    assert [part.name for part in frozen.parts()] == ["linear1"]


def test_nothing_to_train_is_told():
    net = nn.Sequential(nn.Frozen(nn.Linear(5, 3)))
    with pytest.raises(PlanError, match="no layer of the net trains; let a weight"):
        nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (4, 5)).plan()

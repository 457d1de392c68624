"""Networks: their sizes are those of the papers, and each can be trained."""

import numpy as np
import pytest

import tinycl
from tinycl import nn
from tinycl.bits import equal
from tinycl.errors import PlanError, ShapeError
from tinycl.models import digits_net, mobilenet_v1, mobilenet_v2, phinet, separable_net
from tinycl.models.phinet import width


def training(net, side=128):
    return nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.01), (1, 3, side, side))


def parameters(plan):
    return sum(t.size for t in plan.tensors.values() if t.role == "weight")


def test_mobilenet_v1():
    """Weights of 28 layers, counted by hand."""
    plan = training(mobilenet_v1()).plan()
    weights = {n: t for n, t in plan.tensors.items() if t.role == "weight"}
    assert len([n for n in weights if n.endswith(".weight")]) == 28
    depthwise = 9 * (32 + 64 + 128 + 128 + 256 + 256 + 5 * 512 + 512 + 1024)
    pairs = [(32, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 512)]
    pairs += [(512, 512)] * 5 + [(512, 1024), (1024, 1024)]
    matrices = 27 * 32 + sum(a * b for a, b in pairs) + 1024 * 50
    biases = 32 + sum(a + b for a, b in pairs) + 50
    assert parameters(plan) == depthwise + matrices + biases


def test_frozen_layers_have_no_gradient():
    plan = training(mobilenet_v1(train_from="conv5_4")).plan()
    kinds = [op.kind for op in plan.bodies["train"].ops]
    assert kinds.count("pointwise_forward") == 13
    assert kinds.count("pointwise_weight_grad") == kinds.count("depthwise_weight_grad") == 4
    assert kinds.count("depthwise_input_grad") == 3
    assert "conv2d_weight_grad" not in kinds
    with pytest.raises(ValueError, match="no part 'conv9' to train from; there are conv2_1/dw, "):
        mobilenet_v1(train_from="conv9")
    behind = nn.Sequential(nn.Linear(3, 3), nn.Frozen(nn.Linear(3, 3)))
    with pytest.raises(PlanError, match="put them first"):
        nn.Training(behind, nn.MeanSquaredError(), nn.SGD(0.1), (1, 3)).plan()


@pytest.mark.parametrize("make", [mobilenet_v2, phinet])
def test_each_net_trains(make):
    run = training(make(classes=5), side=32)
    rng = np.random.default_rng(1)
    data = run.values(1)
    data["x"] = rng.standard_normal((2, 1, 3, 32, 32), np.float32)
    data["target"] = np.array([[0], [4]], np.int32)
    plan = run.plan(2)
    result = tinycl.run(plan, data, target="numba", checked=False)
    assert np.isfinite(result.records["train/loss"]).all()
    assert not equal(result.outputs[next(iter(result.outputs))], data[next(iter(result.outputs))])


def test_train_from():
    """What lies below has a forward pass only, and norms with the moving statistics."""
    some = {"channels": 3, "norm": "batch"}
    for net in (
        mobilenet_v1(width=0.25, train_from="fc7", **some),
        mobilenet_v2(width=0.25, train_from="block17", **some),
        phinet(alpha=0.1, compatible=False, train_from="block7", **some),
        separable_net(width=0.25, train_from="pair3", **some),
    ):
        plan = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.01), (2, 3, 64, 64)).plan()
        for op in plan.bodies["train"].ops:
            frozen = [name for name in op.writes if name.startswith("frozen0.")]
            live = "grad" in op.kind or op.kind in ("channel_moments", "moving_average", "sgd")
            assert not (frozen and live), op
        weights = {op.inputs[0] for op in plan.bodies["train"].ops if op.kind == "sgd"}
        assert weights
        assert not any(name.startswith("frozen0.") for name in weights)
    assert weights == {
        "depthwise1.weight", "batch_norm2.gamma", "batch_norm2.beta",
        "pointwise4.weight", "batch_norm5.gamma", "batch_norm5.beta",
        "linear9.weight", "linear9.bias",
    }  # fmt: skip


@pytest.mark.parametrize("norm", ["batch", "renorm"])
def test_a_step_of_a_small_phinet_has_the_same_bits_everywhere(norm):
    """Squeeze-excite, hard-swish, norms, residuals and frozen blocks; two steps, one evaluation."""
    net = phinet(
        3, alpha=0.05, t0=2.0, blocks=4, downsampling=(4,), divisor=2, channels=1,
        compatible=False, norm=norm, train_from="block1", head_bias=False,
    )  # fmt: skip
    run = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.05, 0.9), (3, 1, 16, 16))
    plan = run.plan(2, evaluations=1)
    kinds = {op.kind for op in plan.bodies["train"].ops}
    wanted = {"channel_scale_gate_grad", "batch_norm_input_grad", "hard_swish_input_grad", "add"}
    assert wanted <= kinds
    data = run.values(1)
    x = np.random.default_rng(1).standard_normal((3, 3, 1, 16, 16), np.float32)
    data |= {"x": x[:2], "evaluate.x": x[2:], "target": np.array([[0, 1, 2], [2, 1, 1]], np.int32)}
    specified = tinycl.run(plan, data)
    (scores,) = (v for k, v in specified.records.items() if k.startswith("evaluate/"))
    assert np.isfinite(scores).all()
    for target, cores in (("numba", 2), ("host", 1), ("host", 3)):
        got = tinycl.run(plan, data, target=target, cores=cores)
        assert len(got.trace) == len(specified.trace)
        for one, other in zip(specified.trace, got.trace, strict=True):
            assert one.key == other.key
            assert equal(one.value, other.value), (target, one.key)
        for name, value in specified.outputs.items():
            assert equal(value, got.outputs[name]), (target, name)


def test_width_rounds_as_the_paper_says():
    assert [width(c, 0.2) for c in (24, 48, 96, 192)] == [8, 16, 24, 40]  # 8 of 9 is below 90 %
    assert width(48, 1.0) == 48
    assert width(100, 1.0) == 104


def test_digits_net_is_small():
    net = nn.Training(digits_net(), nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (1, 1, 8, 8))
    assert parameters(net.plan()) == 2874


def test_separable_net():
    """Parameters and multiply-accumulates, counted by hand."""
    plan = nn.Training(separable_net(), nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (2, 1, 8, 8)).plan()
    weights = 9 * (16 + 16 + 32 + 64) + 16 * 32 + 32 * 64 + 64 * 128 + 128 * 10
    biases = 16 + (16 + 32) + (32 + 64) + (64 + 128) + 10
    assert parameters(plan) == weights + biases == 13_546
    large = 9 * (16 + 16 + 32) + 16 * 32 + 32 * 64  # at 8x8
    small = 9 * 64 + 64 * 128  # at 4x4
    forward = [op for op in plan.bodies["train"].ops if op.kind.endswith("_forward")]
    assert sum(map(plan.op_macs, forward)) == 2 * (64 * large + 16 * small + 1280) == 2 * 342_272


def test_phinet_has_the_blocks_that_it_downsamples_in():
    phinet(blocks=5)
    with pytest.raises(ShapeError, match="downsampling names block 99; there are blocks 1 to 7"):
        phinet(downsampling=(5, 99))

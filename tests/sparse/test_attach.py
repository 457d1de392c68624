"""Policies are attached by name, and know where their layers stand."""

import pytest

from tests.sparse.nets import convolution, perceptron, work
from tinycl import nn
from tinycl.errors import PlanError
from tinycl.models import mobilenet_v1
from tinycl.sparse import BiasOnly, Dense, Fixed, LayerWise, TinyProp, attach


def places(net):
    return {p.name: p.place for p in net.parts() if isinstance(p, nn.Weighted)}


def depths(net):
    return {name: place.depth for name, place in places(net).items()}


def test_the_net_itself_stays_dense():
    net = perceptron()
    sparse = attach(net, TinyProp())
    assert [layer.update for layer in net.parts() if isinstance(layer, nn.Weighted)] == [
        Dense()
    ] * 3
    assert sparse is not net
    assert depths(sparse) == {"linear0": 2, "linear2": 1, "linear4": 0}


def test_p_follows_the_longest_path():
    assert depths(attach(convolution(), TinyProp())) == {
        "conv2d0": 3,
        "residual2.depthwise0": 2,
        "residual2.pointwise2": 1,
        "linear6": 0,
    }


def test_layers_that_do_not_train_are_not_counted():
    own = {"linear6": Fixed(), "residual2.pointwise2": BiasOnly()}
    assert depths(attach(convolution(), TinyProp(), own)) == {
        "conv2d0": 2,
        "residual2.depthwise0": 1,
        "residual2.pointwise2": 0,
        "linear6": 0,
    }
    no_bias = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3, bias=False), nn.Linear(3, 3))
    assert depths(attach(no_bias, BiasOnly())) == {"linear0": 1, "linear1": 1, "linear2": 0}


def test_places():
    found = places(attach(convolution(), Dense()))
    assert [place.rank for place in found.values()] == [3, 2, 1, 0]
    assert [place.bypassed for place in found.values()] == [False, True, True, False]


def test_a_single_layer_takes_a_policy():
    net = attach(nn.Linear(3, 2), LayerWise(1, 0))
    assert depths(net) == {"linear0": 0}


def test_frozen_layers_take_no_policy():
    net = mobilenet_v1(width=0.1, train_from="conv5_6")
    assert len(places(attach(net, TinyProp()))) == 5
    with pytest.raises(PlanError, match="no layer frozen0.conv2d0 that could train; there are"):
        attach(net, TinyProp(), {"frozen0.conv2d0": Fixed()})


def test_unknown_names_are_told_with_the_known_ones():
    with pytest.raises(PlanError, match="no layer linear1, linear3 .*linear0, linear2, linear4"):
        attach(perceptron(), None, {"linear3": Fixed(), "linear1": Fixed()})


@pytest.mark.parametrize("policy", ["tinyprop", TinyProp, 3])
def test_what_is_no_policy_is_told(policy):
    with pytest.raises(PlanError, match="is not a policy"):
        attach(perceptron(), policy)
    with pytest.raises(PlanError, match="is not a policy"):
        attach(perceptron(), None, {"linear0": policy})


@pytest.mark.parametrize(
    ("policy", "own", "stays"),
    [
        (LayerWise(1, 1), {}, ("conv2d0", "residual2.depthwise0", "residual2.pointwise2")),
        (LayerWise(2, 1), {}, ("conv2d0", "residual2.depthwise0")),
        (LayerWise(0, 2), {}, ("conv2d0", "residual2.depthwise0")),
        (Fixed(), {"linear6": TinyProp()}, ("conv2d0", "residual2.pointwise2")),
    ],
)
def test_nothing_below_the_lowest_trained_layer_is_computed(policy, own, stays):
    plan = work("convolution", policy, own).training.plan()
    written = {name for op in plan.bodies["train"].ops for name in op.writes}
    for layer in stays:
        assert f"{layer}.y" in written
        assert not written & {f"{layer}.{part}" for part in ("dweight", "dbias", "dx")}
    assert not {n for n in written if n.startswith(("relu1.d", "conv2d0.d"))}
    last = plan.bodies["train"].ops[-1]
    assert last.kind == "sgd"


def test_biases_only_keep_no_activation_for_weights():
    plan = work("perceptron", LayerWise(0, 3)).training.plan()
    kinds = [op.kind for op in plan.bodies["train"].ops]
    assert "linear_weight_grad" not in kinds
    assert kinds.count("linear_bias_grad") == 3
    assert kinds.count("linear_input_grad") == 2

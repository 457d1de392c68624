"""Policies that do not fit: the message says what, where, and what to do next."""

import pytest

from tests.sparse.nets import SGD, work
from tinycl import nn
from tinycl.errors import PlanError, ShapeError
from tinycl.sparse import (
    BiasOnly,
    Channels,
    Dense,
    Fixed,
    LayerWise,
    TinyProp,
    TinyPropV2,
    TopK,
    attach,
)


def refused(job, told):
    with pytest.raises(PlanError, match=told):
        job.training.plan()
    with pytest.raises(PlanError, match=told):
        job.training.values(1)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: LayerWise(-1), "LayerWise: weights must be a whole number from 0"),
        (lambda: LayerWise(1, True), "LayerWise: biases must be a whole number"),
        (lambda: TopK(), "give either k or ratio"),
        (lambda: TopK(k=1, ratio=0.1), "give either k or ratio"),
        (lambda: TopK(k=1.5), "TopK: k must be a whole number"),
        (lambda: TopK(ratio=2), "TopK: ratio must be a number from 0 to 1, got 2"),
        (lambda: TopK(k=1, rows="yes"), "TopK: rows must be true or false, got 'yes'"),
        (lambda: TopK(k=1, unified=0), "TopK: unified must be true or false"),
        (lambda: TinyProp(s_min=-0.1), "TinyProp: s_min must be a number at least 0"),
        (lambda: TinyProp(zeta=float("inf")), "TinyProp: zeta must be a number"),
        (lambda: TinyProp(s_max=True), "TinyProp: s_max must be a number"),
        (
            lambda: TinyProp(s_max=3.5e38),
            "s_max must be a number at least 0 that binary32",
        ),
        (
            lambda: TinyProp(zeta=10**400),
            "zeta must be a number at least 0 that binary32",
        ),
        (lambda: TinyProp(s_min=2), "TinyProp: s_min is 2 and s_max 0.9; s_min must not be above"),
        (lambda: TinyProp(s_max=0.05), "s_min is 0.1 and s_max 0.05; s_min must not be above"),
        (lambda: TinyProp(units="rows"), "units must be one of entries, channels"),
        (lambda: TinyProp(bias_gradient="none"), "bias_gradient must be one of full, masked"),
        (lambda: TinyProp(rounding="up"), "rounding must be one of trunc, half_even"),
        (lambda: TinyProp(sparsify_output=None), "sparsify_output must be true or false"),
        (lambda: TinyPropV2(s_min="a"), "TinyPropV2: s_min must be a number"),
        (lambda: TinyPropV2(threshold=float("nan")), "TinyPropV2: threshold must be a number"),
        (lambda: TinyPropV2(remember=2), "TinyPropV2: remember must be true or false"),
    ],
)
def test_wrong_parameters(make, told):
    with pytest.raises(PlanError, match=told):
        make()


@pytest.mark.parametrize(
    ("give", "told"),
    [
        (lambda net: attach(None, TopK(k=1)), "attach: None is not a net"),
        (lambda net: attach(nn.Linear, TopK(k=1)), "attach: .*Linear'> is not a net"),
        (lambda net: attach(net, None, [TopK(k=1)]), "attach: layers must map names to policies"),
        (lambda net: attach(net, None, {1: TopK(k=1)}), "attach: no layer 1 that could train"),
        (lambda net: attach(net, None, {1: TopK(k=1), "a": 2}), "attach: no layer 1, a that"),
        (lambda net: attach(net, relu_bits="no"), "attach: relu_bits must be true or false"),
    ],
)
def test_what_cannot_be_attached(give, told):
    with pytest.raises(PlanError, match=told):
        give(nn.Sequential(nn.Linear(3, 2)))


def test_a_factor_of_a_deep_layer_that_binary32_cannot_hold():
    refused(
        work("perceptron", TinyProp(zeta=1e30)),
        r"linear0: TinyProp: zeta \*\* 2 is more than binary32 holds; take a smaller zeta",
    )
    work("perceptron", TinyProp(zeta=1e15)).training.plan()


def test_nothing_trains():
    refused(work("perceptron", Fixed()), "no layer of the net trains")
    refused(work("perceptron", LayerWise(0, 0)), "no layer of the net trains")


def test_skipping_needs_a_decision_at_the_output():
    refused(
        work("perceptron", TinyPropV2(), {"linear4": TinyProp()}),
        "linear0: TinyPropV2 decides at the output layer; give it to linear4 too",
    )


@pytest.mark.parametrize("other", [Dense(), Channels(), TopK(k=1), LayerWise(3, 3)])
def test_skipping_needs_layers_that_can_leave_samples_out(other):
    job = work("perceptron", TinyPropV2(), {"linear2": other})
    refused(job, f"linear2: {type(other).__name__} cannot leave out the samples")
    for fits in (TinyProp(1, 1, 1), BiasOnly(), Fixed()):
        work("perceptron", TinyPropV2(), {"linear2": fits}).training.plan()


def test_skipping_does_not_go_with_adam_or_microbatches():
    told = "skips whole batches, which .* use SGD and one microbatch"
    refused(work("perceptron", TinyPropV2(), optimiser=nn.Adam()), told)
    refused(work("perceptron", TinyPropV2(), microbatches=2), told)


def test_skipping_at_a_layer_that_gradients_pass_by():
    net = attach(nn.Sequential(nn.Linear(4, 4), nn.Residual(nn.Linear(4, 4))), TinyPropV2())
    training = nn.Training(net, nn.MeanSquaredError(), SGD, (2, 4))
    with pytest.raises(PlanError, match=r"residual1.linear0: .* stands in a residual branch"):
        training.plan()


def test_single_rows_need_one_choice_and_a_plain_optimiser():
    refused(
        work("perceptron", TopK(k=2, rows=True), optimiser=nn.SGD(0.1)),
        "linear2: .* a batch of 4 makes as many; add unified=True",
    )
    told = r"linear0: TopK\(rows=True\) leaves rows .* leave rows out"
    for optimiser in (nn.SGD(0.1, 0.9), nn.SGD(0.1, 0, 0.01), nn.Adam()):
        rows = TopK(k=2, unified=True, rows=True)
        refused(work("perceptron", rows, optimiser=optimiser), told)
    job = work("perceptron", rows, optimiser=nn.SGD(0.1), microbatches=2)
    refused(job, told)


def test_too_few_samples_to_choose_by():
    job = work("perceptron", Channels(by="gradient"))
    data = job.data(1)
    with pytest.raises(ShapeError, match="takes 4 samples, one microbatch; there are 3 images"):
        job.training.calibration(data["x"][0][:3], data["target"][0])

"""Where a session's net is cut."""

import numpy as np
import pytest

from tinycl import nn, quant
from tinycl.cl.session.config import Stage
from tinycl.cl.session.stage import cut, frozen_stage
from tinycl.errors import TinyclError
from tinycl.models import separable_net


def weights(net):
    training = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (2, 1, 8, 8))
    return {n: t.shape for n, t in training.plan(0).tensors.items() if t.role == "weight"}


def test_a_net_that_says_what_is_frozen_is_cut_there():
    """The layers are the same as with a name, and the weights have the names of the frozen net."""
    whole = separable_net(norm="batch")
    frozen = separable_net(norm="batch", train_from="pair3")
    below, above = cut(frozen, "")
    named, rest = cut(separable_net(norm="batch"), "depthwise15")
    assert [layer.kind for layer in below] == [layer.kind for layer in named]
    assert [layer.kind for layer in above] == [layer.kind for layer in rest]
    assert len(below) + len(above) == len(whole.layers)
    assert weights(nn.Sequential(nn.Thawed(*below), *above)) == weights(frozen)


def test_two_cuts_are_refused():
    with pytest.raises(TinyclError, match="the net freezes layers itself; leave 'linear9' or"):
        cut(separable_net(train_from="pair3"), "linear9")
    with pytest.raises(TinyclError, match="no layer 'conv2d0' to go on from; there are relu1"):
        cut(separable_net(), "conv2d0")


@pytest.mark.parametrize(
    ("count", "taken"), [(5, [0, 2, 4, 6, 8]), (3, [0, 3, 6]), (99, range(10))]
)
def test_ranges_come_from_the_whole_batch(monkeypatch, count, taken):
    """A batch may be sorted by class or session: its first samples are not like the others."""
    seen = []
    monkeypatch.setattr(quant, "calibrate", lambda frozen, weights, images: seen.append(images))
    images = np.arange(10, dtype=np.float32).reshape(10, 1, 1, 1)
    stage = Stage("relu1", "int8", count)
    frozen_stage(stage, [nn.Conv2d(1, 2, 3, padding=1)], {}, images)
    assert seen[0].reshape(-1).tolist() == list(taken)

"""Where a session's net is cut."""

import subprocess
import sys

import pytest

from tinycl import nn
from tinycl.cl.session.stage import cut, spread
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


def test_ranges_are_taken_from_all_of_the_first_batch():
    assert spread(283, 4).tolist() == [0, 70, 141, 212]
    assert spread(3, 128).tolist() == [0, 1, 2]
    assert len({*spread(283, 128).tolist()}) == 128


WITHOUT_NUMBA = """
import sys
from tests.cl.test_synapses import TABLE
from tests.cl.worlds import blobs
from tinycl import cl
from tinycl.cl.session import Experiment
from tinycl.cl.session.session import Session

table = TABLE | {"stage": {"below": "pointwise4", "numbers": "int8"}}
one = Session(Experiment.from_table(table), cl.new_classes(blobs(), tasks=2, classes=2))
state = one.begin()
while state.phase < 2:
    state = one.advance(state, 1000)
assert one.learner(state).stage.kind == "int8_stage"
assert "numba" not in sys.modules
"""


def test_the_specification_calibrates_by_itself():
    """What checks the engine must not take the scales of INT8 from it."""
    subprocess.run([sys.executable, "-c", WITHOUT_NUMBA], check=True)

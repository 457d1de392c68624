"""Plans of learning batches: the same bits everywhere, wherever the schedule is cut."""

import numpy as np
import pytest

from tests.cl.worlds import blobs, learner, weights
from tinycl.bits import equal
from tinycl.cl.learning import Replay
from tinycl.cl.session.phases import Learning
from tinycl.errors import ShapeError
from tinycl.sparse import TinyPropV2
from tinycl.target import registry

COUNTS = (6, 5, 7)
MEMORIES = {
    "none": None,
    "floats": Replay(8, 32),
    "packed": Replay(8, 6),
    "reservoir": Replay(5, 8, "reservoir"),
    "balanced": Replay(5, 7, "balanced"),
}


def samples(number, counts=COUNTS):
    """Return a learning batch of the blobs: classes come one after another."""
    data = blobs()
    order = np.argsort(data.train_y, kind="stable")
    chosen = order[sum(counts[:number]) : sum(counts[: number + 1])]
    return data.train_x[chosen], data.train_y[chosen]


def learned(one, target, cores=1, cut=None, counts=COUNTS):
    """Learn all batches on a target; return the last tensors and the losses of each step."""
    tensors, losses = None, []
    for number in range(len(counts)):
        sizes = one.sizes(counts[: number + 1])
        phase = Learning(one, sizes, number == 0)
        if tensors is None:
            after = one.builder(one.sizes(counts[:2]))
            tensors = weights(after)
        tensors = tensors | phase.values(tensors)
        place = 0
        while place < phase.runs:
            count = min(cut or phase.runs, phase.runs - place)
            plan, given = phase.piece(place, count, samples(number, counts))
            lasting = {
                n: tensors[n]
                for n, t in plan.tensors.items()
                if t.given and n not in given and n not in plan.streamed
            }
            result = registry.run(plan, lasting | given, target=target, cores=cores, checked=False)
            tensors = tensors | result.outputs
            losses += [v for k, v in result.records.items() if k == "step/loss"]
            place += count
    return tensors | {"losses": np.concatenate(losses)}


def assert_same(ours, theirs):
    assert ours.keys() == theirs.keys()
    assert [n for n in ours if not equal(ours[n], theirs[n])] == []


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("kind", ["ar1_star_free", "ar1_star", "cwr_star", "fine_tuning"])
def test_every_executor_learns_the_same_bits(kind, memory):
    one = learner(kind, MEMORIES[memory])
    wanted = learned(one, "numpy")
    for target, cores in (("numba", 1), ("numba", 3), ("host", 1), ("host", 3), ("host", 8)):
        assert_same(wanted, learned(one, target, cores))
    assert np.isfinite(wanted["losses"]).all()


@pytest.mark.parametrize("cores", [1, 4])
def test_the_device_learns_the_same_bits(cores):
    one = learner("ar1_star_free", Replay(8, 6))
    assert_same(learned(one, "numpy"), learned(one, "qemu", cores))


NONE_TRAINS = TinyPropV2(threshold=1e30)
ODD = {
    "one slot": (learner("ar1_star", Replay(1, 4)), (6, 5, 7)),
    "one sample": (learner("ar1_star_free", Replay(2, 5)), (1, 1, 1)),
    "one of a minibatch": (learner("ar1_star_free", Replay(3, 5), epochs=1, minibatch=1), (3, 2)),
    "a minibatch of all": (learner("cwr_star", Replay(50, 5), epochs=3, minibatch=100), (7, 11)),
    "a rest": (learner("ar1_star", Replay(5, 4, "reservoir"), epochs=1, minibatch=4), (7, 11, 5)),
    "nothing trains": (learner("ar1_star", Replay(8, 6), policy=NONE_TRAINS), (6, 5, 7)),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_settings_learn_the_same_bits(name):
    one, counts = ODD[name]
    wanted = learned(one, "numpy", counts=counts)
    for target, cores in (("numba", 3), ("host", 1), ("host", 8), ("qemu", 4)):
        assert_same(wanted, learned(one, target, cores, counts=counts))


@pytest.mark.parametrize("cut", [1, 3, 7])
def test_a_schedule_can_be_cut_anywhere(cut):
    one = learner("ar1_star", Replay(8, 7))
    assert_same(learned(one, "numba"), learned(one, "numba", cut=cut))


def one_batch(kind):
    """Return the plan of a second learning batch, and values for it."""
    one = learner(kind, Replay(8, 6))
    sizes = one.sizes((6, 5))
    values = one.values(sizes, weights(one.builder(sizes)))
    values["replay.labels"][:6] = 1
    values["new.labels"] = np.array([0, 1, 2, 3, 1], np.int32)
    values["take.x"] = np.ones((1, 5, 1, 6, 6), np.float32)
    return one.plan(sizes), values


@pytest.mark.parametrize("target", ["numpy", "numba", "host"])
@pytest.mark.parametrize("kind", ["fine_tuning", "ar1_star_free"])
@pytest.mark.parametrize(
    ("name", "label"), [("new.labels", 4), ("new.labels", -1), ("replay.labels", 4)]
)
def test_labels_that_are_no_class_are_found_before_any_work(kind, target, name, label):
    plan, values = one_batch(kind)
    values[name][3] = label
    with pytest.raises(ShapeError, match=rf"inputs: {name}\[3\] is {label}"):
        registry.run(plan, values, target=target, checked=False)


@pytest.mark.parametrize("target", ["numpy", "numba", "host"])
def test_a_free_place_is_not_drawn(target):
    plan, values = one_batch("fine_tuning")
    values["replay.labels"][:] = -1
    with pytest.raises(ShapeError, match=r"replay.labels\[0\] is -1; it comes to softmax"):
        registry.run(plan, values, target=target, checked=False)

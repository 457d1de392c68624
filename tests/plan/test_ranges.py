"""Labels and places that a plan moves before a kernel indexes with them."""

import numpy as np
import pytest

import tinycl
from tinycl import nn
from tinycl.errors import ShapeError
from tinycl.plan import Body, Plan, Run, Tensor
from tinycl.plan.ranges import moved_ranges

SLOTS, FILLED, CLASSES = 6, 4, 3


def minibatch(scores=True):
    """Return a plan that mixes new labels with those of a memory, and what it takes."""
    b = nn.Builder()
    new = b.tensor("new", (4,), "i32", role="input")
    kept = b.tensor("kept", (SLOTS,), "i32", role="state")
    order = b.tensor("order", (FILLED,), "i32", role="state")
    turn = b.tensor("turn", (1,), "i32", role="state")
    index = b.emit("take_turn", (order, turn), ("index",), count=2)
    old = b.emit("gather_labels", (kept, index), ("old",))
    labels = b.emit("concat_labels", (new, old), ("labels",))
    if scores:
        z = b.tensor("z", (6, CLASSES), role="input")
        b.emit("softmax_cross_entropy_forward", (z, labels), ("loss", "p"))
    else:
        b.emit("class_counts", (labels,), ("counts",), classes=CLASSES)
    b.close("go")
    plan = b.plan([("go", 2)], ())
    values = {
        "new": np.array([0, 1, 2, 1], np.int32),
        "kept": np.array([2, 2, 1, 0, -1, -1], np.int32),  # two places are free
        "order": np.array([3, 0, 1, 2], np.int32),
        "turn": np.zeros(1, np.int32),
        "z": np.zeros((6, CLASSES), np.float32),
    }
    return plan, {n: v for n, v in values.items() if n in plan.tensors}


@pytest.mark.parametrize("scores", [True, False])
def test_free_places_of_a_memory_are_no_labels(scores):
    plan, values = minibatch(scores)
    tinycl.run(plan, values, target="numpy")


@pytest.mark.parametrize("target", ["numpy", "numba", "host"])
@pytest.mark.parametrize(
    ("name", "place", "value", "told"),
    [
        ("new", 2, 3, r"new\[2\] is 3; it comes to softmax_cross_entropy_forward.* 0 to 2"),
        ("new", 1, -1, r"new\[1\] is -1"),
        ("new", 0, 2**31 - 1, r"new\[0\] is 2147483647"),
        ("kept", 3, 7, r"kept\[3\] is 7"),
        ("kept", 0, -1, r"kept\[0\] is -1"),
        ("order", 1, 6, r"order\[1\] is 6; it comes to gather_labels, which takes .* 0 to 5"),
        ("order", 3, -2, r"order\[3\] is -2"),
        ("order", 3, 4, r"kept\[4\] is -1"),
    ],
)
def test_values_that_are_moved_first_are_checked(target, name, place, value, told):
    """Kernels would read and write outside their tensors."""
    plan, values = minibatch()
    values[name][place] = value
    with pytest.raises(ShapeError, match=told):
        tinycl.run(plan, values, target=target)


def test_what_comes_into_a_memory_later_counts():
    b = nn.Builder()
    kept = b.tensor("kept", (SLOTS,), "i32", role="state")
    turn = b.tensor("turn", (1,), "i32", role="state")
    fresh = b.tensor("fresh", (2,), "i32", role="input")
    order = b.emit("random_permutation", (turn,), ("order",), seed=1, stream=0, count=SLOTS)
    index = b.emit("take_turn", (order, turn), ("index",), count=2)
    labels = b.emit("gather_labels", (kept, index), ("labels",))
    b.emit("class_counts", (labels,), ("counts",), classes=CLASSES)
    places = b.emit("turn_places", (turn,), ("places",), count=2)
    b.emit("put_labels", (kept, fresh, places), ())
    b.close("go", (fresh,))
    plan = b.plan([("go", 2)], ())
    values = {"kept": np.zeros(SLOTS, np.int32), "turn": np.zeros(1, np.int32)}
    good = np.array([[0, 2], [1, -1]], np.int32)
    tinycl.run(plan, values | {"fresh": good}, target="numpy")
    with pytest.raises(ShapeError, match=r"fresh\[0, 1\] is 5; it comes to class_counts"):
        tinycl.run(plan, values | {"fresh": good + 3}, target="numpy")


def test_a_schedule_that_shuffles_behind_its_first_steps():
    """The order that is given counts, and the one that comes; free places are in neither."""
    b = nn.Builder()
    kept = b.tensor("kept", (SLOTS,), "i32", role="state")
    turns = [b.tensor(name, (1,), "i32", role="state") for name in ("step", "epoch")]
    order = b.tensor("order", (FILLED,), "i32", role="state")
    index = b.emit("take_turn", (order, turns[0]), ("index",), count=2)
    labels = b.emit("gather_labels", (kept, index), ("labels",))
    z = b.tensor("z", (2, CLASSES), role="input")
    b.emit("softmax_cross_entropy_forward", (z, labels), ("loss", "p"))
    b.emit("next_turn", turns[:1], ())
    b.close("steps")
    attrs = {"seed": 1, "stream": 0, "count": FILLED}
    b.emit("random_permutation", turns[1:], (order,), role="state", **attrs)
    b.emit("next_turn", turns[1:], ())
    b.close("epochs")
    plan = b.plan([("steps", 1), ("epochs", 1), ("steps", 1)], ())
    values = {
        "kept": np.array([2, 2, 1, 0, -1, -1], np.int32),
        "order": np.arange(FILLED, dtype=np.int32),
        "step": np.zeros(1, np.int32),
        "epoch": np.zeros(1, np.int32),
        "z": np.zeros((2, CLASSES), np.float32),
    }
    tinycl.run(plan, values, target="numpy")
    values["order"][2] = 4
    with pytest.raises(ShapeError, match=r"kept\[4\] is -1"):
        tinycl.run(plan, values, target="numpy")


def test_labels_of_which_no_slice_is_taken():
    b = nn.Builder()
    fresh = b.tensor("fresh", (2,), "i32", role="input")
    labels = b.emit("concat_labels", (fresh, fresh), ("labels",))
    b.emit("class_counts", (labels,), ("counts",), classes=CLASSES)
    b.close("go", (fresh,))
    tinycl.run(b.plan([("go", 0)], ()), {"fresh": np.zeros((0, 2), np.int32)}, target="numpy")


def test_a_single_number_has_a_range():
    one = Tensor("one", (), "i32", role="input")
    plan = Plan({"one": one}, {"go": Body("go", ())}, (Run("go", 1),), ())
    found = moved_ranges(plan, {"one": np.array(7, np.int32)})
    assert found["one"].least == found["one"].most == (7, "one")

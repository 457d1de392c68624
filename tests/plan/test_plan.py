"""Plans: what is rejected, what reads back, where tensors live."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinycl
from tinycl import nn
from tinycl.errors import PlanError, ShapeError
from tinycl.plan import Body, Op, Plan, Run, Tensor, from_json, layout, lifetimes, to_json


def linear_plan(**changes):
    parts = {
        "tensors": {
            "x": Tensor("x", (2, 3), role="input"),
            "w": Tensor("w", (4, 3), role="weight"),
            "y": Tensor("y", (2, 4)),
        },
        "bodies": {"go": Body("go", (Op("linear_forward", ("x", "w", None), ("y",)),))},
        "schedule": (Run("go", 1),),
        "outputs": ("y",),
    }
    return Plan(**(parts | changes))


def body(*ops, **more):
    return {"bodies": {"go": Body("go", ops, **more)}}


FORWARD = Op("linear_forward", ("x", "w", None), ("y",))

WRONG = {
    "no tensor 'q'": body(Op("linear_forward", ("q", "w", None), ("y",))),
    "no such operation": body(Op("linear_backward", ("x", "w"), ("y",))),
    "x has 3 features, w takes 4": {
        "tensors": {
            "x": Tensor("x", (2, 3), role="input"),
            "w": Tensor("w", (4, 4), role="weight"),
            "y": Tensor("y", (2, 4)),
        }
    },
    "y is f32 (2, 4), tensor 'y' is f32 (4, 2)": {
        "tensors": {
            "x": Tensor("x", (2, 3), role="input"),
            "w": Tensor("w", (4, 3), role="weight"),
            "y": Tensor("y", (4, 2)),
        }
    },
    "writes 1 tensors, got 2": body(Op("linear_forward", ("x", "w", None), ("y", "x"))),
    "the output y is missing": body(Op("linear_forward", ("x", "w", None), (None,))),
    "cannot overwrite the input 'x'": body(Op("relu_forward", ("x",), ("x",))),
    "overwrites its input, 'w', got 'x'": body(
        Op("accumulate", ("w", "w"), ("x",)),
    ),
    "needs the tensor 'w'": body(Op("linear_forward", ("x",), ("y",))),
    "no attribute ['stride']": body(
        Op("linear_forward", ("x", "w", None), ("y",), {"stride": (1, 1)})
    ),
    "reads 'y' before anything was written": body(Op("clear", ("y",), ("y",))),
    "overwrites 'w', which is another input, too": body(
        Op("accumulate", ("w", "w"), ("w",)),
    ),
    "no body 'stop'": {"schedule": (Run("stop", 1),)},
    "cannot run -1 times": {"schedule": (Run("go", -1),)},
    "'y' is never written": {"schedule": (Run("go", 0),)},
    "outputs: no tensor 'z'": {"outputs": ("z",)},
    "records 'y', which is never written": body(records=("y",)) | {"outputs": ("x",)},
    "at most 4 axes": {"tensors": {"x": Tensor("x", (1, 1, 1, 1, 1))}},
    "each at least 1": {"tensors": {"x": Tensor("x", (0,))}},
    "dtype 'f64'": {"tensors": {"x": Tensor("x", (1,), "f64")}},
    "role 'constant'": {"tensors": {"x": Tensor("x", (1,), role="constant")}},
    "too many": {"tensors": {"x": Tensor("x", (1 << 16, 1 << 15))}},
    "printable text, not '.'": {"tensors": {"a/b": Tensor("a/b", (1,))}},
    "got '.'": {"tensors": {".": Tensor(".", (1,))}},
    "got 'a/b'": {"bodies": {"a/b": Body("a/b", ())}},
    "body 'a'": {"bodies": {"a": Body("b", ())}},
}


@pytest.mark.parametrize("message", WRONG)
def test_a_plan_that_makes_no_sense_is_rejected(message):
    with pytest.raises(PlanError, match=re.escape(message)):
        linear_plan(**WRONG[message])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": None}, "missing ['x']"),
        ({"more": np.zeros(1)}, "takes no ['more']"),
        ({"x": np.zeros((2, 3))}, "float32, got float64"),
        ({"x": [[0.0] * 3] * 2}, "got list"),
        ({"x": np.zeros((3, 2), np.float32)}, "x needs shape (2, 3), got (3, 2)"),
    ],
)
def test_inputs_that_do_not_fit(change, message):
    data = {"x": np.zeros((2, 3), np.float32), "w": np.zeros((4, 3), np.float32)} | change
    data = {k: v for k, v in data.items() if v is not None}
    with pytest.raises(ShapeError, match=re.escape(message)):
        tinycl.run(linear_plan(), data)


def test_streams_need_enough_slices():
    plan = linear_plan(**body(FORWARD, streams=("x",)), schedule=(Run("go", 3),))
    w = np.ones((4, 3), np.float32)
    with pytest.raises(ShapeError, match=r"needs shape \(3 or more, 2, 3\), got \(2, 2, 3\)"):
        tinycl.run(plan, {"x": np.zeros((2, 2, 3), np.float32), "w": w})
    x = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
    steps = tinycl.run(plan, {"x": x, "w": w})
    assert [entry.value[0, 0] for entry in steps.trace] == [3, 21, 39]
    assert steps.outputs["y"][0, 0] == 39


def test_labels_out_of_range_are_found_before_any_work():
    training = small_training()
    data = training.values(1) | {
        "x": np.zeros((1, 4, 6), np.float32),
        "target": np.array([[0, 1, 3, 2]], np.int32),
    }
    with pytest.raises(ShapeError, match=r"target\[0, 2\] is 3; .* from 0 to 2"):
        tinycl.run(training.plan(1), data)


def small_training(**changes):
    net = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    return nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1, 0.9), (4, 6), **changes)


@pytest.mark.parametrize("microbatches", [1, 3])
def test_text_and_back(microbatches):
    plan = small_training(microbatches=microbatches).plan(2, evaluations=1)
    assert from_json(to_json(plan)) == plan
    assert to_json(from_json(to_json(plan))) == to_json(plan)


@given(st.data())
def test_damaged_text_is_an_error_or_a_plan(data):
    text = to_json(linear_plan())
    place = data.draw(st.integers(0, len(text) - 1))
    damaged = (
        text[:place] + data.draw(st.sampled_from(["", "0", '"', "}", "x"])) + text[place + 1 :]
    )
    try:
        plan = from_json(damaged)
    except PlanError:
        return
    assert to_json(from_json(to_json(plan))) == to_json(plan)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"tinycl_plan":99}', '{"tinycl_plan":1}']
)
def test_other_text_is_an_error(text):
    with pytest.raises(PlanError):
        from_json(text)


def test_tensors_alive_together_never_share():
    plan = small_training(microbatches=2).plan(2, evaluations=2)
    lives, places = lifetimes(plan), layout(plan, checked=False)

    def words(name):
        return range(places.offsets[name], places.offsets[name] + plan.tensors[name].size)

    names = list(plan.tensors)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            apart = a in lives and b in lives and not lives[a].overlaps(lives[b])
            together = set(words(a)) & set(words(b))
            assert apart or not together, (a, b)
    assert places.words < layout(plan, checked=True).words
    assert max(words(n).stop for n in names) <= places.words


def test_lean_equals_checked():
    training = small_training(microbatches=2)
    plan = training.plan(3, evaluations=1)
    rng = np.random.default_rng(3)
    x = rng.standard_normal((24, 6), np.float32)
    data = training.values(5) | training.stream(x, rng.integers(0, 3, 24, np.int32), 3)
    data |= {"evaluate.x": x[None, :4]}
    checked, lean = tinycl.run(plan, data), tinycl.run(plan, data, checked=False)
    assert checked.trace
    assert not lean.trace
    for part in ("outputs", "records"):
        a, b = getattr(checked, part), getattr(lean, part)
        assert a.keys() == b.keys()
        assert all(tinycl.bits.equal(a[k], b[k]) for k in a)


def test_costs_are_read_off_the_table():
    assert linear_plan().macs() == 2 * 3 * 4
    assert linear_plan(schedule=(Run("go", 5),)).macs() == 5 * 2 * 3 * 4

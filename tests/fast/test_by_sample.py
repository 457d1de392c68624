"""Layers sample by sample: the same bits, in memory that others share."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tinycl
from tests.fast.test_engine import differing
from tinycl import nn
from tinycl.contract import DEFAULT
from tinycl.errors import PlanError
from tinycl.fast import by_sample
from tinycl.fast.by_sample import LARGE, find_groups
from tinycl.fast.extra import NOTHING, Extra
from tinycl.fast.program import Program
from tinycl.fast.updates import Update
from tinycl.plan import Body, Op, Plan, Run, Tensor
from tinycl.plan.memory import layout, lifetimes


def forward(samples=4, used=("y",)):
    """Return a plan: convolutions of large images, with activations and small layers around."""
    b = nn.Builder()
    rng = np.random.default_rng(5)
    x = b.tensor("x", (samples, 3, 67, 61), role="input")
    layers = (
        ("conv2d", (19, 3, 3, 3), {"stride": (1, 1), "padding": (1, 1, 1, 1)}),
        ("depthwise", (19, 3, 3), {"stride": (1, 1), "padding": (1, 1, 1, 1)}),
        ("pointwise", (23, 19), {}),
        ("depthwise", (23, 3, 3), {"stride": (1, 1), "padding": (1, 1, 1, 1)}),
        ("pointwise", (17, 23), {}),
    )
    name = x
    for i, (kind, shape, attrs) in enumerate(layers):
        w = b.tensor(f"w{i}", shape, role="weight")
        bias = b.tensor(f"b{i}", shape[:1], role="weight")
        name = b.emit(f"{kind}_forward", (name, w, bias), (f"y{i}",), **attrs)
        name = b.emit("relu_forward", (name,), (f"r{i}",))
    b.emit("hard_swish_forward", (name,), ("y",))
    b.close("go")
    plan = b.plan([("go", 2)], used)
    given = [t for t in plan.tensors.values() if t.given]
    return plan, {t.name: rng.standard_normal(t.shape, np.float32) for t in given}


@pytest.mark.parametrize("cores", [1, 2, 3, 4])
@pytest.mark.parametrize("samples", [2, 4, 5, 13])
def test_the_bits_are_those_of_the_whole_batch(samples, cores):
    plan, inputs = forward(samples)
    program = Program(plan, DEFAULT, False, cores)
    assert bool(program.fused.groups["go"]) == (samples % cores == 0 or samples >= 4 * cores)
    wanted = tinycl.run(plan, inputs, target="numba", checked=True).tensors()
    got = tinycl.run(plan, inputs, target="numba", checked=False, cores=cores).tensors()
    assert differing({n: wanted[n] for n in got}, got) == []


def test_they_are_those_of_the_specification():
    plan, inputs = forward(2, ("y", "r1", "r4"))
    wanted = tinycl.run(plan, inputs, checked=False).tensors()
    got = tinycl.run(plan, inputs, target="numba", checked=False, cores=2).tensors()
    assert differing(wanted, got) == []


def training(samples):
    """Return a training of convolutions on large images, that ends on small ones."""
    layers = [
        nn.Conv2d(3, 19, 3, padding=1),
        nn.ReLU(),
        nn.Depthwise(19, 3, padding=1),
        nn.ReLU(),
        nn.Pointwise(19, 23),
        nn.ReLU6(),
        nn.Depthwise(23, 3, 2, padding=1),
        nn.ReLU(),
        nn.Pointwise(23, 17),
        nn.ReLU(),
        nn.AvgPool2d(8),
        nn.Flatten(),
        nn.Linear(17 * 4 * 3, 5),
    ]
    sgd = nn.SGD(0.05, 0.9, 1e-3)
    return nn.Training(nn.Sequential(*layers), nn.SoftmaxCrossEntropy(), sgd, (samples, 3, 67, 61))


@pytest.mark.parametrize(
    ("samples", "contract", "meet"),
    [
        (2, DEFAULT, True),
        (5, DEFAULT, True),
        (3, DEFAULT.but(mac="mul_add"), True),  # SGD on its own, after the group
        (3, DEFAULT.but(batch="per_sample"), False),
        (1, DEFAULT, False),
    ],
)
def test_a_training_goes_on_from_the_sums_of_the_sample_before(samples, contract, meet):
    made, rng = training(samples), np.random.default_rng(4)
    plan = made.plan(3)
    data = made.values(2) | {
        "x": rng.standard_normal((3, samples, 3, 67, 61), np.float32),
        "target": rng.integers(0, 5, (3, samples), np.int32),
    }
    program = Program(plan, contract, False, 1)
    assert any(g.meet for g in program.fused.groups["train"]) == meet
    assert bool(program.fused.brief()) == meet
    biases = [e for e in program.fused.extras.values() if e.bias]
    assert len(biases) == (2 if contract.batch == "chain" else 0)
    wanted = tinycl.run(plan, data, contract=contract, target="numba", checked=True).tensors()
    for cores in (1, 2):
        got = tinycl.run(
            plan, data, contract=contract, target="numba", checked=False, cores=cores
        ).tensors()
        assert differing({n: wanted[n] for n in got}, got) == []


IMAGE, TAPS, MATRIX, BIAS = (3, 5, 6, 7), (5, 3, 3), (5, 5), (5,)
SAME = {"stride": (1, 1), "padding": (1, 1, 1, 1)}
KINDS = {  # kind: shapes read, shape written, attributes
    "depthwise_forward": ((IMAGE, TAPS, BIAS), IMAGE, SAME),
    "pointwise_forward": ((IMAGE, MATRIX, BIAS), IMAGE, {}),
    "depthwise_input_grad": ((TAPS, IMAGE), IMAGE, {**SAME, "size": (6, 7)}),
    "pointwise_input_grad": ((MATRIX, IMAGE), IMAGE, {}),
    "depthwise_weight_grad": ((IMAGE, IMAGE), TAPS, {**SAME, "kernel": (3, 3)}),
    "pointwise_weight_grad": ((IMAGE, IMAGE), MATRIX, {}),
    "conv2d_bias_grad": ((IMAGE,), BIAS, {}),
    "relu_input_grad": ((IMAGE, IMAGE), IMAGE, {}),
}
RATES = {"lr": 0.01, "momentum": 0.9, "weight_decay": 1e-3}


@st.composite
def plans(draw):
    """Plans in which layers and gradients read and write each other's tensors in any way."""
    names = {IMAGE: ["x", "y"], TAPS: ["t"], MATRIX: ["w", "v"], BIAS: ["b"]}
    tensors = {n: Tensor(n, s, role="state" if n in "vwt" else "input")
               for s, found in names.items() for n in found}  # fmt: skip
    ops = []
    for k in range(draw(st.integers(2, 9))):
        kind = draw(st.sampled_from([*KINDS, "sgd"]))
        if kind == "sgd":
            w, dw = (draw(st.sampled_from(names[MATRIX])) for _ in range(2))
            ops.append(Op("sgd", (w, dw, None), (w, None), RATES))
            continue
        shapes, made, attrs = KINDS[kind]
        reads = tuple(draw(st.sampled_from(names[s])) for s in shapes)
        if kind == "conv2d_bias_grad" and ops and ops[-1].kind == "depthwise_weight_grad":
            reads = ops[-1].inputs[1:]
        if draw(st.integers(0, 4)):
            names[made].append(f"n{k}")
            tensors[f"n{k}"] = Tensor(f"n{k}", made)
            ops.append(Op(kind, reads, (f"n{k}",), attrs))
        else:
            ops.append(Op(kind, reads, (draw(st.sampled_from(names[made])),), attrs))
    outputs = draw(st.lists(st.sampled_from(sorted(tensors)), min_size=1, unique=True))
    return tensors, tuple(ops), tuple(outputs)


@given(plans(), st.sampled_from([1, 1, 2]))
@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_operations_side_by_side(monkeypatch, drawn, cores):
    monkeypatch.setattr(by_sample, "LARGE", 1)
    monkeypatch.setattr(by_sample, "SMALL", 1)
    tensors, ops, outputs = drawn
    try:
        plan = Plan(tensors, {"go": Body("go", ops)}, (Run("go", 2),), outputs)
    except PlanError:
        return  # an output that is never written, or an operation in place that cannot be
    rng = np.random.default_rng(3)
    data = {n: rng.standard_normal(t.shape, np.float32) for n, t in tensors.items() if t.given}
    wanted = tinycl.run(plan, data, target="numba", checked=True).tensors()
    got = tinycl.run(plan, data, target="numba", checked=False, cores=cores).tensors()
    assert differing({n: wanted[n] for n in got}, got) == []


def groups(ops, tensors, cores=1, fast=True, extras=None, seen=frozenset()):
    pairs = [(op, (extras or {}).get(i, NOTHING)) for i, op in enumerate(ops)]
    found = find_groups(pairs, tensors, cores, [fast] * len(ops), seen)
    return [(g.begin, g.end) for g in found]


def layer(kind, x, y, bias=None):
    return Op(f"{kind}_forward", (x, "w", bias), (y,))


SIDE = LARGE // 64
LARGE_ONES = {n: Tensor(n, (6, 64, SIDE, 1)) for n in "abcd"}
WEIGHTS = {n: Tensor(n, (64, 64)) for n in ("w", "dw")} | {"db": Tensor("db", (64,))}


def test_only_large_images_of_equally_many_samples_that_cores_share_evenly():
    tensors = LARGE_ONES | WEIGHTS
    ops = [layer("pointwise", *names) for names in ("ab", "bc", "cd")]
    assert groups(ops, tensors) == groups(ops, tensors, 3) == [(0, 3)]
    assert groups(ops, tensors, 4) == groups(ops[:1], tensors) == []
    assert groups(ops, tensors, fast=False) == []
    other = Op("relu_forward", ("b",), ("c",))
    assert groups([ops[0], other, ops[2]], tensors) == []
    assert groups([*ops, other, *ops], tensors) == [(0, 3), (4, 7)]
    small = tensors | {n: Tensor(n, (6, 63, SIDE, 1)) for n in "bcd"}
    assert groups(ops, small) == []
    between = tensors | {n: Tensor(n, (6, 16, SIDE, 1)) for n in "bc"}
    assert groups(ops, between) == [(0, 3)]
    tiny = tensors | {n: Tensor(n, (6, 15, SIDE, 1)) for n in "bc"}
    assert groups([*ops, layer("pointwise", "b", "c")], tiny) == []
    assert groups([ops[0], ops[1], ops[1], ops[2]], tiny) == []
    one = {n: Tensor(n, (1, *t.shape[1:])) for n, t in tensors.items()}
    assert groups(ops, one) == []
    weights = tensors | {"w": Tensor("w", (64, 4 * LARGE))}
    assert groups(ops, weights) == []


def test_what_samples_share_is_not_written_beside():
    tensors = LARGE_ONES | {n: Tensor(n, (1, 64, SIDE, 1)) for n in "uw"}
    tensors["a"] = tensors["b"] = Tensor("", (6, 64, 2 * SIDE, 1))
    first = layer("pointwise", "a", "b")
    assert groups([first, layer("pointwise", "b", "c")], tensors) == [(0, 2)]
    assert groups([first, layer("pointwise", "b", "w")], tensors) == []
    first = Op("pointwise_forward", ("a", "u", None), ("w",))
    assert groups([first, Op("pointwise_forward", ("a", "u", None), ("d",))], tensors) == [(0, 2)]
    assert groups([first, Op("pointwise_forward", ("a", "w", None), ("d",))], tensors) == []
    assert groups([first, Op("pointwise_forward", ("a", "u", "w"), ("d",))], tensors) == []


def test_gradients_meet_in_sums_on_one_core():
    tensors = LARGE_ONES | WEIGHTS
    back = Op("pointwise_input_grad", ("w", "b"), ("c",))
    sums = Op("pointwise_weight_grad", ("a", "b"), ("dw",))
    bias = Op("conv2d_bias_grad", ("b",), ("db",))
    forward = layer("pointwise", "a", "b")
    assert groups([bias, back, sums], tensors) == [(0, 3)]
    assert groups([bias, back, sums], tensors, 2) == []
    assert groups([forward, back], tensors) == []
    update = {2: Extra(128, update=Update("w", None, 0.1, 0.0, 0.0))}
    assert groups([bias, back, sums], tensors, extras=update) == [(0, 3)]
    early = {1: update[2]}
    assert groups([bias, sums, back], tensors, extras=early) == [(0, 2)]  # w has changed then
    reads = Op("pointwise_input_grad", ("dw", "b"), ("c",))
    assert groups([bias, sums, reads], tensors) == [(0, 2)]


def test_what_only_a_group_sees_is_kept_for_one_sample():
    tensors = LARGE_ONES | WEIGHTS
    back = [Op("pointwise_input_grad", ("w", x), (y,)) for x, y in ("ab", "bc", "cd")]
    sums = Op("pointwise_weight_grad", ("d", "c"), ("dw",))

    def brief(ops, seen=frozenset()):
        (group,) = find_groups([(op, NOTHING) for op in ops], tensors, 1, [True] * len(ops), seen)
        return group.brief

    assert brief([*back, sums]) == {"b", "c", "d"}
    assert brief([*back, sums], {"c"}) == {"b", "d"}
    after = Op("relu_forward", ("d",), ("d",))
    assert brief([*back, sums, after]) == {"b", "c"}
    assert brief([*back[:2], Op("pointwise_weight_grad", ("d", "c"), ("dw",)), back[2]]) == {
        "b",
        "c",
    }


def test_what_a_group_touches_is_alive_together():
    plan, _ = forward()
    spans = {"go": [(2, 7)]}
    lives, apart = lifetimes(plan, groups=spans), lifetimes(plan)
    touched = {n for op in plan.bodies["go"].ops[2:7] for n in (*op.reads, *op.writes)}
    inside = touched & lives.keys()
    assert len(inside) > 4
    assert all(lives[n].first <= 2 and lives[n].last >= 6 for n in inside)
    assert all(lives[n] == apart[n] for n in lives.keys() - inside)
    brief = sorted(inside)[:2]
    lives = lifetimes(plan, groups=spans, brief=set(brief))
    assert [lives[n] for n in brief] == [apart[n] for n in brief]


def test_what_is_brief_takes_the_room_of_one_sample():
    names = ("big", "one", "end")
    tensors = {n: Tensor(n, (8, 16, 4, 4)) for n in names} | {
        "w": Tensor("w", (16, 16), role="input")
    }
    tensors["x"] = Tensor("x", (8, 16, 4, 4), role="input")
    ops = tuple(
        Op("pointwise_input_grad", ("w", x), (y,))
        for x, y in zip(("x", *names), names, strict=False)
    )
    plan = Plan(tensors, {"go": Body("go", ops)}, (Run("go", 1),), ("end",))
    whole = layout(plan, False, groups={"go": [(0, 3)]})
    short = layout(plan, False, groups={"go": [(0, 3)]}, brief={"big", "one"})
    assert whole.words - short.words == 2 * 7 * 16 * 16

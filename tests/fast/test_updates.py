"""SGD inside the products of weight gradients: equal bits, and only where nothing else is seen."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinycl
from tests.fast.test_engine import differing
from tinycl.contract import DEFAULT
from tinycl.fast.program import Program
from tinycl.plan import Body, Op, Plan, Run, Tensor
from tinycl.testing.strategies import arrays

RATES = {"lr": 0.01, "momentum": 0.9, "weight_decay": 1e-3}
CONV = {"stride": (2, 1), "padding": (1, 0, 1, 1)}


def step(kind, shapes, rates=RATES, between=True, trained=False, outputs=("w", "v", "dx")):
    """Return a plan: dw from x and dy, dx from w and dy, then SGD of w."""
    names, attrs = {"x": "input", "dy": "input", "w": "weight", "v": "state"}, {}
    tensors = {n: Tensor(n, shapes[n], role=role) for n, role in names.items()}
    tensors |= {f"d{n}": Tensor(f"d{n}", shapes[n], role="gradient") for n in "wx"}
    back = dict(attrs)
    if kind == "conv2d":
        attrs, back = {**CONV, "kernel": shapes["w"][2:]}, {**CONV, "size": shapes["x"][2:]}
    ops = [Op(f"{kind}_weight_grad", ("x", "dy"), ("dw",), attrs)]
    if between:
        ops.append(Op(f"{kind}_input_grad", ("w", "dy"), ("dx",), back))
    else:
        outputs = tuple(n for n in outputs if n != "dx")
        del tensors["dx"]
    with_velocity = "v" in outputs
    inputs = ("w", "dw", "v" if with_velocity else None, *(["some"] if trained else []))
    if trained:
        tensors["some"] = Tensor("some", shapes["x"][:1], "i32", "input")
    if not with_velocity:
        del tensors["v"]
    ops.append(Op("sgd", inputs, ("w", "v" if with_velocity else None), rates))
    return Plan(tensors, {"step": Body("step", tuple(ops))}, (Run("step", 2),), outputs)


SHAPES = {
    "linear": {"x": (3, 37), "dy": (3, 70), "w": (70, 37)},
    "pointwise": {"x": (2, 67, 3, 5), "dy": (2, 13, 3, 5), "w": (13, 67)},
    "conv2d": {"x": (2, 3, 9, 8), "dy": (2, 11, 4, 8), "w": (11, 3, 3, 3)},
}
SHAPES = {kind: {**shapes, "v": shapes["w"]} for kind, shapes in SHAPES.items()}


def inputs_of(plan, seed=1):
    rng = np.random.default_rng(seed)
    return {
        n: rng.integers(0, 2, t.shape, np.int32)
        if t.dtype == "i32"
        else rng.standard_normal(t.shape, np.float32)
        for n, t in plan.tensors.items()
        if t.given
    }


def check(plan, inputs, cores, contract=DEFAULT, fused=True):
    wanted = tinycl.run(plan, inputs, contract=contract, checked=False).tensors()
    got = tinycl.run(
        plan, inputs, target="numba", contract=contract, cores=cores, checked=False
    ).tensors()
    assert differing(wanted, got) == []
    assert ("sgd" not in Program(plan, contract, False, cores).kernels) == fused


@pytest.mark.parametrize("cores", [1, 2, 3])
@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_the_weights_descend_in_the_product(kind, cores):
    plan = step(kind, SHAPES[kind])
    check(plan, inputs_of(plan), cores)
    plain = step(kind, SHAPES[kind], {**RATES, "momentum": 0.0}, outputs=("w", "dx"))
    check(plain, inputs_of(plain), cores)


@pytest.mark.parametrize("cores", [1, 3])
@given(st.data())
def test_any_shape_and_hard_values(cores, data):
    n, ci, co, h, w = (data.draw(st.integers(1, k)) for k in (3, 70, 40, 5, 40))
    shapes = {"x": (n, ci, h, w), "dy": (n, co, h, w), "w": (co, ci), "v": (co, ci)}
    rates = {k: data.draw(st.sampled_from([0.0, 0.3, -0.0, 1e-39])) for k in RATES}
    plan = step("pointwise", shapes, rates, between=data.draw(st.booleans()))
    inputs = inputs_of(plan, data.draw(st.integers(0, 99)))
    for name in ("w", "v", "dy"):
        if data.draw(st.booleans()):
            hard = data.draw(arrays((7,))).ravel()
            flat = inputs[name].reshape(-1)
            flat[: hard.size] = hard[: flat.size]
    check(plan, inputs, cores)


@pytest.mark.parametrize("blocks", ["several blocks of terms", "several blocks of panels"])
def test_large(blocks):
    size = (1, 1024) if blocks.endswith("panels") else (700, 65)
    terms, ci = size
    shapes = {"x": (terms, ci), "dy": (terms, 50), "w": (50, ci), "v": (50, ci)}
    plan = step("linear", shapes)
    for cores in (1, 2):
        check(plan, inputs_of(plan), cores)


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_what_is_seen_elsewhere_stays(kind):
    seen = step(kind, SHAPES[kind], outputs=("w", "v", "dx", "dw"))
    check(seen, inputs_of(seen), 2, fused=False)
    masked = step(kind, SHAPES[kind], trained=True)
    check(masked, inputs_of(masked), 2, fused=False)
    plan = step(kind, SHAPES[kind])
    for field in ({"mac": "mul_add"}, {"subnormals": "flush"}, {"reduction": "lanes(2,left)"}):
        check(plan, inputs_of(plan), 2, DEFAULT.but(**field), fused=False)
    body = plan.bodies["step"]
    recorded = replace(plan, bodies={"step": replace(body, records=("dw",))})
    check(recorded, inputs_of(recorded), 2, fused=False)
    twice = replace(plan, bodies={"step": replace(body, ops=(*body.ops, body.ops[-1]))})
    check(twice, inputs_of(twice), 2, fused=False)


def test_weights_that_change_before_their_gradient_is_used_are_left_alone():
    plan = step("linear", SHAPES["linear"])
    body = plan.bodies["step"]
    first = Op("sgd", ("w", "u", None), ("w", None), {**RATES, "momentum": 0.0})
    tensors = {**plan.tensors, "u": Tensor("u", plan.tensors["w"].shape, role="input")}
    moved = Body("step", (body.ops[0], first, *body.ops[1:]))
    between = Plan(tensors, {"step": moved}, plan.schedule, plan.outputs)
    check(between, inputs_of(between), 1, fused=False)

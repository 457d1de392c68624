"""Forward passes sample by sample: the same bits, in memory that others share."""

import numpy as np
import pytest

import tinycl
from tests.fast.test_engine import differing
from tinycl import nn
from tinycl.contract import DEFAULT
from tinycl.fast.by_sample import LARGE, find_groups
from tinycl.fast.program import Program
from tinycl.plan import Op, Tensor
from tinycl.plan.memory import lifetimes


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


def layer(kind, x, y):
    return Op(f"{kind}_forward", (x, "w", None), (y,))


def test_only_large_images_of_equally_many_samples_that_cores_share_evenly():
    side = LARGE // 128
    tensors = {n: Tensor(n, (6, 64, side, 1)) for n in "abcd"} | {"w": Tensor("w", (64, 64))}
    ops = [layer("pointwise", *names) for names in ("ab", "bc", "cd")]
    assert find_groups(ops, tensors, 1) == find_groups(ops, tensors, 3) == [(0, 3)]
    assert find_groups(ops, tensors, 4) == []
    assert find_groups(ops[:1], tensors, 1) == []
    other = Op("relu_forward", ("b",), ("c",))
    assert find_groups([ops[0], other, ops[2]], tensors, 1) == []
    small = tensors | {n: Tensor(n, (6, 63, side, 1)) for n in "cd"}
    assert find_groups(ops, small, 1) == []
    one = {n: Tensor(n, (1, *t.shape[1:])) for n, t in tensors.items()}
    assert find_groups(ops, one, 1) == []


def test_what_samples_share_is_not_written_beside():
    tensors = {n: Tensor(n, (6, 64, LARGE // 128, 1)) for n in "abcdw"}
    first = layer("pointwise", "a", "b")
    assert find_groups([first, layer("pointwise", "b", "c")], tensors, 1) == [(0, 2)]
    assert find_groups([first, layer("pointwise", "b", "w")], tensors, 1) == []
    assert find_groups([first, Op("pointwise_forward", ("c", "b", None), ("d",))], tensors, 1) == []
    assert find_groups([first, Op("pointwise_forward", ("c", "w", "b"), ("d",))], tensors, 1) == []


def test_what_a_group_touches_is_alive_together():
    plan, _ = forward()
    groups = {"go": [(2, 7)]}
    lives, apart = lifetimes(plan, groups=groups), lifetimes(plan)
    touched = {n for op in plan.bodies["go"].ops[2:7] for n in (*op.reads, *op.writes)}
    inside = touched & lives.keys()
    assert len(inside) > 4
    assert all(lives[n].first <= 2 and lives[n].last >= 6 for n in inside)
    assert all(lives[n] == apart[n] for n in lives.keys() - inside)

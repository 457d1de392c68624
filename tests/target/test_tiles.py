"""Operations on tiles of local memory: the same bits, whatever the size of the memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.cases import CASES, settled
from tinycl.bits import equal
from tinycl.contract import DEFAULT
from tinycl.errors import TargetError
from tinycl.golden.catalogue.case import one_operation
from tinycl.ops import TABLE
from tinycl.target.gvsoc import GvsocTarget
from tinycl.target.host import HostTarget
from tinycl.target.numpy_target import NumpyTarget
from tinycl.target.qemu import QemuTarget
from tinycl.testing.strategies import conv2d_layers, depthwise_layers, pool_layers

from conftest import need  # isort: skip
from runs import Work, same  # isort: skip

GRADIENTS = ("conv2d", "depthwise", "pointwise", "linear", "avg_pool", "max_pool")
CUT = [
    *("conv2d_bias_grad", "linear_bias_grad", "sgd", "accumulate", "add", "sub", "mul"),
    *(f"{k}_{d}" for k in GRADIENTS[:4] for d in ("forward", "weight_grad", "input_grad")),
    *(f"channel_scale_{d}" for d in ("forward", "input_grad", "gate_grad")),
    *(f"{k}_{d}" for k in GRADIENTS[4:] for d in ("forward", "input_grad")),
    *(
        f"{k}_{d}"
        for k in ("relu", "relu6", "hard_swish", "sigmoid")
        for d in ("forward", "input_grad")
    ),
]
BYTES = st.one_of(st.integers(16, 400), st.integers(400, 4000), st.sampled_from((0, 1, 3, 15, -1)))


@pytest.fixture(scope="module")
def tiles() -> Iterator[HostTarget]:
    target = HostTarget(count=True)
    need(target)
    yield target
    target.close()


@pytest.fixture(scope="module")
def qemu_tiles() -> Iterator[QemuTarget]:
    target = QemuTarget()
    need(target)
    yield target
    target.close()


@pytest.fixture(scope="module")
def gvsoc_tiles() -> Iterator[GvsocTarget]:
    target = GvsocTarget(count=True)
    need(target)
    yield target
    target.close()


def layer(draw: Any, name: str) -> tuple[dict[str, tuple[int, ...]], dict[str, Any]]:
    """Draw shapes of a layer and attributes of one direction: odd at the ends."""
    kind, direction = next((k, name.removeprefix(f"{k}_")) for k in GRADIENTS if name.startswith(k))
    layers = {"depthwise": depthwise_layers, "conv2d": conv2d_layers}.get(kind, pool_layers)
    s = draw(layers(3, 7, 12))
    window = {"stride": s.stride, "padding": s.padding}
    if kind == "linear":
        fi, fo = draw(st.integers(1, 90)), draw(st.integers(1, 40))
        return {"x": (s.n, fi), "w": (fo, fi), "bias": (fo,), "dy": (s.n, fo)}, {}
    co = draw(st.integers(1, 9)) if kind == "pointwise" else s.co
    shapes = {"x": (s.n, s.ci, *s.size), "bias": (co,), "w": (co, s.ci)}
    if kind == "pointwise":
        return shapes | {"dy": (s.n, co, *s.size)}, {}
    shapes["w"] = (s.ci, *s.kernel) if kind == "depthwise" else (co, s.ci, *s.kernel)
    shapes["dy"] = (s.n, co, *s.out)
    pool = {"kernel": s.kernel} if "pool" in kind else {}
    more = {"weight_grad": {"kernel": s.kernel}, "input_grad": {"size": s.size}}
    return shapes, pool | more.get(direction, {}) | window


def work_of(draw: Any, name: str) -> Work:
    """Draw a plan of one operation."""
    if name.startswith("channel_scale"):
        shape = tuple(draw(st.integers(1, most)) for most in (3, 9, 9, 9))
        scales = {"s": (*shape[:2], 1, 1)}
        return one(name, {a.name: scales.get(a.name, shape) for a in TABLE[name].inputs})
    if not any(name.startswith(k) for k in GRADIENTS) or name.endswith("bias_grad"):
        return elementwise(draw, name)
    shapes, attrs = layer(draw, name)
    random = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    inputs: dict[str, Any] = {}
    for arg in TABLE[name].inputs:
        if arg.name == "bias" and draw(st.booleans()):
            continue
        shape = shapes["dy"] if arg.name == "index" else shapes[arg.name]
        inputs[arg.name] = random.standard_normal(shape, dtype=np.float32)
        if arg.name == "index":
            places = int(np.prod(shapes["x"][2:]))
            inputs["index"] = random.integers(0, places, shape, dtype=np.int32)
    return one_operation(name, inputs, settled(name, attrs))


def elementwise(draw: Any, name: str) -> Work:
    """Draw a plan of an operation that works element by element, or of a bias gradient."""
    random = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    tensors, attrs = draw(CASES[name])
    shape = (draw(st.integers(1, 5)), draw(st.integers(1, 9)), *tensors[0].shape[2:])
    shape = shape if tensors[0].ndim > 1 else (draw(st.integers(1, 300)),)
    names = [arg.name for arg in TABLE[name].inputs]
    inputs = {
        n: t
        if n == "trained"
        else None
        if t is None
        else random.standard_normal(shape, dtype=np.float32)
        for n, t in zip(names, tensors, strict=False)
    }
    return one_operation(name, inputs, settled(name, attrs))


def assert_equal(target: Any, work: Work, local: int, cores: int, checked: bool) -> None:
    target.local = local
    contract = target.spoken(DEFAULT)
    options: dict[str, Any] = {"contract": contract, "checked": checked}
    result = target.run(*work, cores=cores, timeout=60, **options)
    wanted = NumpyTarget().run(*work, **options).tensors()
    got = result.tensors()
    assert got.keys() == wanted.keys()
    assert [k for k in got if not equal(got[k], wanted[k])] == []
    for cost in result.costs:
        assert cost.tiles >= 0
        assert cost.tiles == 0 or local not in (0, 1, 3, 15)


@pytest.mark.parametrize("name", CUT)
@given(st.data())
def test_host(tiles: HostTarget, name: str, data: st.DataObject) -> None:
    cores = data.draw(st.sampled_from((1, 2, 3, 8, 16)))
    work = work_of(data.draw, name)
    assert_equal(tiles, work, data.draw(BYTES), cores, data.draw(st.booleans()))


@pytest.mark.parametrize("name", CUT)
@settings(max_examples=5)
@given(st.data())
def test_qemu(qemu_tiles: QemuTarget, name: str, data: st.DataObject) -> None:
    cores = data.draw(st.sampled_from((1, 2, 4, 8)))
    assert_equal(qemu_tiles, work_of(data.draw, name), data.draw(BYTES), cores, True)


@pytest.mark.gvsoc
@pytest.mark.parametrize("name", CUT)
@settings(max_examples=6)
@given(st.data())
def test_gvsoc(gvsoc_tiles: GvsocTarget, name: str, data: st.DataObject) -> None:
    cores = data.draw(st.sampled_from((1, 2, 4, 8)))
    work = work_of(data.draw, name)
    assert_equal(gvsoc_tiles, work, data.draw(BYTES), cores, data.draw(st.booleans()))


def one(name: str, shapes: dict[str, tuple[int, ...]], **attrs: Any) -> Work:
    random = np.random.default_rng(3)
    inputs = {n: random.standard_normal(s, dtype=np.float32) for n, s in shapes.items()}
    return one_operation(name, inputs, settled(name, attrs))


# Operations with fewer outputs than the tiles that they must be cut into: their sums are cut.
SUMS = {
    "linear_forward": one("linear_forward", {"x": (1, 900), "w": (1, 900), "bias": (1,)}),
    "linear_weight_grad": one("linear_weight_grad", {"x": (300, 1), "dy": (300, 1)}),
    "linear_input_grad": one("linear_input_grad", {"w": (300, 1), "dy": (1, 300)}),
    "linear_bias_grad": one("linear_bias_grad", {"dy": (700, 1)}),
    "pointwise_forward": one("pointwise_forward", {"x": (1, 300, 1, 1), "w": (1, 300)}),
    "pointwise_weight_grad": one(
        "pointwise_weight_grad", {"x": (3, 1, 50, 7), "dy": (3, 1, 50, 7)}
    ),
    "pointwise_input_grad": one("pointwise_input_grad", {"w": (300, 1), "dy": (1, 300, 1, 1)}),
    "conv2d_forward": one(
        "conv2d_forward",
        {"x": (1, 80, 3, 3), "w": (1, 80, 3, 3), "bias": (1,)},
        stride=(1, 1),
        padding=(0, 0, 0, 0),
    ),
    "conv2d_weight_grad": one(
        "conv2d_weight_grad",
        {"x": (2, 1, 90, 5), "dy": (2, 1, 46, 5)},
        kernel=(1, 1),
        stride=(2, 1),
        padding=(1, 0, 0, 0),
    ),
    "conv2d_input_grad": one(
        "conv2d_input_grad",
        {"w": (90, 1, 2, 2), "dy": (1, 90, 1, 1)},
        size=(1, 1),
        stride=(3, 3),
        padding=(1, 0, 0, 1),
    ),
    "conv2d_bias_grad": one("conv2d_bias_grad", {"dy": (3, 1, 50, 5)}),
    "depthwise_weight_grad": one(
        "depthwise_weight_grad",
        {"x": (2, 1, 70, 5), "dy": (2, 1, 35, 5)},
        kernel=(2, 1),
        stride=(2, 1),
        padding=(0, 0, 0, 0),
    ),
}


@pytest.mark.parametrize("name", SUMS)
@pytest.mark.parametrize("cores", [1, 3])
def test_a_sum_that_does_not_fit_is_cut_in_order(tiles: HostTarget, name: str, cores: int) -> None:
    work = SUMS[name]
    outputs = max(work[0].tensors[n].size for n in work[0].outputs)
    for local in (500, 1000, 1500):
        assert_equal(tiles, work, local, cores, True)
    tiles.local = 1000
    (cost,) = tiles.run(*work, contract=tiles.spoken(DEFAULT)).costs
    assert cost.tiles > outputs


def test_tiles_get_fewer_as_memory_grows(tiles: HostTarget) -> None:
    work = one(
        "conv2d_forward",
        {"x": (2, 9, 17, 13), "w": (11, 9, 3, 3), "bias": (11,)},
        stride=(1, 1),
        padding=(1, 1, 1, 1),
    )
    counts = []
    for local in (2000, 4000, 16000, 64000, -1):
        assert_equal(tiles, work, local, 3, False)
        tiles.local = local
        counts.append(tiles.run(*work).costs[0].tiles)
    assert sorted(counts, reverse=True) == counts
    assert counts[0] > 20
    assert counts[-1] == 1


def test_what_does_not_fit_at_all_works_in_place(tiles: HostTarget) -> None:
    work = one(
        "depthwise_forward",
        {"x": (1, 1, 5, 900), "w": (1, 3, 3), "bias": (1,)},
        stride=(1, 1),
        padding=(1, 1, 1, 1),
    )
    assert_equal(tiles, work, 2000, 2, True)
    tiles.local = 2000
    assert tiles.run(*work).costs[0].tiles == 0


def test_a_whole_training_step(tiles: HostTarget, training: Work) -> None:
    for local in (64, 300, 1000, -1):
        tiles.local = local
        same(tiles, training, cores=3)


@pytest.mark.parametrize("local", [-2, 1 << 32, True, "64k", 1.5, None])
def test_an_odd_amount_of_memory_is_refused(local: Any) -> None:
    with pytest.raises(TargetError, match="0 for none or -1 for all of it"):
        HostTarget(local=local)

"""Sparse training on the C targets: lists as top-k writes them, used by every gradient."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinycl.contract import DEFAULT
from tinycl.target.build import Recipe
from tinycl.target.c_target import CTarget
from tinycl.target.host import HostTarget

from chains import ORDERS, Chain, different, gradients, tinyprop  # isort: skip
from conftest import need  # isort: skip
from runs import Work  # isort: skip


@pytest.mark.parametrize("order", ORDERS)
@settings(max_examples=200)
@given(work=gradients(), cores=st.sampled_from((1, 2, 3, 8, 16)), checked=st.booleans())
def test_host(host: HostTarget, order: str, work: Work, cores: int, checked: bool) -> None:
    assert different(host, work, order, cores=cores, checked=checked) == []


@pytest.mark.parametrize("order", ORDERS)
@settings(max_examples=20)
@given(work=gradients(), cores=st.sampled_from((1, 2, 4, 8)))
def test_qemu(qemu: CTarget, order: str, work: Work, cores: int) -> None:
    assert different(qemu, work, order, cores=cores) == []


@pytest.mark.parametrize("order", ORDERS)
@settings(max_examples=100)
@given(work=tinyprop(), cores=st.sampled_from((1, 3, 8)), checked=st.booleans())
def test_tinyprop_on_the_host(
    host: HostTarget, order: str, work: Work, cores: int, checked: bool
) -> None:
    assert different(host, work, order, cores=cores, checked=checked) == []


@settings(max_examples=20)
@given(work=tinyprop(), cores=st.sampled_from((1, 4, 8)), order=st.sampled_from(ORDERS))
def test_tinyprop_on_qemu(qemu: CTarget, work: Work, cores: int, order: str) -> None:
    assert different(qemu, work, order, cores=cores) == []


@pytest.mark.parametrize(
    ("half_even", "counts"), [(0, [1, 1, 2, 3, 4]), (1, [1, 2, 2, 4, 4])], ids=["cut", "half even"]
)
def test_halves(host: HostTarget, half_even: int, counts: list[int]) -> None:
    """Half of 1, 3, 5, 7 and 9 entries."""
    chain = Chain({"y": np.ones((1, 1), np.float32), "peak": np.ones((1, 1), np.float32)})
    ratio = {"s_min": 0.5, "s_max": 0.5, "zeta": 1.0, "half_even": half_even}
    for entries in (1, 3, 5, 7, 9):
        chain.add("tinyprop_count", "y peak", f"k{entries} ratio", entries=entries, **ratio)
    outputs = host.run(*chain.work()).outputs
    assert [outputs[f"k{n}"].item() for n in (1, 3, 5, 7, 9)] == counts
    assert different(host, chain.work(), "ascending") == []


def test_gates_are_open_between_their_bounds(host: HostTarget) -> None:
    """Closed at both zeros, at 6 and at NaN; below Inf, 6 and what is above it are let through."""
    x = [-1.0, -0.0, 0.0, 1e-45, 1.0, np.nextafter(np.float32(6), 0), 6.0, 7.0, np.inf, np.nan]
    chain = Chain({"x": np.array([x], np.float32)})
    chain.add("gate_bits", "x", "relu6", below=6.0)
    chain.add("gate_bits", "x", "relu", below=np.inf)
    outputs = host.run(*chain.work()).outputs
    assert [outputs["relu6"].tolist(), outputs["relu"].tolist()] == [[0b0000111000], [0b0111111000]]
    assert different(host, chain.work(), "ascending") == []


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("k", [1, 7, 100, 1000, 1009])
def test_long_rows(host: HostTarget, qemu: CTarget, order: str, k: int) -> None:
    """More entries than hypothesis draws, with many ties, over all levels of a heap."""
    random = np.random.default_rng(k)
    ties = random.integers(-9, 10, (5, 1009)).astype(np.float32)
    hard = random.integers(0, 1 << 32, (5, 1009), np.uint32).view(np.float32)
    for a in (ties, hard, random.standard_normal((5, 1009), np.float32)):
        chain = Chain({"a": a[None]})
        chain.add("top_k", "a -", "count index", k=k)
        for target, cores in ((host, 1), (host, 3), (qemu, 8)):
            assert different(target, chain.work(), order, cores=cores) == []


@pytest.mark.parametrize(
    ("order", "index", "dx"), [("ascending", [0, 1, 2], 1.0), ("heap", [2, 1, 0], 0.0)]
)
def test_sums_follow_the_list(host: HostTarget, order: str, index: list[int], dx: float) -> None:
    """2e8 - 2e8 + 1 is 1, and 1 - 2e8 + 2e8 is 0."""
    inputs = {"w": [[[1e8], [-5e7], [1.0], [0.0]]], "dy": [[[2.0, 4.0, 1.0, 0.5]]]}
    chain = Chain({name: np.array(value, np.float32) for name, value in inputs.items()})
    chain.add("top_k", "dy -", "count index", k=3)
    chain.add("linear_sparse_input_grad", "w dy count index", "dx effort")
    outputs = host.run(*chain.work(), contract=DEFAULT.but(selection_order=order)).outputs
    assert outputs["index"].tolist() == [index]
    assert outputs["dx"].tolist() == [[dx]]
    assert outputs["effort"].tolist() == [3]


BUILDS = {
    "gcc-sanitized": ("gcc", "-O1", ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")),
    "clang-sanitized": ("clang", "-O1", ("-fsanitize=undefined", "-fsanitize-trap=undefined")),
    "gcc-O0": ("gcc", "-O0", ()),
    "clang-O3": ("clang", "-O3", ()),
}


@pytest.fixture(scope="module", params=list(BUILDS))
def built(request: pytest.FixtureRequest) -> Iterator[HostTarget]:
    compiler, level, flags = BUILDS[request.param]
    target = HostTarget(Recipe("host", compiler, level, not flags, flags))
    need(target)
    yield target
    target.close()


@settings(max_examples=40)
@given(work=gradients() | tinyprop(), cores=st.sampled_from((1, 3)), order=st.sampled_from(ORDERS))
def test_other_builds_give_the_same(built: HostTarget, work: Work, cores: int, order: str) -> None:
    assert different(built, work, order, cores=cores) == []


ODD = np.array([-(2**31), -2, -1, 0, 1, 4, 5, 44, 45, 46, 2**31 - 1], np.int32)


@pytest.mark.parametrize("order", ORDERS)
def test_lists_that_lie_touch_no_other_memory(built: HostTarget, order: str) -> None:
    """Counts and indices from anywhere; what comes out does not matter."""
    random = np.random.default_rng(4)
    contract = DEFAULT.but(selection_order=order)
    ones = {"x": (2, 5, 4, 4), "w": (5, 5, 2, 2), "dy": (2, 5, 3, 3), "d": (5, 2, 2), "p": (5, 5)}
    ones |= {"px": (2, 5, 3, 3), "lx": (2, 7), "lw": (5, 7), "ldy": (2, 5)}
    for channels in (0, 1, 0, 1):
        inputs = {name: np.ones((1, *shape), np.float32) for name, shape in ones.items()}
        for name, shape in {"count": (1, 2), "index": (1, 2, 5), "few": (1, 1)}.items():
            inputs[name] = random.choice(ODD, shape)
        chain, of = Chain(inputs), "dy count index"
        window = {"stride": (1, 1), "padding": (0, 0, 0, 0), "channels": channels}
        kernel, size = {"kernel": (2, 2), **window}, {"size": (4, 4), **window}
        chain.add("conv2d_sparse_weight_grad", f"x {of}", "dw1 e1", **kernel)
        chain.add("conv2d_sparse_input_grad", f"w {of}", "dx1 f1", **size)
        chain.add("depthwise_sparse_weight_grad", f"x {of}", "dw2 e2", **kernel)
        chain.add("depthwise_sparse_input_grad", f"d {of}", "dx2 f2", **size)
        chain.add("pointwise_sparse_weight_grad", f"px {of}", "dw3 e3", channels=channels)
        chain.add("pointwise_sparse_input_grad", f"p {of}", "dx3 f3", channels=channels)
        chain.add("linear_sparse_weight_grad", "lx ldy count index", "dw4 e4")
        chain.add("linear_sparse_input_grad", "lw ldy count index", "dx4 f4")
        chain.add("sparse_bias_grad", of, "db", channels=channels)
        chain.add("top_k", "dy count", "k1 i1", k=7)
        chain.add("entry_magnitudes", "dy", "a")
        chain.add("top_k", "a few", "k2 i2", k=4)  # beyond the axis, and -1 behind the count
        chain.add("gather", "x i2", "y", axis=1)
        chain.add("scatter", "dx1 y i2", "dx1", axis=1)
        for cores in (1, 3):
            built.run(*chain.work(), contract=contract, cores=cores, timeout=60)

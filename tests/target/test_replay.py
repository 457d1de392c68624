"""A replay memory and a head that a plan keeps by itself, on every target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinycl.contract import DEFAULT
from tinycl.target.c_target import CTarget
from tinycl.target.host import HostTarget
from tinycl.target.numba_target import NumbaTarget
from tinycl.testing.strategies import arrays

from chains import Chain  # isort: skip
from runs import Work, same  # isort: skip

RULES = ("random_places", "reservoir_places", "balanced_places")
SLOTS, CLASSES, NEW = 9, 4, 5
IMAGE = (3, 1, 3)


@st.composite
def replays(draw: st.DrawFn) -> Work:
    """Three learning steps: latents are packed, kept by a rule, drawn and unpacked again."""
    steps, bits = 3, draw(st.integers(4, 8))
    width = -(-9 * bits // 8)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    streamed = {
        "x": draw(arrays((steps, NEW, *IMAGE))),
        "labels": random.integers(0, CLASSES, (steps, NEW), np.int32),
        "raw": random.integers(0, 256, (steps, 2, 7), np.uint8),
    }
    states = {
        "a_max": np.zeros(1, np.float32),
        "turn": np.array([draw(st.sampled_from((0, 5, -2)))], np.int32),
        "step": np.zeros(1, np.int32),
        "memory": random.integers(0, 256, (SLOTS, width), np.uint8),
        "kept": random.integers(0, CLASSES, SLOTS, np.int32),
        "plain": np.zeros((7, 7), np.uint8),
        "saved": draw(arrays((CLASSES, 3))),
        "past": random.integers(0, 3, CLASSES, np.int32),
    }
    chain = Chain(streamed | states, tuple(states))
    chain.add("largest", "x a_max", "a_max")
    chain.add("latent_scale", "a_max", "scale", bits=bits)
    chain.add("quantise_latents", "x scale", "packed", bits=bits)
    at = {"seed": draw(st.integers(0, 99)), "stream": 7}
    rule, filled = draw(st.sampled_from(RULES)), draw(st.integers(0, SLOTS))
    if rule == "random_places":
        chain.add(rule, "turn", "places", **at, slots=SLOTS, filled=filled, stored=3, count=NEW)
    elif rule == "reservoir_places":
        chain.add(rule, "turn", "places", **at, slots=SLOTS, seen=2 * filled, count=NEW)
    else:
        of = "kept labels turn", "places kept counted"
        chain.add(rule, *of, **at, filled=filled, classes=CLASSES)
    chain.add("put_bytes", "memory packed places", "memory")
    chain.add("put_labels", "kept labels places", "kept")
    chain.add("random_permutation", "turn", "order", seed=1, stream=0, count=SLOTS)
    chain.add("take_turn", "order turn", "index", count=4)
    chain.add("gather_bytes", "memory index", "drawn")
    chain.add("gather_labels", "kept index", "drawn_labels")
    chain.add("dequantise_latents", "drawn scale", "replayed", bits=bits, image=IMAGE)
    chain.add("concat_rows", "x replayed", "batch")
    chain.add("concat_labels", "labels drawn_labels", "batch_labels")
    chain.add("turn_places", "step", "slice", count=2)
    chain.add("put_bytes", "plain raw slice", "plain")
    chain.add("class_counts", "batch_labels", "counts", classes=CLASSES)
    chain.add("load_head", "saved counts", "head")
    chain.add("consolidate_head", "saved past head counts", "saved past")
    chain.add("next_turn", "turn", "turn")
    chain.add("next_turn", "step", "step")
    plan, inputs = chain.work()
    body = replace(plan.bodies["all"], records=("packed", "drawn", "plain", "places"))
    return replace(plan, bodies={"all": body}), inputs


@settings(max_examples=60)
@given(work=replays(), cores=st.sampled_from((1, 3, 8)), checked=st.booleans())
def test_host(host: HostTarget, work: Work, cores: int, checked: bool) -> None:
    same(host, work, cores=cores, checked=checked)


@settings(max_examples=12)
@given(work=replays(), cores=st.sampled_from((1, 4, 8)), checked=st.booleans())
def test_qemu(qemu: CTarget, work: Work, cores: int, checked: bool) -> None:
    same(qemu, work, cores=cores, checked=checked)


@pytest.mark.gvsoc
@settings(max_examples=4)
@given(work=replays())
def test_gvsoc(gvsoc: CTarget, work: Work) -> None:
    same(gvsoc, work, cores=8)


@settings(max_examples=30)
@given(
    work=replays(),
    cores=st.sampled_from((1, 3)),
    checked=st.booleans(),
    subnormals=st.sampled_from(("keep", "flush")),
)
def test_numba(work: Work, cores: int, checked: bool, subnormals: str) -> None:
    contract = DEFAULT.but(subnormals=subnormals)
    same(NumbaTarget(), work, cores=cores, checked=checked, contract=contract)

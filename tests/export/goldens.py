"""Goldens of any tensors: ranks 0 to 4, all dtypes, every bit pattern, odd names."""

import math

import numpy as np
from hypothesis import strategies as st

from tinycl import contract
from tinycl.bits import DTYPES
from tinycl.golden.schema import Golden, seal
from tinycl.plan import Body, Op, Plan, Run, Tensor, check_inputs
from tinycl.target.registry import run
from tinycl.testing.strategies import arrays

ODD = "aAbB_0 9*?=é[]{}\"\\'%.-☃#:,@"
shapes = st.lists(st.integers(1, 4), max_size=4).map(tuple)
names = st.text(ODD, min_size=1, max_size=6).filter(lambda n: n not in (".", ".."))


@st.composite
def values(draw, shape, dtype):
    """A tensor of any dtype."""
    if dtype == "f32":
        return draw(arrays(shape, hard=True))
    size = math.prod(shape)
    if dtype != "i32":
        taken = draw(st.binary(min_size=size, max_size=size))
        return np.frombuffer(taken, DTYPES[dtype]).reshape(shape)
    number = st.one_of(st.integers(-9, 9), st.sampled_from((-(1 << 31), (1 << 31) - 1)))
    number = st.one_of(number, st.integers(-(1 << 31), (1 << 31) - 1))
    return np.array(draw(st.lists(number, min_size=size, max_size=size)), np.int32).reshape(shape)


@st.composite
def goldens(draw):
    """Two steps of a body with a ReLU; up to three more tensors, one of them streamed."""
    plain = draw(st.lists(names, min_size=2, max_size=5, unique=True))
    x, y, *others = plain
    shape = draw(shapes)
    tensors = {x: Tensor(x, shape, "f32", "input"), y: Tensor(y, shape)}
    inputs = {x: draw(values(shape, "f32"))}
    for name in others:
        tensors[name] = Tensor(name, draw(shapes), draw(st.sampled_from(sorted(DTYPES))), "input")
        slices = (2,) if name == others[0] else ()
        inputs[name] = draw(values((*slices, *tensors[name].shape), tensors[name].dtype))
    body = Body(draw(names), (Op("relu_forward", (x,), (y,)),), tuple(others[:1]), (y,))
    plan = Plan(tensors, {body.name: body}, (Run(body.name, 2),), (y, *others[1:]))
    inputs = check_inputs(plan, inputs)
    result = run(plan, inputs, target="numpy").tensors()
    title = draw(st.sampled_from(("case/plain", "9*/odd?", "☃")))
    return seal(title, plan, inputs, result, contract.DEFAULT, 1)


def same(golden: Golden, found) -> bool:
    """Tell whether tensors have all names, dtypes, shapes and bits of a golden."""
    from tinycl.bits import equal

    everything = golden.everything
    return set(found) == set(everything) and all(equal(v, found[n]) for n, v in everything.items())

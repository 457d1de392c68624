"""Strategies of the operations on bytes: any bytes, multipliers, shifts and zeros."""

import numpy as np
from hypothesis import strategies as st

from tests.ops.cases import SHAPES, case
from tinycl.testing.strategies import arrays, conv2d_layers, depthwise_layers, pool_layers

ZEROS = st.one_of(st.sampled_from((0, 255, 128)), st.integers(0, 255))
MULTIPLIERS = st.one_of(
    st.sampled_from((1 << 30, (1 << 31) - 1)), st.integers(1 << 30, (1 << 31) - 1)
)
# Shifts at which sums of bytes times weights become bytes, and those at the ends of the range.
SHIFTS = st.one_of(st.integers(30, 46), st.integers(1, 62), st.sampled_from((1, 62)))
# Sums reach and pass the ends of int32 only through the bias.
BIASES = st.one_of(
    st.integers(-70000, 70000),
    st.integers(-(1 << 31), (1 << 31) - 1),
    st.sampled_from((-(1 << 31), (1 << 31) - 1)),
)


def i32s(draw, strategy, count):
    return np.array([draw(strategy) for _ in range(count)], np.int32)


def some_bytes(draw, shape, dtype=np.uint8):
    """Draw a tensor of bytes; often they are as far from 0 as they can be."""
    count = int(np.prod(shape))
    values = st.one_of(st.integers(0, 255), st.sampled_from((0, 127, 128, 255)))
    drawn = draw(st.lists(values, min_size=count, max_size=count))
    return np.array(drawn, np.uint8).view(dtype).reshape(shape)


def scales(draw, channels):
    """Draw bias, multiplier, shift and zeros."""
    counts = ((BIASES, channels), (MULTIPLIERS, channels), (SHIFTS, channels), (ZEROS, 2))
    return tuple(i32s(draw, strategy, count) for strategy, count in counts)


@case("quantise")
def quantise(draw, name):
    x, scale = draw(arrays(draw(SHAPES))), draw(arrays((1,)))
    if draw(st.booleans()):  # quotients near the 256 values, halves among them
        halves = st.integers(-20, 530).map(lambda i: i / 2 - 40)
        x = np.array(draw(st.lists(halves, min_size=x.size, max_size=x.size)), np.float32)
        scale, x = np.float32([draw(st.sampled_from((1, 0.5, 3)))]), x.reshape(-1)
        x = (x * scale) if x.size else np.ones(1, np.float32)
    return (x, scale, i32s(draw, ZEROS, 1)), {}


@case("dequantise")
def dequantise(draw, name):
    return (some_bytes(draw, draw(SHAPES)), draw(arrays((1,))), i32s(draw, ZEROS, 1)), {}


@case("int8_conv2d", "int8_depthwise")
def convolution(draw, name):
    depthwise = name == "int8_depthwise"
    s = draw(depthwise_layers(2, 3, 4) if depthwise else conv2d_layers(2, 3, 4))
    x = some_bytes(draw, (s.n, s.ci, *s.size))
    shape = (s.ci, *s.kernel) if depthwise else (s.co, s.ci, *s.kernel)
    w = some_bytes(draw, shape, np.int8)
    return (x, w, *scales(draw, len(w))), {"stride": s.stride, "padding": s.padding}


@case("int8_pointwise")
def pointwise(draw, name):
    n, ci, co, h, w = (draw(st.integers(1, most)) for most in (2, 9, 4, 3, 3))
    x, weight = some_bytes(draw, (n, ci, h, w)), some_bytes(draw, (co, ci), np.int8)
    return (x, weight, *scales(draw, co)), {}


@case("int8_add")
def add(draw, name):
    shape = draw(SHAPES)
    a, b = some_bytes(draw, shape), some_bytes(draw, shape)
    multiplier = i32s(draw, st.one_of(st.integers(0, (1 << 31) - 1), MULTIPLIERS), 2)
    shift = st.one_of(st.integers(28, 40), st.integers(1, 62))
    return (a, b, multiplier, i32s(draw, shift, 1), i32s(draw, ZEROS, 3)), {}


@case("int8_max_pool")
def max_pool(draw, name):
    s = draw(pool_layers())
    attrs = {"kernel": s.kernel, "stride": s.stride, "padding": s.padding}
    return (some_bytes(draw, (s.n, s.ci, *s.size)),), attrs

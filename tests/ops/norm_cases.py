"""Cases of normalisation and channel scales; entered into the table of `tests.ops.cases`."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.ops.cases import SHAPES, TURN, case, number, optional
from tinycl.testing.strategies import arrays

IMAGES = st.one_of(
    st.tuples(*[st.integers(1, 4)] * 2),
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)),
)


def channels(draw, shape, count):
    """Draw vectors of one number a channel."""
    return [draw(arrays(shape[1:2])) for _ in range(count)]


@case("channel_moments")
def moments(draw, name):
    return (draw(arrays(draw(IMAGES))),), {}


@case("deviation")
def deviation(draw, name):
    return (draw(arrays(draw(SHAPES))),), {"eps": number(draw, 1e-5, 1e-3, 0.0)}


@case("moving_average")
def moving_average(draw, name):
    shape = draw(SHAPES)
    attrs = {"rate": number(draw, 0.1, 5e-5, 1.0), "scale": number(draw, 1.0, 1.25)}
    return (draw(arrays(shape)), draw(arrays(shape))), attrs


@case("renorm_corrections")
def corrections(draw, name):
    shape = draw(SHAPES)
    rmax, dmax = max(1.0, number(draw, 1.0, 1.25, 3.0)), number(draw, 0.0, 0.5, 5.0)
    return tuple(draw(arrays(shape)) for _ in range(4)), {"rmax": rmax, "dmax": dmax}


@case("normalise_forward")
def forward(draw, name):
    shape = draw(IMAGES)
    rd = [optional(draw, arrays(shape[1:2])) for _ in "rd"]
    return (draw(arrays(shape)), *channels(draw, shape, 4), *rd), {}


@case("normalise_weight_grad")
def weight_grad(draw, name):
    shape = draw(IMAGES)
    rd = [optional(draw, arrays(shape[1:2])) for _ in "rd"]
    return (draw(arrays(shape)), *channels(draw, shape, 2), draw(arrays(shape)), *rd), {}


@case("normalise_input_grad", "batch_norm_input_grad")
def input_grad(draw, name):
    shape = draw(IMAGES)
    dy, r = draw(arrays(shape)), optional(draw, arrays(shape[1:2]))
    if name == "normalise_input_grad":
        return (*channels(draw, shape, 2), dy, r), {}
    return (draw(arrays(shape)), *channels(draw, shape, 3), dy, r), {}


@case("fold_norm")
def fold(draw, name):
    shape = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple))
    rows = [draw(arrays(shape[:1])) for _ in range(4)]
    return (draw(arrays(shape)), optional(draw, arrays(shape[:1])), *rows), {}


@case("dropout_forward")
def dropout(draw, name):
    attrs = {k: draw(st.integers(0, 2**31 - 1)) for k in ("seed", "stream")}
    rates = st.sampled_from((0.0, 0.25, 0.1, 0.5, 1 - 2.0**-24, 2.0**-149))
    tensors = draw(arrays(draw(SHAPES))), optional(draw, TURN)
    return tensors, {**attrs, "rate": draw(rates)}


@case("channel_scale_forward", "channel_scale_input_grad", "channel_scale_gate_grad")
def channel_scale(draw, name):
    shape = tuple(draw(st.integers(1, 3)) for _ in range(4))
    image, other = draw(arrays(shape)), draw(arrays(shape))
    s = np.ascontiguousarray(other[:, :, :1, :1])
    if name == "channel_scale_gate_grad":
        return (image, other), {}
    return ((image, s) if name.endswith("forward") else (s, image)), {}

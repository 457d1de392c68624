"""For each operation, a strategy of its tensors and attributes: tiny odd shapes, hard values."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tinycl.ops import TABLE
from tinycl.testing.strategies import arrays, conv2d_layers, depthwise_layers, pool_layers

Case = tuple[tuple[Any, ...], dict[str, Any]]
SHAPES = st.lists(st.integers(1, 4), min_size=0, max_size=4).map(tuple)
CASES: dict[str, st.SearchStrategy[Case]] = {}
TURN = st.sampled_from((0, 1, 7, 2**31 - 1, -1)).map(lambda t: np.array([t], np.int32))


def case(*names):
    """Enter a function of (draw, operation) under the names of the operations that it serves."""

    def enter(function):
        for name in names:
            CASES[name] = st.composite(function)(name)
        return function

    return enter


def optional(draw, strategy):
    """Leave a tensor out, half of the time."""
    return draw(strategy) if draw(st.booleans()) else None


def labels(draw, n, below):
    """Draw an int32 tensor of shape (n,)."""
    return np.array(draw(st.lists(st.integers(0, below - 1), min_size=n, max_size=n)), np.int32)


@case(
    "conv2d_forward",
    "conv2d_weight_grad",
    "conv2d_input_grad",
    "depthwise_forward",
    "depthwise_weight_grad",
    "depthwise_input_grad",
)
def convolution(draw, name):
    depthwise = name.startswith("depthwise")
    s = draw(depthwise_layers(2, 3, 4) if depthwise else conv2d_layers(2, 2, 4))
    x = arrays((s.n, s.ci, *s.size))
    w = arrays((s.ci, *s.kernel) if depthwise else (s.co, s.ci, *s.kernel))
    dy = arrays((s.n, s.co, *s.out))
    attrs = {"stride": s.stride, "padding": s.padding}
    if name.endswith("forward"):
        return (draw(x), draw(w), optional(draw, arrays((s.co,)))), attrs
    if name.endswith("weight_grad"):
        return (draw(x), draw(dy)), {"kernel": s.kernel, **attrs}
    return (draw(w), draw(dy)), {"size": s.size, **attrs}


@case("conv2d_bias_grad", "linear_bias_grad")
def bias_grad(draw, name):
    rank = 4 if name.startswith("conv2d") else 2
    return (draw(arrays(tuple(draw(st.integers(1, 3)) for _ in range(rank)))),), {}


@case("pointwise_forward", "pointwise_weight_grad", "pointwise_input_grad")
@case("linear_forward", "linear_weight_grad", "linear_input_grad")
def dense(draw, name):
    pointwise = name.startswith("pointwise")
    n, fo = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    fi = draw(st.integers(1, 4 if pointwise else 9))
    image = (draw(st.integers(1, 3)), draw(st.integers(1, 3))) if pointwise else ()
    x, w, dy = arrays((n, fi, *image)), arrays((fo, fi)), arrays((n, fo, *image))
    if name.endswith("forward"):
        return (draw(x), draw(w), optional(draw, arrays((fo,)))), {}
    if name.endswith("weight_grad"):
        return (draw(x), draw(dy)), {}
    return (draw(w), draw(dy)), {}


@case("max_pool_forward", "avg_pool_forward", "max_pool_input_grad", "avg_pool_input_grad")
def pool(draw, name):
    s = draw(pool_layers())
    attrs = {"kernel": s.kernel, "stride": s.stride, "padding": s.padding}
    if name.endswith("forward"):
        return (draw(arrays((s.n, s.ci, *s.size))),), attrs
    dy = draw(arrays((s.n, s.ci, *s.out)))
    attrs["size"] = s.size
    return ((dy,) if name.startswith("avg") else (dy, places(draw, s))), attrs


def places(draw, s):
    """Draw, for each window, one of the image positions that it covers."""
    index = np.empty((s.n, s.ci, *s.out), np.int32)
    for n, c, ho, wo in np.ndindex(*index.shape):
        rows, columns = (
            range(max(0, at), min(size, at + kernel))
            for at, size, kernel in (
                (ho * s.stride[0] - s.padding[0], s.size[0], s.kernel[0]),
                (wo * s.stride[1] - s.padding[2], s.size[1], s.kernel[1]),
            )
        )
        i, j = draw(st.sampled_from(rows)), draw(st.sampled_from(columns))
        index[n, c, ho, wo] = i * s.size[1] + j
    return index


ELEMENTWISE = {
    1: "relu_forward relu6_forward hard_swish_forward sigmoid_forward sqrt exp log clear",
    2: "relu_input_grad relu6_input_grad hard_swish_input_grad sigmoid_input_grad "
    "add sub mul div compare accumulate",
    3: "mac",
}


@case(*" ".join(ELEMENTWISE.values()).split())
def elementwise(draw, name):
    shape = draw(SHAPES)
    count = next(k for k, names in ELEMENTWISE.items() if name in names.split())
    return tuple(draw(arrays(shape)) for _ in range(count)), {}


@case("flatten_forward", "flatten_input_grad")
def flatten(draw, name):
    n, c, h, w = (draw(st.integers(1, 3)) for _ in range(4))
    if name == "flatten_forward":
        return (draw(arrays((n, c, h, w))),), {}
    return (draw(arrays((n, c * h * w))),), {"image": (c, h, w)}


@case("softmax_cross_entropy_forward", "softmax_cross_entropy_input_grad")
def cross_entropy(draw, name):
    n, classes = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    attrs = {} if name.endswith("forward") else {"batch": draw(BATCHES)}
    return (draw(arrays((n, classes))), labels(draw, n, classes)), attrs


# 2^24 + 1 and 2^31 - 1 round as binary32, and so do their products with a number of elements.
BATCHES = st.one_of(st.integers(1, 64), st.sampled_from((2**24 + 1, 2**31 - 1)))


@case("mean_squared_error_forward", "mean_squared_error_input_grad")
def squared_error(draw, name):
    shape = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple))
    attrs = {} if name.endswith("forward") else {"batch": draw(BATCHES)}
    return (draw(arrays(shape)), draw(arrays(shape))), attrs


@case("mean")
def mean(draw, name):
    return (draw(arrays((draw(st.integers(1, 12)),))),), {"count": draw(BATCHES)}


def number(draw, *usual):
    """Draw an attribute: one of the usual settings, or any finite binary32 above 0."""
    patterns = st.integers(0, 0x7F7FFFFF).map(lambda p: np.array(p, np.uint32).view(np.float32))
    return float(draw(st.one_of(st.sampled_from(usual), patterns)))


# Which samples of a batch train; often none does.
TRAINED = st.lists(st.sampled_from((0, 0, 0, 1, -1)), min_size=1, max_size=3).map(
    lambda values: np.array(values, np.int32)
)


@case("sgd", "adam")
def optimiser(draw, name):
    shape = draw(SHAPES)
    tensors = [draw(arrays(shape)) for _ in range(2)]
    attrs = {"lr": number(draw, 0.0, 0.1, 1.0), "weight_decay": number(draw, 0.0, 1e-4, 0.5)}
    if name == "sgd":
        velocity = optional(draw, arrays(shape))
        attrs["momentum"] = 0.0 if velocity is None else number(draw, 0.0, 0.9, 1.0)
        return (*tensors, velocity, optional(draw, TRAINED)), attrs
    v = draw(arrays(shape))
    tensors += [draw(arrays(shape)), np.abs(v, out=v), draw(arrays((2,)))]
    attrs |= {"beta1": number(draw, 0.9, 0.0, 1.0), "beta2": number(draw, 0.999, 0.5)}
    tensors.append(optional(draw, TRAINED))
    return tuple(tensors), {**attrs, "eps": number(draw, 1e-8, 0.0)}


@case("random_words", "random_uniform", "random_permutation")
def chance(draw, name):
    attrs = {k: draw(st.integers(0, 2**31 - 1)) for k in ("seed", "stream", "start")}
    if name == "random_permutation":
        del attrs["start"]
    return (optional(draw, TURN),), {**attrs, "count": draw(st.integers(1, 40))}


@case("next_turn")
def turn(draw, name):
    return (draw(TURN),), {}


def settled(name, attrs):
    """Return the attributes with the defaults of those that are left out."""
    keywords = TABLE[name].function.__wrapped__.__kwdefaults__ or {}
    return {k: v for k, v in keywords.items() if k != "contract"} | attrs


from tests.ops import integer_cases, norm_cases, sparse_cases  # noqa: E402, F401  (they enter themselves)

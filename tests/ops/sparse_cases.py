"""Cases of selection and sparse gradients; entered into the table of `tests.ops.cases`.

Lists of survivors ascend, so that they are good under every contract; `reordered` shuffles them
where the contract's `selection_order` is `heap`.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.ops.cases import CASES, SHAPES, case, labels, number, optional
from tinycl.testing.strategies import arrays, conv2d_layers, depthwise_layers, selections

SEEDS = st.integers(0, 2**32 - 1)


def survivors(draw, n, m):
    """Draw lists of survivors for n samples of m items: one a sample, or one for all."""
    return tuple(draw(selections(draw(st.sampled_from((1, n))), m)))


def reordered(draw, name, drawn, contract):
    """Shuffle the lists of survivors of a case where they are in the order of the heap."""
    tensors, attrs = drawn
    if contract.selection_order != "heap" or not name.startswith(
        ("conv2d_sparse", "depthwise_sparse", "pointwise_sparse", "linear_sparse", "sparse_bias")
    ):
        return drawn
    *others, count, index = tensors
    source, index = np.random.Generator(np.random.PCG64(draw(SEEDS))), index.copy()
    for k, row in zip(count.tolist(), index, strict=True):
        row[:k] = source.permutation(row[:k])
    return (*others, count, index), attrs


def listed(draw, dy):
    """Draw the lists and the attribute `channels` for a gradient dy."""
    channels = draw(st.integers(0, 1))
    return survivors(draw, len(dy), dy.shape[1] if channels else dy[0].size), channels


@case(
    "conv2d_sparse_weight_grad",
    "conv2d_sparse_input_grad",
    "depthwise_sparse_weight_grad",
    "depthwise_sparse_input_grad",
    "pointwise_sparse_weight_grad",
    "pointwise_sparse_input_grad",
    "linear_sparse_weight_grad",
    "linear_sparse_input_grad",
)
def sparse_gradient(draw, name):
    tensors, attrs = draw(DENSE[name.replace("_sparse", "")])
    lists, channels = listed(draw, tensors[1])
    if name.startswith("linear"):
        return (*tensors, *survivors(draw, *tensors[1].shape)), attrs
    return (*tensors, *lists), {**attrs, "channels": channels}


# Smaller layers than those of the dense cases: the exact oracle walks them once more.
def window(draw, name):
    depthwise = name.startswith("depthwise")
    s = draw(depthwise_layers(2, 3, 3) if depthwise else conv2d_layers(2, 2, 3))
    dy, attrs = draw(arrays((s.n, s.co, *s.out))), {"stride": s.stride, "padding": s.padding}
    if name.endswith("weight_grad"):
        return (draw(arrays((s.n, s.ci, *s.size))), dy), {"kernel": s.kernel, **attrs}
    w = draw(arrays((s.ci, *s.kernel) if depthwise else (s.co, s.ci, *s.kernel)))
    return (w, dy), {"size": s.size, **attrs}


DENSE = {
    **{k: v for k, v in CASES.items() if k.startswith(("pointwise", "linear"))},
    **{
        f"{family}_{direction}_grad": st.composite(window)(f"{family}_{direction}_grad")
        for family in ("conv2d", "depthwise")
        for direction in ("weight", "input")
    },
}


@case("sparse_bias_grad", "sampled_bias_grad")
def part_of_a_bias(draw, name):
    shape = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4).map(tuple))
    dy = draw(arrays(shape))
    if name == "sampled_bias_grad":
        return (dy, labels(draw, shape[0], 2)), {}
    lists, channels = listed(draw, dy)
    return (dy, *lists), {"channels": channels}


ROWS = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


@case("magnitude_sum", "entry_magnitudes", "channel_magnitudes")
def magnitudes(draw, name):
    shape = draw(ROWS)
    return (draw(arrays(shape if name != "channel_magnitudes" else (*shape, 1, 1, 1)[:4])),), {}


@case("axis_squares")
def squares(draw, name):
    shape = draw(ROWS)
    return (draw(arrays(shape)),), {"axis": draw(st.integers(0, len(shape) - 1))}


def amounts(draw, n):
    """Draw sums of magnitudes: not negative, as a rule."""
    y = draw(arrays((n,)))
    return np.abs(y) if draw(st.integers(0, 3)) else y


def largest(draw, n=1):
    """Draw a largest amount so far: 0 at first."""
    return np.zeros(n, np.float32) if draw(st.booleans()) else amounts(draw, n)


@case("running_max", "tinyprop_decide")
def peaks(draw, name):
    y, y_max = amounts(draw, draw(st.integers(1, 5))), largest(draw)
    if name == "running_max":
        return (y, y_max), {}
    usual = {"d_min": (0.0, 0.1), "d_max": (1.0, 0.9), "factor": (1.0, 0.5), "threshold": (0.5,)}
    attrs = {k: number(draw, *values) for k, values in usual.items()}
    return (y, y_max), {**attrs, "remember": draw(st.integers(0, 1))}


# Numbers of entries that binary32 does not hold, and the largest.
ENTRIES = st.one_of(st.integers(1, 64), st.sampled_from((2**24 + 1, 2**25 + 3, 2**31 - 1)))


@case("tinyprop_count")
def ratios(draw, name):
    n = draw(st.integers(1, 5))
    usual = {"s_min": (0.1, 0.0, 1.0), "s_max": (0.9, 1.0), "zeta": (0.5, 1.0)}
    attrs = {k: number(draw, *values) for k, values in usual.items()}
    attrs |= {"entries": draw(ENTRIES), "half_even": draw(st.integers(0, 1))}
    tensors = amounts(draw, n), largest(draw, n)
    return (*tensors, labels(draw, n, 2) if draw(st.booleans()) else None), attrs


@case("top_k")
def largest_entries(draw, name):
    a = draw(arrays(draw(ROWS)))
    wanted = optional(draw, st.just(labels(draw, len(a), 2 * a[0].size + 2)))
    return (a, wanted), {"k": draw(st.integers(0, a[0].size + 1))}


@case("gather", "scatter")
def subsets(draw, name):
    shape = draw(ROWS)
    axis, k = draw(st.integers(0, len(shape) - 1)), draw(st.integers(1, 5))
    index = labels(draw, k, shape[axis])[None]
    if name == "gather":
        return (draw(arrays(shape)), index), {"axis": axis}
    y = draw(arrays((*shape[:axis], k, *shape[axis + 1 :])))
    return (draw(arrays(shape)), y, index), {"axis": axis}


@case("gate_bits", "gate_grad")
def gates(draw, name):
    shape = draw(st.one_of(SHAPES, st.sampled_from(((31,), (32,), (33,), (3, 23)))))
    if name == "gate_bits":
        below = float("inf") if draw(st.booleans()) else number(draw, 6.0)
        return (draw(arrays(shape)),), {"below": below}
    dy = draw(arrays(shape))
    words = st.integers(-(2**31), 2**31 - 1)
    n = -(-dy.size // 32)
    bits = np.array(draw(st.lists(words, min_size=n, max_size=n)), np.int32)
    return (bits, dy), {}

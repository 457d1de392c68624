"""The strategies make what they say, all of it, and shrink to something small."""

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from tests.ops.float64 import windows
from tinycl.contract import DEFAULT, Contract
from tinycl.testing import strategies

SHRINK = settings(max_examples=4000, database=None, derandomize=True, deadline=None)


@given(strategies.hard_float32())
def test_values_are_binary32(x):
    assert np.isnan(x) or float(np.float32(x)) == x


@pytest.mark.parametrize(
    ("kind", "condition"),
    [
        ("subnormal", lambda x: 0 < abs(x) < 2.0**-126),
        ("minus zero", lambda x: x == 0 and np.signbit(x)),
        ("infinite", np.isinf),
        ("not a number", np.isnan),
        ("near overflow", lambda x: 2.0**127 < abs(x) < np.inf),
        ("full significand", lambda x: 1 < x < 2 and x * 2**23 % 2 == 1),
    ],
)
def test_values_of_every_kind_come(kind, condition):
    find(strategies.hard_float32(), condition, settings=SHRINK)


@given(strategies.hard_float32(finite=True), strategies.arrays((3,), hard=False))
def test_finite_and_ordinary(x, tensor):
    assert np.isfinite(x)
    assert all(x == 0 or 2.0**-6 <= abs(x) < 2.0**6 for x in tensor.tolist())


@given(st.lists(st.integers(0, 4), max_size=4).map(tuple), st.data())
def test_arrays(shape, data):
    tensor = data.draw(strategies.arrays(shape))
    assert tensor.shape == shape
    assert tensor.dtype == np.float32
    assert tensor.flags.writeable


def test_arrays_keep_the_bits_of_nans():
    def odd_nan(t):
        return bool(np.isnan(t[0])) and t.view(np.uint32)[0] != 0x7FC00000

    find(strategies.arrays((1,), hard=True), odd_nan, settings=SHRINK)


@given(strategies.contracts(mac="mul_add"), strategies.contracts(start="first_product"))
def test_fixed_fields(one, other):
    assert one.mac == "mul_add"
    assert (other.start, other.bias) == ("first_product", "after")


@pytest.mark.parametrize(
    "make", [strategies.conv2d_layers, strategies.depthwise_layers, strategies.pool_layers]
)
@given(st.data())
def test_layers(make, data):
    s = data.draw(make())
    out = windows(np.ones((1, 1, *s.size)), s.kernel, s.stride, s.padding)
    assert out.shape[2:4] == s.out
    assert min(s.out) >= 1
    if make is not strategies.conv2d_layers:
        assert s.ci == s.co
    if make is strategies.pool_layers:
        assert out.sum(axis=(4, 5)).min() >= 1  # every window meets the image


def test_padding_reaches_past_the_kernel():
    s = find(
        strategies.conv2d_layers(),
        lambda s: s.padding[0] > s.kernel[0] and s.padding[0] != s.padding[1],
        settings=SHRINK,
    )
    assert s == (1, 1, 1, (1, 1), (1, 1), (1, 1), (2, 0, 0, 0))


def test_shrinking():
    """A failure ends in few values, small shapes, and a contract that differs in one place."""
    assert find(strategies.contracts(), lambda c: True, settings=SHRINK) == DEFAULT
    flush = find(strategies.contracts(), lambda c: c.subnormals == "flush", settings=SHRINK)
    assert flush == Contract(subnormals="flush")
    tensor = find(strategies.arrays((2, 3)), lambda t: np.any(t > 1.5), settings=SHRINK)
    assert sorted(set(tensor.ravel().tolist())) in ([0.0, 2.0], [2.0])
    layer = find(strategies.conv2d_layers(), lambda s: s.stride[1] == 3, settings=SHRINK)
    assert layer == (1, 1, 1, (1, 1), (1, 1), (1, 3), (0, 0, 0, 0))

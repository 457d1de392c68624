"""Wrong attributes, and values of integer tensors out of range."""

import inspect
import re

import numpy as np
import pytest

from tests.ops.examples import DY, EXAMPLES, INDEX, WINDOW, P, X, call, i32, ramp, refused
from tinycl.errors import ShapeError
from tinycl.ops import TABLE

NAMES = sorted(TABLE)
ATTRIBUTES = [(name, attr) for name in NAMES for attr in TABLE[name].attrs]
INTEGERS = [(name, attr) for name, attr in ATTRIBUTES if attr.kind == "int"]
NUMBERS = [(name, attr) for name, attr in ATTRIBUTES if attr.kind == "f32"]


def each(attributes):
    ids = [f"{name}-{attr.name}" for name, attr in attributes]
    return pytest.mark.parametrize(("name", "attr"), attributes, ids=ids)


@pytest.mark.parametrize("name", NAMES)
def test_unknown_attributes(name):
    refused(name, "dilation", *(a.name for a in TABLE[name].attrs), dilation=(1, 1))


@each(ATTRIBUTES)
def test_missing_attributes(name, attr):
    refused(name, attr.name, **{attr.name: None})
    tensors, attrs = EXAMPLES[name]
    attrs = {k: v for k, v in attrs.items() if k != attr.name}
    if attr.name in (inspect.unwrap(TABLE[name].function).__kwdefaults__ or {}):
        return
    with pytest.raises(ShapeError, match=f"^{name}: {attr.name} is missing"):
        call(name, *tensors, **attrs)


@each(INTEGERS)
def test_wrong_integers(name, attr):
    good = EXAMPLES[name][1][attr.name]
    many = attr.count > 1
    for bad in (attr.least - 1, -5, 1.0, 1.5, "1", True, 1 << 31, float("nan"), None):
        refused(name, attr.name, **{attr.name: (*good[:-1], bad) if many else bad})
    if many:
        for value in (1, good[0], good[:-1], (*good, 1), "ab", {}, iter(good)):
            refused(name, attr.name, str(attr.count), **{attr.name: value})


@each(NUMBERS)
def test_wrong_numbers(name, attr):
    for bad in ("fast", [1, 2], (0.1,), {}, object(), 1j):
        refused(name, attr.name, "number", **{attr.name: bad})


@pytest.mark.parametrize("family", ["conv2d", "depthwise"])
def test_kernel_larger_than_the_padded_image(family):
    kernel = ramp(4, 3, 6, 2) if family == "conv2d" else ramp(3, 6, 2)
    told = "kernel (6, 2)", "(4, 5)", "(1, 0, 0, 1)"
    dy = EXAMPLES[f"{family}_input_grad"][0][1]
    refused(f"{family}_forward", *told, tensors=(X, kernel, None))
    refused(f"{family}_weight_grad", *told, kernel=(6, 2))
    refused(f"{family}_input_grad", *told, tensors=(kernel, dy))


@pytest.mark.parametrize("direction", ["forward", "input_grad"])
@pytest.mark.parametrize("family", ["max_pool", "avg_pool"])
def test_pools(family, direction):
    name = f"{family}_{direction}"
    for padding in ((3, 0, 0, 1), (0, 3, 0, 1), (1, 0, 2, 0), (1, 0, 0, 2)):
        refused(name, str(padding), "(3, 2)", "smaller than the kernel", padding=padding)
    refused(name, "larger than the padded image", kernel=(8, 2), padding=(0, 0, 0, 0))


def test_gradients_of_another_layer():
    """A dy that this geometry does not make is refused with the shape that it does make."""
    for family in ("conv2d", "depthwise"):
        refused(f"{family}_weight_grad", "dy", "3, 3)", "3, 5)", stride=(1, 1))
        refused(f"{family}_input_grad", "dy", "3, 3)", "2, 3)", stride=(2, 2))
    for family in ("max_pool", "avg_pool"):
        refused(f"{family}_input_grad", "dy", "3, 3)", "2, 3)", stride=(2, 2))
    refused("flatten_input_grad", "60", "(3, 4, 4)", image=(3, 4, 4))


@pytest.mark.parametrize("label", [-1, 5, 2**31 - 1, -(2**31)])
def test_labels_out_of_range(label):
    for name, scores in (
        ("softmax_cross_entropy_forward", ramp(2, 5)),
        ("softmax_cross_entropy_input_grad", P),
    ):
        refused(name, "target", str(label), "0 to 4", tensors=(scores, i32(0, label)))


@pytest.mark.parametrize("place", [-1, 20, 2**31 - 1])
def test_max_pool_places_outside_the_image(place):
    """A place that no position of the 4x5 image has must not lose its gradient in silence."""
    index = INDEX.copy()
    index[1, 2, 0, 1] = place
    tensors = (EXAMPLES["max_pool_input_grad"][0][0], index)
    refused("max_pool_input_grad", "index", str(place), "19", tensors=tensors)


def test_momentum_without_velocity():
    refused("sgd", "momentum", "velocity", tensors=(ramp(5), ramp(5)))


@pytest.mark.parametrize("bad", [0.99, 0.0, -1.0, float("nan"), -float("inf")])
def test_bounds_that_hold_nothing(bad):
    refused("renorm_corrections", "rmax must be at least 1", rmax=bad)
    if bad not in (0.99, 0.0):
        refused("renorm_corrections", "dmax must be at least 0", dmax=bad)


@pytest.mark.parametrize("rate", [1.0, 1 - 2.0**-26, -0.1, float("nan"), float("inf")])
def test_rates_of_dropout(rate):
    refused("dropout_forward", "rate must be at least 0 and below 1", rate=rate)
    assert call("dropout_forward", X, seed=0, stream=0, rate=1 - 2.0**-24)[0].shape == X.shape


def test_a_scale_for_each_channel():
    told = "s has shape (2, 3, 4, 1)", "(2, 3, 1, 1)"
    refused("channel_scale_forward", *told, tensors=(X, ramp(2, 3, 4, 1)))
    refused("channel_scale_input_grad", *told, tensors=(ramp(2, 3, 4, 1), X))


@pytest.mark.parametrize("rank", [1, 3])
def test_channels_without_a_place(rank):
    x = ramp(*(2, 3, 4)[:rank])
    refused("channel_moments", "x has shape", "(n, c, h, w) or 2 (n, c)", tensors=(x,))


def test_messages_have_no_numpy_types():
    """A message shows plain numbers: (9, 9), not (np.int64(9), np.int64(9))."""
    with pytest.raises(ShapeError) as caught:
        call("conv2d_weight_grad", X, DY, **{**WINDOW, "kernel": tuple(np.array([9, 9]))})
    assert not re.search(r"np\.\w+\(", str(caught.value)), str(caught.value)


@pytest.mark.parametrize("rate", ["0.5", b"0.5", [0.5, 0.5], "half", 1j])
def test_a_rate_is_a_number(rate):
    x = np.ones(3, np.float32)
    with pytest.raises(ShapeError, match="rate must be a number"):
        TABLE["dropout_forward"].function(x, seed=1, stream=1, rate=rate)


def test_a_number_beyond_binary32_is_infinite():
    with pytest.raises(ShapeError, match="rate must be at least 0 and below 1, got inf"):
        TABLE["dropout_forward"].function(np.ones(3, np.float32), seed=1, stream=1, rate=1e300)

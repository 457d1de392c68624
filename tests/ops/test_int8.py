"""Operations on bytes: values out of range, halves, and what a shift makes of negative sums."""

import numpy as np
import pytest

from tests.ops.examples import EXAMPLES, call, i32, refused, replaced
from tinycl.errors import ShapeError
from tinycl.golden.catalogue.case import one_operation
from tinycl.ops import TABLE
from tinycl.plan import check_inputs

SUMS = ("int8_conv2d", "int8_depthwise", "int8_pointwise")
RANGES = [
    *((name, "multiplier", 1 << 30, (1 << 31) - 1) for name in SUMS),
    *((name, "shift", 1, 62) for name in (*SUMS, "int8_add")),
    *((name, "zeros", 0, 255) for name in (*SUMS, "int8_add")),
    ("int8_add", "multiplier", 0, (1 << 31) - 1),
    ("quantise", "zero", 0, 255),
    ("dequantise", "zero", 0, 255),
]


@pytest.mark.parametrize(("name", "what", "least", "most"), RANGES)
def test_values_out_of_range(name, what, least, most):
    place = [arg.name for arg in TABLE[name].inputs].index(what)
    good = EXAMPLES[name][0][place]
    for value in {least - 1, most + 1, -(1 << 31)} - {1 << 31}:
        wrong = good.copy()
        wrong[-1] = value
        tensors = replaced(name, place, wrong)
        told = f"{what}[{good.size - 1}] is {value}; ", f"takes values from {least} to {most}"
        refused(name, *told, tensors=tensors)
        named = dict(zip((arg.name for arg in TABLE[name].inputs), tensors, strict=True))
        plan, inputs = one_operation(name, named, EXAMPLES[name][1])
        with pytest.raises(ShapeError, match=f"inputs: {what}.*takes values from {least} to"):
            check_inputs(plan, inputs)
    for value in (least, most):
        right = good.copy()
        right[-1] = value
        call(name, *replaced(name, place, right), **EXAMPLES[name][1])


@pytest.mark.parametrize(
    ("x", "q"),
    [
        ((0.5, 1.5, 2.5, -0.5, -1.5, -2.5), (10, 12, 12, 10, 8, 8)),
        ((np.nan, np.inf, -np.inf, -0.0, 1e-45), (10, 255, 0, 10, 10)),
        ((244.5, 245.5, 244.49998, -9.5, -10.5, 3e38), (254, 255, 254, 0, 0, 255)),
    ],
)
def test_quantise_takes_the_nearest_byte(x, q):
    assert call("quantise", np.float32(x), np.float32([1]), i32(10)).tolist() == list(q)


def test_a_scale_of_zero():
    x = np.float32([1, -1, 0, -0.0])
    assert call("quantise", x, np.float32([0.0]), i32(7)).tolist() == [255, 0, 7, 7]
    assert call("quantise", x, np.float32([-0.0]), i32(7)).tolist() == [0, 255, 7, 7]


def test_halves_round_up_and_negative_sums_down():
    """Sums -3 to 3, halved: -1.5, -0.5, 0.5 and 1.5 go up."""
    x = np.arange(7, dtype=np.uint8).reshape(1, 1, 1, 7)
    scales = (i32(0), i32(1 << 30), i32(31), i32(3, 100))
    (y,) = call("int8_pointwise", x, np.ones((1, 1), np.int8), *scales)
    assert y.ravel().tolist() == [99, 99, 100, 100, 101, 101, 102]


def test_sums_wrap():
    x, w = np.full((1, 1, 1, 1), 255, np.uint8), np.full((1, 1), 127, np.int8)
    scales = (i32((1 << 31) - 1), i32(1 << 30), i32(55), i32(0, 128))
    y = call("int8_pointwise", x, w, *scales)
    assert y.item() == 128 - 64  # about -2^31 times 2^-25


def test_what_lies_outside_the_image_is_zero_in_value():
    x, w = np.full((1, 1, 1, 1), 9, np.uint8), np.full((1, 1, 3, 3), 5, np.int8)
    scales = (i32(40), i32(1 << 30), i32(30), i32(9, 0))
    y = call("int8_conv2d", x, w, *scales, padding=(1, 1, 1, 1))
    assert y.item() == 40

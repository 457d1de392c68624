"""Scales are exact ratios rounded once; what does not fit is refused."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinycl.errors import TinyclError
from tinycl.quant.scales import Affine, affine, channels, common_shift, multiplier_and_shift

RATIOS = st.tuples(st.integers(1, 2**24), st.integers(1, 2**24), st.integers(-25, 20)).map(
    lambda t: Fraction(t[0], t[1]) * Fraction(2) ** t[2]
)
FINITE = st.floats(-(2.0**127), 2.0**127, width=32)


@given(RATIOS)
def test_the_nearest_multiplier(ratio):
    if ratio >= 2**30 - 1:
        return
    multiplier, shift = multiplier_and_shift(ratio)
    assert 2**30 <= multiplier < 2**31
    assert 1 <= shift <= 62
    if shift < 62:
        assert abs(Fraction(multiplier, 2**shift) - ratio) * 2**shift <= Fraction(1, 2)


@pytest.mark.parametrize("exponent", range(-31, 30))
def test_powers_of_two_and_their_neighbours(exponent):
    power = Fraction(2) ** exponent
    assert multiplier_and_shift(power) == (1 << 30, 30 - exponent)
    below = power * (1 - Fraction(1, 2**40))  # rounds up to the power
    assert multiplier_and_shift(below) == (1 << 30, 30 - exponent)
    assert multiplier_and_shift(power * Fraction(2**31 - 1, 2**31))[0] == 2**31 - 1


def test_a_half_rounds_up():
    assert multiplier_and_shift(Fraction(2 * 2**30 + 1, 2**40)) == (2**30 + 1, 39)


def test_a_tiny_ratio_makes_every_sum_zero():
    multiplier, shift = multiplier_and_shift(Fraction(1, 2**80))
    assert (multiplier, shift) == (1 << 30, 62)
    for acc in (-(1 << 31), (1 << 31) - 1):
        assert (acc * multiplier + (1 << 61)) >> 62 == 0


@pytest.mark.parametrize("ratio", [2**30, 2**31, 10**12])
def test_a_ratio_that_is_too_large(ratio):
    with pytest.raises(TinyclError, match="too large for bytes"):
        multiplier_and_shift(Fraction(ratio))


def test_two_ratios_share_a_shift():
    multipliers, shift = common_shift([Fraction(1, 3), Fraction(1, 1000)])
    assert shift == multiplier_and_shift(Fraction(1, 3))[1]
    assert multipliers == [round(Fraction(2**shift, 3)), round(Fraction(2**shift, 1000))]


@given(FINITE, FINITE)
def test_both_ends_of_a_range_are_bytes(a, b):
    low, high = min(a, b), max(a, b)
    scale, zero = affine(low, high)
    assert 0 <= zero <= 255
    assert np.isfinite(scale)
    assert scale >= 2.0**-126
    for value in (min(low, 0.0), max(high, 0.0)):
        q = min(255, max(0, round(Fraction(value) / Fraction(float(scale))) + zero))
        assert abs((q - zero) * Fraction(float(scale)) - Fraction(value)) <= Fraction(float(scale))


def test_ranges_of_one_side_and_of_nothing():
    assert affine(0.0, 0.0) == Affine(np.float32(1), 0)
    assert affine(2.0, 5.0) == (np.float32(5 / 255), 0)
    assert affine(-5.0, -2.0) == (np.float32(5 / 255), 255)
    assert affine(0.0, 1e-45).scale == np.float32(2.0**-126)


X, Y = Affine(np.float32(0.5), 10), Affine(np.float32(0.25), 3)


def test_weights_are_symmetric_and_zeros_stay():
    weight = np.float32([[1, -2, 0.5], [0, 0, 0], [-1e-3, 1e-3, 0]])
    made = channels("layer", weight, np.float32([1, -3, 0]), X, Y)
    assert made.weight.tolist() == [[64, -127, 32], [0, 0, 0], [-127, 127, 0]]
    assert made.bias.tolist() == [round(127 / 2 / 0.5), -(1 << 30), 0]
    for row, largest in enumerate((2, 127 * 3 / 2**29, np.float32(1e-3))):
        ratio = Fraction(float(largest)) / 127 * 2
        assert (made.multiplier[row], made.shift[row]) == multiplier_and_shift(ratio)


def test_a_bias_that_is_far_larger_than_its_weights_still_fits():
    weight, bias = np.float32([[1e-20, 1e-21]]), np.float32([7.0])
    made = channels("layer", weight, bias, X, Y)
    assert abs(int(made.bias[0])) <= 1 << 30
    value = Fraction(int(made.bias[0])) * int(made.multiplier[0]) / 2 ** int(made.shift[0])
    assert abs(float(value * Y.exact) - 7.0) < 1e-6


@pytest.mark.parametrize("scale", [2.0**-100, 0.004, 1.0, 400.0, 2.0**90])
@pytest.mark.parametrize("bias", [0.0, 1e-3, 0.4, -0.4, 60.0])
def test_a_channel_of_zeros_keeps_its_bias(scale, bias):
    """Its bias is all that it has, whatever the scale of x."""
    x, zeros = Affine(np.float32(scale), 10), np.zeros((1, 3), np.float32)
    made = channels("layer", zeros, np.float32([bias]), x, Y)
    total, shift = int(made.bias[0]) * int(made.multiplier[0]), int(made.shift[0])
    assert (total + (1 << shift >> 1)) >> shift == round(bias / Y.scale)


def test_a_sum_that_might_not_fit_is_refused():
    weight = np.ones((1, 40_000), np.float32)
    channels("layer", weight, np.zeros(1, np.float32), X, Y)
    weight = np.ones((1, 70_000), np.float32)
    with pytest.raises(TinyclError, match=r"conv7: sums of 70000 products .* beyond int32"):
        channels("conv7", weight, np.zeros(1, np.float32), X, Y)


@pytest.mark.parametrize("wrong", [np.inf, np.nan])
def test_weights_that_are_not_finite(wrong):
    weight = np.float32([[1, wrong]])
    with pytest.raises(TinyclError, match="conv7: has weights that are not finite"):
        channels("conv7", weight, np.zeros(1, np.float32), X, Y)

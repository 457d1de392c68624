"""Scales, zero points, multipliers and shifts: exact ratios of float32 values, rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import Array
from tinycl.errors import TinyclError
from tinycl.num.exact import round_to_f32
from tinycl.ops.int8 import LEAST_MULTIPLIER, MOST_SHIFT

LEAST_SCALE = Fraction(1, 2**126)  # the smallest normal float32
MOST_WEIGHT, MOST_BYTE = 127, 255
LARGEST_BIAS = 1 << 30  # leaves as much of an int32 to the products


class Affine(NamedTuple):
    """What bytes stand for: (q - zero) * scale."""

    scale: np.float32
    zero: int

    @property
    def exact(self) -> Fraction:
        """The scale as a fraction."""
        return Fraction(float(self.scale))


def affine(low: float, high: float) -> Affine:
    """Return the scale and zero point of values from low to high, 0 among them.

    Parameters
    ----------
    low, high : float
        Finite.

    Returns
    -------
    Affine
        scale = (high - low)/255, rounded once, at least 2^-126; zero = -low/scale, to the nearest.
        1 and 0 where all values are 0.
    """
    least, most = min(Fraction(low), Fraction(0)), max(Fraction(high), Fraction(0))
    if least == most:
        return Affine(np.float32(1), 0)
    scale = round_to_f32(max((most - least) / MOST_BYTE, LEAST_SCALE))
    return Affine(scale, min(MOST_BYTE, round(-least / Fraction(float(scale)))))


def multiplier_and_shift(ratio: Fraction) -> tuple[int, int]:
    """Return M in [2^30, 2^31) and a shift from 1 to 62 with M / 2^shift nearest to a ratio.

    Parameters
    ----------
    ratio : Fraction
        Above 0. One so small that every sum becomes 0 gives M = 2^30 and shift 62.

    Raises
    ------
    TinyclError
        A ratio of 2^30 or more.
    """
    shift = 31 - _exponent(ratio)
    multiplier = _nearest(ratio * Fraction(2) ** shift)
    if multiplier == 2 * LEAST_MULTIPLIER:
        multiplier, shift = LEAST_MULTIPLIER, shift - 1
    if shift > MOST_SHIFT:
        return LEAST_MULTIPLIER, MOST_SHIFT
    if shift < 1:
        raise TinyclError(
            f"a ratio of scales of {float(ratio):.3g} is too large for bytes: the limit is 2^30. "
            "Calibrate on images that make the layer's outputs larger"
        )
    return multiplier, shift


def common_shift(ratios: Sequence[Fraction]) -> tuple[list[int], int]:
    """Return multipliers of several ratios and the one shift that the largest of them asks for."""
    _, shift = multiplier_and_shift(max(ratios))
    most = 2 * LEAST_MULTIPLIER - 1
    return [min(most, _nearest(ratio * Fraction(2) ** shift)) for ratio in ratios], shift


def _exponent(ratio: Fraction) -> int:
    """Return e with 2^(e-1) <= ratio < 2^e."""
    guess = ratio.numerator.bit_length() - ratio.denominator.bit_length()
    return guess + 1 if Fraction(2) ** guess <= ratio else guess


def _nearest(value: Fraction) -> int:
    """Return the nearest whole number, halves up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


class Channels(NamedTuple):
    """Weights (co, ...) and, for each output channel, bias, multiplier and shift."""

    weight: NDArray[np.int8]
    bias: NDArray[np.int32]
    multiplier: NDArray[np.int32]
    shift: NDArray[np.int32]


def channels(name: str, weight: Array, bias: Array, x: Affine, y: Affine) -> Channels:
    """Return a layer's weights as signed bytes, symmetric, one scale an output channel.

    Parameters
    ----------
    name : str
        Of the layer, for errors.
    weight : ndarray of float32, shape (co, ...)
    bias : ndarray of float32, shape (co,)
    x, y : Affine
        Of its input and of its output.

    Returns
    -------
    Channels
        A channel's scale is max|w|/127, or larger where its bias would not fit: the bias, in units
        of x's scale times the channel's, stays within 2^30. A channel of zeros has the scale at
        which its bias is 2^30 such units, or one such unit is one of y's, where that is 0 too.

    Raises
    ------
    TinyclError
        Values that are not finite; a sum that an int32 might not hold.
    """
    rows = weight.reshape(len(weight), -1).astype(np.float64)
    if not (np.isfinite(rows).all() and np.isfinite(bias).all()):
        raise TinyclError(f"{name}: has weights that are not finite; they cannot become bytes")
    found = []
    for row, offset in zip(rows, bias, strict=True):
        largest = Fraction(float(np.abs(row).max())) / MOST_WEIGHT
        exact = Fraction(float(offset))
        scale = max(largest, abs(exact) / (x.exact * LARGEST_BIAS)) or y.exact / x.exact
        whole = np.rint(row / float(scale)) if scale > largest else _signed(row)
        units = round(exact / (x.exact * scale))
        _check(name, whole, units, x.zero)
        found.append((whole, units, *multiplier_and_shift(x.exact * scale / y.exact)))
    weights, biases, multipliers, shifts = zip(*found, strict=True)
    return Channels(
        np.array(weights).astype(np.int8).reshape(weight.shape),
        np.array(biases, np.int32),
        np.array(multipliers, np.int32),
        np.array(shifts, np.int32),
    )


def _signed(row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return w * 127 / max|w| in binary64, to the nearest whole number, ties to even."""
    largest = float(np.abs(row).max())
    return np.rint(row * MOST_WEIGHT / largest) if largest else row


def _check(name: str, row: NDArray[np.float64], bias: int, zero: int) -> None:
    """Raise TinyclError unless every byte image leaves the sum of a channel inside int32."""
    positive, negative = int(row[row > 0].sum()), int(row[row < 0].sum())
    most = bias + (MOST_BYTE - zero) * positive - zero * negative
    least = bias + (MOST_BYTE - zero) * negative - zero * positive
    if not -(1 << 31) <= least <= most < 1 << 31:
        raise TinyclError(
            f"{name}: sums of {row.size} products reach from {least} to {most}, beyond int32; "
            "a layer with fewer inputs fits"
        )

"""Shifted digits: recomputed pixel by pixel, in fractions."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest

from tinycl.bits import equal
from tinycl.data import load
from tinycl.data.shift import NOISE, SHIFTS, moved, noisy, rotated, shifted
from tinycl.errors import ShapeError, TinyclError
from tinycl.num.generator import integers

RNG = np.random.default_rng(11)


def levels(side, count=3):
    return RNG.integers(0, 17, (count, 1, side, side))


def pixel(image, row, column):
    side = len(image)
    return int(image[row, column]) if 0 <= row < side and 0 <= column < side else 0


def turned(image):
    side = len(image)
    centre = Fraction(side - 1, 2)
    out = np.zeros_like(image)
    for row in range(side):
        for column in range(side):
            r, c = row - centre, column - centre
            y, x = (12 * r - 5 * c) / 13 + centre, (5 * r + 12 * c) / 13 + centre
            top, left = floor(y), floor(x)
            value = sum(
                (1 - abs(y - i)) * (1 - abs(x - j)) * pixel(image, i, j)
                for i in (top, top + 1)
                for j in (left, left + 1)
            )
            out[row, column] = floor(value + Fraction(1, 2))
    return out


@pytest.mark.parametrize("side", [1, 2, 5, 8])
def test_rotated(side):
    images = levels(side)
    got = rotated(images)
    for image, other in zip(images, got, strict=True):
        assert np.array_equal(turned(image[0]), other[0])
    if side > 1:
        assert not np.array_equal(got, images)


def test_clockwise():
    image = np.zeros((1, 1, 7, 7), np.int64)
    image[0, 0, 0, 3] = 16  # above the centre; to the right of it afterwards
    rows, columns = np.nonzero(rotated(image)[0, 0])
    assert columns.min() > 3
    assert rows.max() <= 1


def test_moved():
    images = levels(5)
    got = moved(images)
    assert np.array_equal(got[..., 1:, 1:], images[..., :-1, :-1])
    assert not got[..., 0, :].any()
    assert not got[..., :, 0].any()


def test_noisy():
    images = levels(8, 40)
    got = noisy(images, 9)
    for place in (0, 1, 63, 64, 2559):
        noise = int(integers(13, 9, 1, place, 1)[0]) - 6
        assert got.flat[place] == min(16, max(0, int(images.flat[place]) + noise))
    change = got - images
    assert (change.min(), change.max()) == (-NOISE, NOISE)
    assert not np.array_equal(got, noisy(images, 10))


@pytest.mark.parametrize("shift", SHIFTS)
def test_digits(shift):
    plain, other = load("digits"), load("digits", shift=shift)
    assert equal(plain.train_y, other.train_y)
    assert equal(plain.test_y, other.test_y)
    assert other.train_x.shape == plain.train_x.shape
    both = shifted(np.concatenate([plain.train_x, plain.test_x]), shift, 7)
    assert equal(both[:1437], other.train_x)
    assert equal(both[1437:], other.test_x)
    found = other.test_x * 16
    assert np.array_equal(found, np.rint(found))
    assert (found.min(), found.max()) == (0, 16)
    assert (found != plain.test_x * 16).any(axis=(1, 2, 3)).all()
    assert other.digest == load("digits", shift=shift).digest != plain.digest


def test_fewer_samples():
    plain, few = load("digits", shift="noisy"), load("digits", shift="noisy", samples=31)
    assert equal(few.train_x, plain.train_x[:31])
    assert equal(few.train_y, plain.train_y[:31])
    assert equal(few.test_x, plain.test_x)


def test_what_does_not_fit():
    for samples in (0, 1438, 1.5, True):
        with pytest.raises(TinyclError, match=r"samples must be a whole number 1..1437"):
            load("digits", samples=samples)
    for shift in ("x", "", 3, ["noisy"]):
        with pytest.raises(ShapeError, match="shift must be one of rotated, shifted, noisy, got"):
            load("digits", shift=shift)

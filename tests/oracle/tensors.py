"""NumPy arrays in and out of the oracle; in between there are only Python numbers."""

import math
from fractions import Fraction
from itertools import product

import numpy as np

from tests.oracle import rounding


def build(shape, element, dtype=np.float32):
    """Make a tensor from a function of an element's coordinates."""
    values = [element(*place) for place in product(*map(range, shape))]
    return np.array(values, dtype).reshape(shape)


def reader(x):
    """Return a function of an element's coordinates; it gives None for a tensor left out."""
    if x is None:
        return lambda *place: None
    values, shape = x.ravel().tolist(), x.shape

    def element(*place):
        at = 0
        for i, size in zip(place, shape, strict=True):
            assert 0 <= i < size
            at = at * size + i
        return values[at]

    return element


def constant(value):
    """Round an attribute or a whole number to binary32, once."""
    if isinstance(value, float) and not math.isfinite(value):
        return value
    negative_zero = isinstance(value, float) and math.copysign(1.0, value) < 0
    return rounding.binary32(Fraction(value), negative_zero)


def each(function, *tensors):
    """Apply a function of numbers to every place of tensors of one shape."""
    flat = [t.ravel().tolist() for t in tensors]
    values = [function(*numbers) for numbers in zip(*flat, strict=True)]
    return np.array(values, np.float32).reshape(tensors[0].shape)

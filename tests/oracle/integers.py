"""Bytes with a scale and a zero point, one whole number at a time."""

import math
from fractions import Fraction
from itertools import product

import numpy as np

from tests.oracle.arithmetic import Operators
from tests.oracle.convolution import output_size
from tests.oracle.pooling import window
from tests.oracle.tensors import build, reader


def held(value):
    return max(0, min(255, value))


def quantise(tensors, attrs, contract):
    x, scale, zero = tensors
    operators, x_at = Operators(contract), reader(x)
    scale, zero = reader(scale)(0), reader(zero)(0)

    def q(*place):
        quotient = operators.div(x_at(*place), scale)
        if math.isnan(quotient):
            return held(zero)
        if math.isinf(quotient):
            return 255 if quotient > 0 else 0
        return held(round(Fraction(quotient)) + zero)  # of two as near, the even one

    return (build(x.shape, q, np.uint8),)


def dequantise(tensors, attrs, contract):
    q, scale, zero = tensors
    operators, q_at = Operators(contract), reader(q)
    scale, zero = reader(scale)(0), reader(zero)(0)
    return (build(q.shape, lambda *place: operators.mul(float(q_at(*place) - zero), scale)),)


def wrapped(value):
    """Return the whole number of 32 bits, two's complement, that differs by a multiple of 2^32."""
    return (value + 2**31) % 2**32 - 2**31


def to_byte(total, shift, zero):
    return held(math.floor(Fraction(total, 2**shift) + Fraction(1, 2)) + zero)


def summed(terms, channel, scales):
    """Return one byte: the sum of terms (byte, weight), scaled as its channel says."""
    bias, multiplier, shift, zeros = map(reader, scales)
    total = bias(channel) + sum((a - zeros(0)) * b for a, b in terms)
    return to_byte(wrapped(total) * multiplier(channel), shift(channel), zeros(1))


def convolve(tensors, attrs, depthwise):
    x, w, *scales = tensors
    channels, (*_, kh, kw) = w.shape[0], w.shape
    x_at, w_at, size = reader(x), reader(w), x.shape[2:]
    out = output_size(size, (kh, kw), attrs["stride"], attrs["padding"])

    def y(n, co, ho, wo):
        terms = []
        for ci, i, j in product([co] if depthwise else range(x.shape[1]), range(kh), range(kw)):
            row = ho * attrs["stride"][0] + i - attrs["padding"][0]
            column = wo * attrs["stride"][1] + j - attrs["padding"][2]
            if 0 <= row < size[0] and 0 <= column < size[1]:
                weight = w_at(co, i, j) if depthwise else w_at(co, ci, i, j)
                terms.append((x_at(n, ci, row, column), weight))
        return summed(terms, co, scales)

    return (build((x.shape[0], channels, *out), y, np.uint8),)


def int8_conv2d(tensors, attrs, contract):
    return convolve(tensors, attrs, False)


def int8_depthwise(tensors, attrs, contract):
    return convolve(tensors, attrs, True)


def int8_pointwise(tensors, attrs, contract):
    x, w, *scales = tensors
    x_at, w_at = reader(x), reader(w)

    def y(n, co, i, j):
        return summed([(x_at(n, c, i, j), w_at(co, c)) for c in range(x.shape[1])], co, scales)

    return (build((x.shape[0], w.shape[0], *x.shape[2:]), y, np.uint8),)


def int8_add(tensors, attrs, contract):
    a, b, *scales = tensors
    a_at, b_at = reader(a), reader(b)
    multiplier, shift, zeros = map(reader, scales)

    def y(*place):
        total = (a_at(*place) - zeros(0)) * multiplier(0) + (b_at(*place) - zeros(1)) * multiplier(
            1
        )
        return to_byte(total, shift(0), zeros(2))

    return (build(a.shape, y, np.uint8),)


def int8_max_pool(tensors, attrs, contract):
    (x,) = tensors
    x_at, size = reader(x), x.shape[2:]
    out = output_size(size, attrs["kernel"], attrs["stride"], attrs["padding"])

    def y(n, c, ho, wo):
        return max(x_at(n, c, i, j) for i, j in window(ho, wo, size, attrs))

    return (build((*x.shape[:2], *out), y, np.uint8),)


OPERATIONS = {
    f.__name__: f
    for f in (
        quantise,
        dequantise,
        int8_conv2d,
        int8_depthwise,
        int8_pointwise,
        int8_add,
        int8_max_pool,
    )
}

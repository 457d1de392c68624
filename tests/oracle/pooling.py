"""Max and average pooling with their gradients; padding never takes part."""

from itertools import product

import numpy as np

from tests.oracle.arithmetic import Operators
from tests.oracle.convolution import output_size
from tests.oracle.tensors import build, constant, reader


def window(ho, wo, size, attrs):
    """Return the image positions under output (ho, wo) in row-major order."""
    kernel, stride, padding = attrs["kernel"], attrs["stride"], attrs["padding"]
    top, left = ho * stride[0] - padding[0], wo * stride[1] - padding[2]
    places = product(range(top, top + kernel[0]), range(left, left + kernel[1]))
    return [(i, j) for i, j in places if 0 <= i < size[0] and 0 <= j < size[1]]


def max_pool_forward(tensors, attrs, contract):
    (x,) = tensors
    n, c, *size = x.shape
    out = output_size(size, attrs["kernel"], attrs["stride"], attrs["padding"])
    x_at, operators = reader(x), Operators(contract)

    def winner(n, c, ho, wo):
        places = window(ho, wo, size, attrs)
        at, value = operators.maximum(x_at(n, c, i, j) for i, j in places)
        i, j = places[at]
        return value, i * size[1] + j

    shape = (n, c, *out)
    y = build(shape, lambda *place: winner(*place)[0])
    return y, build(shape, lambda *place: winner(*place)[1], np.int32)


def max_pool_input_grad(tensors, attrs, contract):
    dy, index = tensors
    n, c, *out = dy.shape
    dy_at, index_at, operators = reader(dy), reader(index), Operators(contract)

    def dx(n, c, i, j):
        here = i * attrs["size"][1] + j
        places = product(range(out[0]), range(out[1]))
        return operators.sum(dy_at(n, c, *p) for p in places if index_at(n, c, *p) == here)

    return (build((n, c, *attrs["size"]), dx),)


def avg_pool_forward(tensors, attrs, contract):
    (x,) = tensors
    n, c, *size = x.shape
    out = output_size(size, attrs["kernel"], attrs["stride"], attrs["padding"])
    x_at, operators = reader(x), Operators(contract)

    def y(n, c, ho, wo):
        places = window(ho, wo, size, attrs)
        total = operators.sum(x_at(n, c, i, j) for i, j in places)
        return operators.div(total, constant(len(places)))

    return (build((n, c, *out), y),)


def avg_pool_input_grad(tensors, attrs, contract):
    (dy,) = tensors
    n, c, *out = dy.shape
    dy_at, operators = reader(dy), Operators(contract)

    def dx(n, c, i, j):
        shares = []
        for ho, wo in product(range(out[0]), range(out[1])):
            places = window(ho, wo, attrs["size"], attrs)
            if (i, j) in places:
                shares.append(operators.div(dy_at(n, c, ho, wo), constant(len(places))))
        return operators.sum(shares)

    return (build((n, c, *attrs["size"]), dx),)


OPERATIONS = {
    f.__name__: f
    for f in (max_pool_forward, max_pool_input_grad, avg_pool_forward, avg_pool_input_grad)
}

"""Softmax cross-entropy, mean squared error and the mean, a row at a time."""

import math

import numpy as np

from tests.oracle.arithmetic import Operators
from tests.oracle.tensors import build, constant, each


def softmax_cross_entropy_forward(tensors, attrs, contract):
    z, target = tensors
    o = Operators(contract)
    p, loss = [], []
    for row, label in zip(z.tolist(), target.tolist(), strict=True):
        _, m = o.maximum(row)
        shifted = [o.sub(value, m) for value in row]
        e = [o.exp(value) for value in shifted]
        s = o.sum(e)
        p.append([o.div(value, s) for value in e])
        loss.append(o.sub(o.log(s), shifted[label]))
    return np.array(p, np.float32), np.array(loss, np.float32)


def softmax_cross_entropy_input_grad(tensors, attrs, contract):
    p, target = tensors
    o, labels, rows = Operators(contract), target.tolist(), p.tolist()

    def dz(n, k):
        y = 1.0 if k == labels[n] else 0.0
        return o.div(o.sub(rows[n][k], y), constant(attrs["batch"]))

    return (build(p.shape, dz),)


def mean_squared_error_forward(tensors, attrs, contract):
    y, t = tensors
    o, features = Operators(contract), math.prod(y.shape[1:])

    def loss(n):
        s = 0.0
        for a, b in zip(y[n].ravel().tolist(), t[n].ravel().tolist(), strict=True):
            d = o.sub(a, b)
            s = o.mac(d, d, s)
        return o.div(s, constant(features))

    return (build((y.shape[0],), loss),)


def mean_squared_error_input_grad(tensors, attrs, contract):
    y, t = tensors
    o = Operators(contract)
    count = constant(attrs["batch"] * math.prod(y.shape[1:]))

    def dy(a, b):
        d = o.sub(a, b)
        return o.div(o.add(d, d), count)

    return (each(dy, y, t),)


def mean(tensors, attrs, contract):
    (x,) = tensors
    o = Operators(contract)
    return (np.array(o.div(o.sum(x.tolist()), constant(attrs["count"])), np.float32),)


OPERATIONS = {
    f.__name__: f
    for f in (
        softmax_cross_entropy_forward,
        softmax_cross_entropy_input_grad,
        mean_squared_error_forward,
        mean_squared_error_input_grad,
        mean,
    )
}

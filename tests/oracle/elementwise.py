"""The operators as operations, comparison, and the two that only move bits."""

import math

import numpy as np

from tests.oracle.activations import everywhere
from tests.oracle.arithmetic import Operators


def compare(tensors, attrs, contract):
    o = Operators(contract)

    def one(a, b):
        a, b = o.read(a), o.read(b)
        if math.isnan(a) or math.isnan(b):
            return 0
        return 1 if a < b else 4 if a > b else 2

    a, b = tensors
    values = [one(x, y) for x, y in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)]
    return (np.array(values, np.int32).reshape(a.shape),)


def flatten_forward(tensors, attrs, contract):
    (x,) = tensors
    return (np.array(x.ravel().tolist(), np.float32).reshape(x.shape[0], -1),)


def flatten_input_grad(tensors, attrs, contract):
    (dy,) = tensors
    return (np.array(dy.ravel().tolist(), np.float32).reshape(dy.shape[0], *attrs["image"]),)


OPERATIONS = {
    "add": everywhere(lambda o, a, b: o.add(a, b)),
    "sub": everywhere(lambda o, a, b: o.sub(a, b)),
    "mul": everywhere(lambda o, a, b: o.mul(a, b)),
    "div": everywhere(lambda o, a, b: o.div(a, b)),
    "mac": everywhere(lambda o, a, b, c: o.mac(a, b, c)),
    "sqrt": everywhere(lambda o, a: o.sqrt(a)),
    "exp": everywhere(lambda o, a: o.exp(a)),
    "log": everywhere(lambda o, a: o.log(a)),
    "compare": compare,
    "flatten_forward": flatten_forward,
    "flatten_input_grad": flatten_input_grad,
}

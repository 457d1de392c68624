"""ReLU, ReLU6, hard-swish and sigmoid with their gradients, one number at a time."""

import math

from tests.oracle.arithmetic import Operators
from tests.oracle.tensors import each


def relu(o, x):
    x = o.read(x)
    return x if x > 0 or math.isnan(x) else 0.0


def relu_gradient(o, x, dy):
    return o.read(dy) if o.read(x) > 0 else 0.0


def relu6(o, x):
    x = o.read(x)
    if math.isnan(x):
        return x
    if x > 0:
        return x if x < 6 else 6.0
    return 0.0


def relu6_gradient(o, x, dy):
    return o.read(dy) if 0 < o.read(x) < 6 else 0.0


def hard_swish(o, x):
    r = relu6(o, o.add(x, 3.0))
    return o.div(o.mul(x, r), 6.0)


def hard_swish_gradient(o, x, dy):
    if x <= -3:
        return 0.0
    if x >= 3:
        return o.read(dy)
    slope = o.div(o.add(o.add(x, x), 3.0), 6.0)
    return o.mul(dy, slope)


def sigmoid(o, x):
    return o.div(1.0, o.add(1.0, o.exp(-x)))


def sigmoid_gradient(o, y, dy):
    return o.mul(dy, o.mul(y, o.sub(1.0, y)))


def everywhere(function):
    """Turn a function of numbers into an operation on tensors."""

    def operation(tensors, attrs, contract):
        operators = Operators(contract)
        return (each(lambda *numbers: function(operators, *numbers), *tensors),)

    return operation


OPERATIONS = {
    "relu_forward": everywhere(relu),
    "relu_input_grad": everywhere(relu_gradient),
    "relu6_forward": everywhere(relu6),
    "relu6_input_grad": everywhere(relu6_gradient),
    "hard_swish_forward": everywhere(hard_swish),
    "hard_swish_input_grad": everywhere(hard_swish_gradient),
    "sigmoid_forward": everywhere(sigmoid),
    "sigmoid_input_grad": everywhere(sigmoid_gradient),
}

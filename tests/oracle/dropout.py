"""Dropout, one element at a time."""

import numpy as np

from tests.oracle.arithmetic import Operators
from tests.oracle.chance import random_uniform
from tests.oracle.tensors import constant


def dropout_forward(tensors, attrs, contract):
    x, turn = tensors if len(tensors) == 2 else (*tensors, None)
    o, rate = Operators(contract), constant(attrs["rate"])
    drawn = random_uniform((turn,), {**attrs, "start": 0, "count": x.size}, contract)[0]
    kept = o.div(1.0, o.sub(1.0, rate))
    mask = [0.0 if u < o.read(rate) else kept for u in drawn.tolist()]
    y = [o.mul(value, m) for value, m in zip(x.ravel().tolist(), mask, strict=True)]
    return tuple(np.array(v, np.float32).reshape(x.shape) for v in (y, mask))


OPERATIONS = {"dropout_forward": dropout_forward}

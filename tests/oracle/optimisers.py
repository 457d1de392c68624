"""SGD, Adam, and gradient accumulation, one weight at a time."""

import numpy as np

from tests.oracle.activations import everywhere
from tests.oracle.arithmetic import Operators
from tests.oracle.tensors import constant


def decayed(o, decay, w, g):
    """Return the gradient with weight decay, which is left out where it is 0."""
    return g if o.read(decay) == 0 else o.mac(decay, w, g)


def idle(trained):
    """Tell whether no sample of the batch trains."""
    return trained is not None and not any(trained.tolist())


def columns(shape, rows):
    """Turn a list of results, one tuple a weight, into one tensor a result."""
    return tuple(np.array(c, np.float32).reshape(shape) for c in zip(*rows, strict=True))


def sgd(tensors, attrs, contract):
    w, g, velocity, trained = (*tensors, *[None] * (4 - len(tensors)))
    if idle(trained):
        return w.copy(), None if velocity is None else velocity.copy()
    o = Operators(contract)
    lr, mu, wd = (constant(attrs[k]) for k in ("lr", "momentum", "weight_decay"))

    def step(w, g, v):
        g = decayed(o, wd, w, g)
        v = o.mac(mu, v, g)
        return o.mac(-lr, v, w), v

    def plain_step(w, g):
        return (o.mac(-lr, decayed(o, wd, w, g), w),)

    if velocity is None:
        rows = [plain_step(*numbers) for numbers in flat(w, g)]
        return (*columns(w.shape, rows), None)
    return columns(w.shape, [step(*numbers) for numbers in flat(w, g, velocity)])


def adam(tensors, attrs, contract):
    *state, correction = tensors[:5]
    if idle(tensors[5] if len(tensors) > 5 else None):
        return tuple(t.copy() for t in (state[0], *state[2:]))
    o = Operators(contract)
    names = ("lr", "beta1", "beta2", "eps", "weight_decay")
    lr, b1, b2, eps, wd = (constant(attrs[k]) for k in names)
    c1, c2 = o.sub(1.0, b1), o.sub(1.0, b2)
    k1, k2 = correction.tolist()

    def step(w, g, m, v):
        g = decayed(o, wd, w, g)
        m = o.mac(b1, m, o.mul(c1, g))
        v = o.mac(b2, v, o.mul(o.mul(c2, g), g))
        size = o.add(o.sqrt(o.div(v, k2)), eps)
        return o.mac(-lr, o.div(o.div(m, k1), size), w), m, v

    return columns(state[0].shape, [step(*numbers) for numbers in flat(*state)])


def flat(*tensors):
    """Walk through tensors of one shape together."""
    return zip(*(t.ravel().tolist() for t in tensors), strict=True)


OPERATIONS = {
    "sgd": sgd,
    "adam": adam,
    "accumulate": everywhere(lambda o, total, x: o.add(total, x)),
    "clear": everywhere(lambda o, x: 0.0),
    "copy": lambda tensors, attrs, contract: (tensors[0],),
}

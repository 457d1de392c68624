"""pointwise and linear: forward and gradients, one reduction an output element."""

from tests.oracle.arithmetic import Operators
from tests.oracle.reduction import over_batch, reduce
from tests.oracle.tensors import build, reader


def pointwise_forward(tensors, attrs, contract):
    x, w, bias = tensors
    (n, ci, *size), co = x.shape, w.shape[0]
    x_at, w_at, bias_at = reader(x), reader(w), reader(bias)

    def y(n, o, i, j):
        terms = [(x_at(n, c, i, j), w_at(o, c)) for c in range(ci)]
        return reduce(Operators(contract), terms, bias_at(o))

    return (build((n, co, *size), y),)


def pointwise_weight_grad(tensors, attrs, contract):
    x, dy = tensors
    (n, ci, h, w), co = x.shape, dy.shape[1]
    x_at, dy_at = reader(x), reader(dy)

    def dw(o, c):
        samples = [
            [(x_at(s, c, i, j), dy_at(s, o, i, j)) for i in range(h) for j in range(w)]
            for s in range(n)
        ]
        return over_batch(Operators(contract), samples)

    return (build((co, ci), dw),)


def pointwise_input_grad(tensors, attrs, contract):
    w, dy = tensors
    (co, ci), (n, _, *size) = w.shape, dy.shape
    w_at, dy_at = reader(w), reader(dy)

    def dx(n, c, i, j):
        return reduce(Operators(contract), [(dy_at(n, o, i, j), w_at(o, c)) for o in range(co)])

    return (build((n, ci, *size), dx),)


def linear_forward(tensors, attrs, contract):
    x, w, bias = tensors
    (n, fi), fo = x.shape, w.shape[0]
    x_at, w_at, bias_at = reader(x), reader(w), reader(bias)

    def y(n, o):
        return reduce(
            Operators(contract), [(x_at(n, i), w_at(o, i)) for i in range(fi)], bias_at(o)
        )

    return (build((n, fo), y),)


def linear_weight_grad(tensors, attrs, contract):
    x, dy = tensors
    (n, fi), fo = x.shape, dy.shape[1]
    x_at, dy_at = reader(x), reader(dy)

    def dw(o, i):
        return over_batch(Operators(contract), [[(x_at(s, i), dy_at(s, o))] for s in range(n)])

    return (build((fo, fi), dw),)


def linear_bias_grad(tensors, attrs, contract):
    (dy,) = tensors
    n, fo = dy.shape
    dy_at = reader(dy)

    def db(o):
        return over_batch(Operators(contract), [[(dy_at(s, o),)] for s in range(n)])

    return (build((fo,), db),)


def linear_input_grad(tensors, attrs, contract):
    w, dy = tensors
    (fo, fi), n = w.shape, dy.shape[0]
    w_at, dy_at = reader(w), reader(dy)

    def dx(n, i):
        return reduce(Operators(contract), [(dy_at(n, o), w_at(o, i)) for o in range(fo)])

    return (build((n, fi), dx),)


OPERATIONS = {
    f.__name__: f
    for f in (
        pointwise_forward,
        pointwise_weight_grad,
        pointwise_input_grad,
        linear_forward,
        linear_weight_grad,
        linear_bias_grad,
        linear_input_grad,
    )
}

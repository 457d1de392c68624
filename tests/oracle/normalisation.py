"""Statistics of channels, normalisation with its gradients, folding, channel scales."""

from itertools import product

import numpy as np

from tests.oracle.activations import everywhere
from tests.oracle.arithmetic import Operators
from tests.oracle.tensors import build, constant, each, reader


def channels_of(*tensors):
    """Yield, for each channel, the elements of all tensors over (n, h, w): tuples of numbers."""
    shape = tensors[0].shape
    read = [reader(t) for t in tensors]
    for c in range(shape[1]):
        places = product(range(shape[0]), *map(range, shape[2:]))
        yield [tuple(r(n, c, *at) for r in read) for n, *at in places]


def by_channel(function, image, *rows):
    """Apply a function to each element of an image and the numbers of its channel."""
    at, tables = reader(image), [reader(r) for r in rows]
    return build(image.shape, lambda *p: function(at(*p), *(t(p[1]) for t in tables)))


def vectors(rows):
    """Turn a list of tuples, one a channel, into one vector for each place of the tuples."""
    return tuple(np.array(column, np.float32) for column in zip(*rows, strict=True))


def channel_moments(tensors, attrs, contract):
    o, rows = Operators(contract), []
    for elements in channels_of(tensors[0]):
        count, squares = constant(len(elements)), 0.0
        mean = o.div(o.sum(x for (x,) in elements), count)
        for (x,) in elements:
            d = o.sub(x, mean)
            squares = o.mac(d, d, squares)
        rows.append((mean, o.div(squares, count)))
    return vectors(rows)


def deviation(tensors, attrs, contract):
    o, eps = Operators(contract), constant(attrs["eps"])
    return (each(lambda var: o.sqrt(o.add(var, eps)), tensors[0]),)


def moving_average(tensors, attrs, contract):
    o, rate, scale = Operators(contract), constant(attrs["rate"]), constant(attrs["scale"])

    def move(m, value):
        return o.mac(rate, o.sub(o.mul(scale, value), m), m)

    return (each(move, *tensors),)


def held(o, value, low, high):
    """Hold a value between two bounds; a NaN stays."""
    if value < o.read(low):
        return o.read(low)
    return o.read(high) if value > o.read(high) else value


def renorm_corrections(tensors, attrs, contract):
    o, rmax, dmax = Operators(contract), constant(attrs["rmax"]), constant(attrs["dmax"])
    least = o.div(1.0, rmax)

    def r(mean, std, moving_mean, moving_std):
        return held(o, o.div(std, moving_std), least, rmax)

    def d(mean, std, moving_mean, moving_std):
        return held(o, o.div(o.sub(mean, moving_mean), moving_std), -dmax, dmax)

    return each(r, *tensors), each(d, *tensors)


def normal(o, x, mean, std, r, d):
    """Return the normalised value of one element."""
    v = o.sub(x, mean)
    if r is not None:
        v = o.mul(v, r)
    v = o.div(v, std)
    return v if d is None else o.add(v, d)


def padded(tensors, count):
    """Fill up with None what is left out at the end."""
    return (*tensors, *[None] * (count - len(tensors)))


def normalise_forward(tensors, attrs, contract):
    o = Operators(contract)

    def y(x, mean, std, gamma, beta, r, d):
        return o.mac(gamma, normal(o, x, mean, std, r, d), beta)

    return (by_channel(y, *padded(tensors, 7)),)


def normalise_weight_grad(tensors, attrs, contract):
    x, mean, std, dy, r, d = padded(tensors, 6)
    o, rows, tables = Operators(contract), [], [reader(t) for t in (mean, std, r, d)]
    for c, elements in enumerate(channels_of(x, dy)):
        dgamma = 0.0
        for value, gradient in elements:
            v = normal(o, value, *(t(c) for t in tables))
            dgamma = o.mac(gradient, v, dgamma)
        rows.append((dgamma, o.sum(gradient for _, gradient in elements)))
    return vectors(rows)


def scaled(o, dy, gamma, r):
    g = o.mul(dy, gamma)
    return g if r is None else o.mul(g, r)


def normalise_input_grad(tensors, attrs, contract):
    std, gamma, dy, r = padded(tensors, 4)
    o = Operators(contract)

    def dx(dy, std, gamma, r):
        return o.div(scaled(o, dy, gamma, r), std)

    return (by_channel(dx, dy, std, gamma, r),)


def batch_norm_input_grad(tensors, attrs, contract):
    x, mean, std, gamma, dy, r = padded(tensors, 6)
    o, tables = Operators(contract), [reader(t) for t in (mean, std, gamma, r)]
    means = []
    for c, elements in enumerate(channels_of(x, dy)):
        mean_c, std_c, gamma_c, r_c = (t(c) for t in tables)
        count, total, products = constant(len(elements)), 0.0, 0.0
        for value, gradient in elements:
            u = o.div(o.sub(value, mean_c), std_c)
            g = scaled(o, gradient, gamma_c, r_c)
            total, products = o.add(total, g), o.mac(g, u, products)
        means.append((o.div(total, count), o.div(products, count)))
    x_at, dy_at = reader(x), reader(dy)

    def dx(*place):
        mean_c, std_c, gamma_c, r_c = (t(place[1]) for t in tables)
        a, b = means[place[1]]
        u = o.div(o.sub(x_at(*place), mean_c), std_c)
        g = scaled(o, dy_at(*place), gamma_c, r_c)
        return o.div(o.mac(-u, b, o.sub(g, a)), std_c)

    return (build(x.shape, dx),)


def fold_norm(tensors, attrs, contract):
    weight, bias, *rows = tensors
    o, at = Operators(contract), reader(weight)
    gamma, beta, mean, std = (row.tolist() for row in rows)
    factors = [o.div(g, s) for g, s in zip(gamma, std, strict=True)]
    starts = [0.0] * len(gamma) if bias is None else bias.tolist()
    folded = build(weight.shape, lambda *p: o.mul(at(*p), factors[p[0]]))
    shift = [
        o.mac(o.sub(start, m), f, b)
        for start, m, f, b in zip(starts, mean, factors, beta, strict=True)
    ]
    return folded, np.array(shift, np.float32)


def channel_scale_gate_grad(tensors, attrs, contract):
    o, (x, dy) = Operators(contract), map(reader, tensors)
    n, c, h, w = tensors[0].shape

    def ds(*place):
        total = 0.0
        for at in product(range(h), range(w)):
            total = o.mac(x(*place[:2], *at), dy(*place[:2], *at), total)
        return total

    return (build((n, c, 1, 1), ds),)


def channel_scale_forward(tensors, attrs, contract):
    image, s = tensors
    return everywhere(lambda o, a, b: o.mul(a, b))(
        (image, np.broadcast_to(s, image.shape)), attrs, contract
    )


def channel_scale_input_grad(tensors, attrs, contract):
    return channel_scale_forward(tensors[::-1], attrs, contract)


OPERATIONS = {
    f.__name__: f
    for f in (
        channel_moments,
        deviation,
        moving_average,
        renorm_corrections,
        normalise_forward,
        normalise_weight_grad,
        normalise_input_grad,
        batch_norm_input_grad,
        fold_norm,
        channel_scale_forward,
        channel_scale_input_grad,
        channel_scale_gate_grad,
    )
}

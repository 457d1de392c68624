"""Sparse gradients: the dense sums of products, those left out whose dy does not survive."""

from itertools import product

import numpy as np

from tests.oracle.arithmetic import Operators
from tests.oracle.convolution import gradient_order, gradient_tap, image_tap
from tests.oracle.reduction import reduce
from tests.oracle.tensors import build, reader

POINT = {"stride": (1, 1), "padding": (0, 0, 0, 0)}


def slots(contract, total, entering):
    """Lay terms out for `reduce`: each partial sum holds its own in the order in which they enter.

    `entering` holds (number, term); a partial sum owns the numbers that it has in the dense sum.
    """
    kind, n = contract.reduction.kind, contract.reduction.n
    size = -(-total // n) if kind == "split" else n

    def part(number):
        return {"sequential": 0, "lanes": number % max(n, 1)}.get(kind, number // max(size, 1))

    places = {}
    for number in range(total):
        places.setdefault(part(number), []).append(number)
    laid, free = [None] * total, {p: iter(numbers) for p, numbers in places.items()}
    for number, term in entering:
        laid[next(free[part(number)])] = term
    return laid


def batch(contract, each, samples):
    """Reduce a weight or bias gradient; `samples` holds the entering terms of each sample."""
    o = Operators(contract)
    if contract.batch == "chain":
        chain = [(s * each + t, term) for s, terms in enumerate(samples) for t, term in terms]
        return reduce(o, slots(contract, each * len(samples), chain))
    total = None if contract.start == "first_product" else 0.0
    for terms in samples:
        if any(term is not None for _, term in terms):
            gradient = reduce(o, slots(contract, each, terms))
            total = gradient if total is None else o.add(total, gradient)
    return 0.0 if total is None else total


class Lists:
    """Survivors of each sample, as entries (channel, row, column) or as channels."""

    def __init__(self, dy, count, index, attrs, contract):
        self.n, self.c, self.ho, self.wo = dy.shape
        self.channels = attrs.get("channels", 0)
        self.m = self.c if self.channels else self.c * self.ho * self.wo
        self.places = list(product(range(self.ho), range(self.wo)))
        counts, rows = count.tolist(), index.tolist()
        shared = len(counts) == 1
        self.listed = [
            rows[0 if shared else s][: counts[0 if shared else s]] for s in range(self.n)
        ]
        self.full = [len(row) == self.m for row in self.listed]
        self.dense = [full or contract.selection_order == "ascending" for full in self.full]

    def of(self, s, c):
        """Return the surviving (row, column) of a channel in the order of the list."""
        if self.channels:
            return self.places if c in self.listed[s] else []
        row = sorted(self.listed[s]) if self.dense[s] else self.listed[s]
        each = self.ho * self.wo
        return [divmod(e % each, self.wo) for e in row if e // each == c]

    def channel_order(self, s):
        """Return the channels with survivors, each as often as the list has it."""
        if self.channels:
            return sorted(self.listed[s]) if self.dense[s] else self.listed[s]
        return [e // (self.ho * self.wo) for e in self.listed[s]]


def weight_grad(x, dy, count, index, attrs, contract, depthwise=False):
    (_, ci, *size), (_, co, _, wo) = x.shape, dy.shape
    stride, padding, kernel = attrs["stride"], attrs["padding"], attrs["kernel"]
    x_at, dy_at, lists = reader(x), reader(dy), Lists(dy, count, index, attrs, contract)

    def term(s, o, c, place, kh, kw):
        i, j = (place[k] * stride[k] - padding[2 * k] + (kh, kw)[k] for k in (0, 1))
        return image_tap(contract, x_at, dy_at(s, o, *place), s, c, i, j, size)

    def dw(o, c, kh, kw):
        samples = [
            [(i * wo + j, term(s, o, c, (i, j), kh, kw)) for i, j in lists.of(s, o)]
            for s in range(lists.n)
        ]
        return batch(contract, len(lists.places), samples)

    effort = effort_of(lists, ci, kernel, depthwise)
    if depthwise:
        return build((co, *kernel), lambda c, kh, kw: dw(c, c, kh, kw)), effort
    return build((co, ci, *kernel), dw), effort


def input_grad(w, dy, count, index, attrs, contract, depthwise=False):
    kernel, (n, co, *out) = w.shape[-2:], dy.shape
    stride, padding, size = attrs["stride"], attrs["padding"], attrs["size"]
    w_at, dy_at, lists = reader(w), reader(dy), Lists(dy, count, index, attrs, contract)
    taps = gradient_order(contract, kernel)

    def entering(s, c, i, j, channels):
        def number(o, tap):
            return channels.index(o) * len(taps) + taps.index(tap)

        def term(o, tap):
            weight = w_at(o, *tap) if depthwise else w_at(o, c, *tap)
            return gradient_tap(contract, dy_at, weight, s, o, i, j, tap, out, stride, padding)

        if lists.channels or lists.full[s]:
            kept = lists.channel_order(s) if lists.channels else channels
            terms = [(number(o, t), term(o, t)) for o in kept if o in channels for t in taps]
        else:
            met = []
            for e in lists.listed[s]:
                o, (ho, wo) = e // (out[0] * out[1]), divmod(e % (out[0] * out[1]), out[1])
                tap = (i + padding[0] - ho * stride[0], j + padding[2] - wo * stride[1])
                if o in channels and tap in taps:
                    met.append((number(o, tap), term(o, tap)))
            terms = met
        return sorted(terms, key=lambda t: t[0]) if lists.dense[s] else terms

    def dx(s, c, i, j):
        channels = [c] if depthwise else list(range(co))
        laid = slots(contract, len(channels) * len(taps), entering(s, c, i, j, channels))
        return reduce(Operators(contract), laid)

    ci = co if depthwise else w.shape[1]
    return build((n, ci, *size), dx), effort_of(lists, ci, kernel, depthwise)


def effort_of(lists, ci, kernel, depthwise):
    """Count kh*kw for each survivor and position of it."""
    each = [0] * ci
    for s in range(lists.n):
        for o in lists.channel_order(s):
            for c in [o] if depthwise else range(ci):
                for _ in lists.places if lists.channels else [0]:
                    each[c] += kernel[0] * kernel[1]
    return np.array(each, np.int32)


def image(t):
    """Return features (n, f) as (n, f, 1, 1)."""
    return t.reshape(*t.shape, 1, 1)


def conv2d_sparse_weight_grad(tensors, attrs, contract):
    return weight_grad(*tensors, attrs, contract)


def conv2d_sparse_input_grad(tensors, attrs, contract):
    return input_grad(*tensors, attrs, contract)


def depthwise_sparse_weight_grad(tensors, attrs, contract):
    return weight_grad(*tensors, attrs, contract, depthwise=True)


def depthwise_sparse_input_grad(tensors, attrs, contract):
    return input_grad(*tensors, attrs, contract, depthwise=True)


def pointwise_sparse_weight_grad(tensors, attrs, contract):
    dw, effort = weight_grad(*tensors, {**POINT, "kernel": (1, 1), **attrs}, contract)
    return dw.reshape(dw.shape[:2]), effort


def pointwise_sparse_input_grad(tensors, attrs, contract):
    w, dy, *lists = tensors
    return input_grad(image(w), dy, *lists, {**POINT, "size": dy.shape[2:], **attrs}, contract)


def linear_sparse_weight_grad(tensors, attrs, contract):
    x, dy, *lists = tensors
    return pointwise_sparse_weight_grad((image(x), image(dy), *lists), attrs, contract)


def linear_sparse_input_grad(tensors, attrs, contract):
    w, dy, *lists = tensors
    dx, effort = pointwise_sparse_input_grad((w, image(dy), *lists), attrs, contract)
    return dx.reshape(dx.shape[:2]), effort


def sparse_bias_grad(tensors, attrs, contract):
    dy, count, index = tensors
    dy = dy.reshape(*dy.shape[:2], 1, -1)
    dy_at, lists = reader(dy), Lists(dy, count, index, attrs, contract)

    def db(o):
        samples = [[(j, (dy_at(s, o, i, j),)) for i, j in lists.of(s, o)] for s in range(lists.n)]
        return batch(contract, len(lists.places), samples)

    return (build((lists.c,), db),)


def sampled_bias_grad(tensors, attrs, contract):
    dy, trained = tensors
    dy, at = dy.reshape(*dy.shape[:2], -1), trained.tolist()
    dy_at, each = reader(dy), range(dy.shape[2])

    def db(o):
        samples = [[(j, (dy_at(s, o, j),)) for j in each if at[s]] for s in range(len(at))]
        return batch(contract, len(each), samples)

    return (build((dy.shape[1],), db),)


OPERATIONS = {
    f.__name__: f
    for f in (
        conv2d_sparse_weight_grad,
        conv2d_sparse_input_grad,
        depthwise_sparse_weight_grad,
        depthwise_sparse_input_grad,
        pointwise_sparse_weight_grad,
        pointwise_sparse_input_grad,
        linear_sparse_weight_grad,
        linear_sparse_input_grad,
        sparse_bias_grad,
        sampled_bias_grad,
    )
}

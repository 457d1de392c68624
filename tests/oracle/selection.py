"""Measures, TinyProp's ratios, the choice of survivors, parts of tensors, and gates."""

import math
from itertools import product

import numpy as np

from tests.oracle.arithmetic import Operators
from tests.oracle.tensors import build, constant, reader


def rows_of(t):
    """Return the elements of each row as lists of numbers."""
    return [row.ravel().tolist() for row in t]


def vector(values, dtype=np.float32):
    return np.array(values, dtype)


def magnitude_sum(tensors, attrs, contract):
    o = Operators(contract)
    return (vector([o.sum(map(math.fabs, row)) for row in rows_of(tensors[0])]),)


def entry_magnitudes(tensors, attrs, contract):
    o = Operators(contract)
    columns = zip(*rows_of(tensors[0]), strict=True)
    return (vector([[o.sum(map(math.fabs, column)) for column in columns]]),)


def channel_magnitudes(tensors, attrs, contract):
    (dy,) = tensors
    sums = [magnitude_sum((sample,), attrs, contract)[0].tolist() for sample in dy]
    return (vector(sums),)


def axis_squares(tensors, attrs, contract):
    (w,), o, axis = tensors, Operators(contract), attrs["axis"]
    sums, w_at = [0.0] * w.shape[axis], reader(w)
    for place in product(*map(range, w.shape)):
        value = w_at(*place)
        sums[place[axis]] = o.mac(value, value, sums[place[axis]])
    return (vector([sums]),)


def running_max(tensors, attrs, contract):
    y, y_max = (t.tolist() for t in tensors)
    o, peaks = Operators(contract), []
    largest = o.read(y_max[0])
    for value in map(o.read, y):
        if value > largest:
            largest = value
        peaks.append(largest)
    return vector(peaks), vector([largest])


def scaled(o, y, peak, low, high, factor):
    """Return (low + (y*(high - low))/peak)*factor, or low*factor where peak is 0."""
    if o.read(peak) == 0:
        return o.mul(low, factor)
    return o.mul(o.add(low, o.div(o.mul(y, o.sub(high, low)), peak)), factor)


def tinyprop_decide(tensors, attrs, contract):
    y, y_max = (t.tolist() for t in tensors)
    o = Operators(contract)
    low, high, factor, threshold = (
        constant(attrs[k]) for k in ("d_min", "d_max", "factor", "threshold")
    )
    largest, rows = o.read(y_max[0]), []
    for value in map(o.read, y):
        seen = value if value > largest else largest
        measure = scaled(o, value, seen, low, high, factor)
        trained = not measure <= o.read(threshold)
        rows.append((trained, measure, seen))
        if trained or attrs["remember"]:
            largest = seen
    trained, measure, peak = zip(*rows, strict=True)
    return vector(trained, np.int32), vector(measure), vector(peak), vector([largest])


def tinyprop_count(tensors, attrs, contract):
    y, peak, trained = (None if t is None else t.tolist() for t in tensors)
    o, entries = Operators(contract), attrs["entries"]
    low, high, zeta = (constant(attrs[k]) for k in ("s_min", "s_max", "zeta"))

    def one(y, peak):
        ratio = scaled(o, y, peak, low, high, zeta)
        if not math.isfinite(ratio):
            return entries, ratio
        wanted = o.mul(constant(entries), ratio)
        if math.isinf(wanted):
            return (entries if wanted > 0 else 1), ratio
        whole = round(wanted) if attrs["half_even"] else math.trunc(wanted)
        return min(max(whole, 1), entries), ratio

    pairs = [one(*numbers) for numbers in zip(y, peak, strict=True)]
    if trained is not None:
        pairs = [p if t else (0, 0.0) for p, t in zip(pairs, trained, strict=True)]
    return vector([p[0] for p in pairs], np.int32), vector([p[1] for p in pairs])


def size_of(x):
    """Return what a magnitude compares by: one NaN, above everything."""
    return (1, 0.0) if math.isnan(x) else (0, math.fabs(x))


def largest(sizes, k):
    """Return the k largest by index; of equal ones the first."""
    return sorted(sorted(range(len(sizes)), key=lambda i: sizes[i], reverse=True)[:k])


def heap(sizes, k):
    """Return the k largest as a min-heap leaves them.

    Indices 0 to k-1 are made a heap from position k >> 1 down to 0. A later one takes the root's
    place only if it is strictly larger. On the way down the left child is compared, unless it is
    larger than the right one; only a strictly smaller child goes up. k = n leaves 0 to n-1.
    """
    if k == len(sizes):
        return list(range(k))
    at = list(range(k))

    def down(p):
        left, right = 2 * p + 1, 2 * p + 2
        if left >= k:
            return
        child = right if right < k and sizes[at[left]] > sizes[at[right]] else left
        if sizes[at[child]] < sizes[at[p]]:
            at[p], at[child] = at[child], at[p]
            down(child)

    p = k >> 1
    while p >= 0:
        down(p)
        p -= 1
    for i in range(k, len(sizes)):
        if sizes[i] > sizes[at[0]]:
            at[0] = i
            down(0)
    return at


def top_k(tensors, attrs, contract):
    a, wanted = tensors
    o, rows = Operators(contract), rows_of(a)
    m = len(rows[0])
    cap = attrs["k"] if 0 < attrs["k"] < m else m
    counts = [cap] * len(rows) if wanted is None else [min(k, cap) for k in wanted.tolist()]
    choose = heap if contract.selection_order == "heap" else largest
    index = []
    for row, k in zip(rows, counts, strict=True):
        chosen = choose([size_of(o.read(x)) for x in row], k) if k else []
        index.append(chosen + [-1] * (cap - k))
    return vector(counts, np.int32), vector(index, np.int32)


def gather(tensors, attrs, contract):
    x, index = tensors
    axis, places, x_at = attrs["axis"], index[0].tolist(), reader(x)
    shape = [*x.shape]
    shape[axis] = len(places)
    return (build(shape, lambda *at: x_at(*at[:axis], places[at[axis]], *at[axis + 1 :])),)


def scatter(tensors, attrs, contract):
    x, y, index = tensors
    axis, places, x_at, y_at = attrs["axis"], index[0].tolist(), reader(x), reader(y)

    def one(*at):
        value = x_at(*at)
        for k, place in enumerate(places):
            if place == at[axis]:
                value = y_at(*at[:axis], k, *at[axis + 1 :])
        return value

    return (build(x.shape, one),)


def gate_bits(tensors, attrs, contract):
    o, below = Operators(contract), constant(attrs["below"])
    words = []
    for i, x in enumerate(tensors[0].ravel().tolist()):
        words += [0] if i % 32 == 0 else []
        words[-1] += 2 ** (i % 32) if is_open(o.read(x), o.read(below)) else 0
    return (vector([w - 2**32 if w >= 2**31 else w for w in words], np.int32),)


def is_open(x, below):
    return x > 0 if below == float("inf") else 0 < x < below


def gate_grad(tensors, attrs, contract):
    bits, dy = tensors
    o, words = Operators(contract), bits.tolist()
    values = [
        o.read(g) if words[i // 32] >> (i % 32) & 1 else 0.0
        for i, g in enumerate(dy.ravel().tolist())
    ]
    return (vector(values).reshape(dy.shape),)


OPERATIONS = {
    f.__name__: f
    for f in (
        magnitude_sum,
        entry_magnitudes,
        channel_magnitudes,
        axis_squares,
        running_max,
        tinyprop_decide,
        tinyprop_count,
        top_k,
        gather,
        scatter,
        gate_bits,
        gate_grad,
    )
}

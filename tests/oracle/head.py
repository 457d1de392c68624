"""Heads kept class by class, and synaptic intelligence: number by number."""

import math

import numpy as np

from tests.oracle.arithmetic import Operators
from tests.oracle.tensors import constant, each


def class_counts(tensors, attrs, contract):
    labels = tensors[0].tolist()
    return (np.array([labels.count(c) for c in range(attrs["classes"])], np.int32),)


def load_head(tensors, attrs, contract):
    saved, counts = (t.tolist() for t in tensors)
    rows = [row if n > 0 else [0.0] * len(row) for row, n in zip(saved, counts, strict=True)]
    return (np.array(rows, np.float32),)


def consolidate_head(tensors, attrs, contract):
    o, (saved, past, w, counts) = Operators(contract), (t.tolist() for t in tensors)
    hand = [c for c, n in enumerate(counts) if n > 0]
    if hand:
        total = o.sum(value for c in hand for value in w[c])
        mean = o.div(total, constant(len(hand) * len(w[0])))
    for c in hand:
        change = [o.sub(value, mean) for value in w[c]]
        if past[c] > 0:
            k = o.sqrt(o.div(constant(past[c]), constant(counts[c])))
            old = zip(saved[c], change, strict=True)
            change = [o.div(o.mac(s, k, v), o.add(k, 1.0)) for s, v in old]
        saved[c] = change
        past[c] = (past[c] + counts[c] + 2**31) % 2**32 - 2**31
    return np.array(saved, np.float32), np.array(past, np.int32)


def synaptic_path(tensors, attrs, contract):
    o = Operators(contract)
    return (each(lambda path, g, before, after: o.mac(g, o.sub(after, before), path), *tensors),)


def synaptic_importance(tensors, attrs, contract):
    o = Operators(contract)
    factor, eps, clip = (constant(attrs[k]) for k in ("factor", "eps", "clip"))

    def one(importance, path, anchor, weight):
        d = o.sub(weight, anchor)
        share = o.div(o.mul(factor, -path), o.mac(d, d, eps))
        if math.isnan(share):
            return o.read(importance)
        total = o.add(importance, share)
        return min(total, o.read(clip)) if total > 0 else 0.0

    return (each(one, *tensors),)


def synaptic_pull(tensors, attrs, contract):
    o, strength = Operators(contract), constant(attrs["strength"])
    return (each(lambda g, i, w, a: o.mac(o.mul(strength, i), o.sub(w, a), g), *tensors),)


OPERATIONS = {
    f.__name__: f
    for f in (
        class_counts,
        load_head,
        consolidate_head,
        synaptic_path,
        synaptic_importance,
        synaptic_pull,
    )
}

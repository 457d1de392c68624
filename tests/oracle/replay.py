"""Rows of a memory, and places that move on with a turn: element by element."""

from fractions import Fraction

import numpy as np

from tests.oracle.arithmetic import Operators
from tests.oracle.chance import bounded, stream_at
from tests.oracle.rounding import nearest_even


def taken(tensors, attrs, contract):
    x, index = tensors
    return (np.array([x.tolist()[i] for i in index[0].tolist()], x.dtype),)


def put(tensors, attrs, contract):
    x, y, places = tensors
    rows = list(x)
    for row, place in zip(y, places[0].tolist(), strict=True):
        if place != -1:
            rows[place] = row
    return (np.stack(rows),)


def behind(tensors, attrs, contract):
    a, b = tensors
    return (np.stack([*a, *b]),)


def turn_places(tensors, attrs, contract):
    turn = int(tensors[0][0]) % 2**32
    places = [(turn * attrs["count"] + j) % 2**32 for j in range(attrs["count"])]
    return (np.array([places], np.uint32).view(np.int32),)


def take_turn(tensors, attrs, contract):
    order, turn = tensors[0].tolist(), int(tensors[1][0]) % 2**32
    at = [(turn * attrs["count"] + j) % len(order) for j in range(attrs["count"])]
    return (np.array([[order[i] for i in at]], np.int32),)


def quantise_latents(tensors, attrs, contract):
    x, scale = tensors[0], float(tensors[1][0])
    o, bits = Operators(contract), attrs["bits"]
    top = 2**bits - 1

    def level(value):
        ratio = o.div(value, scale)
        if o.read(scale) == 0 or not ratio > 0:
            return 0
        return top if ratio >= top else nearest_even(Fraction(ratio))

    rows = []
    for sample in x:
        levels = [level(value) for value in sample.ravel().tolist()]
        whole = sum(q << i * bits for i, q in enumerate(levels))
        rows.append(list(whole.to_bytes(-(-len(levels) * bits // 8), "little")))
    return (np.array(rows, np.uint8),)


def dequantise_latents(tensors, attrs, contract):
    packed, scale = tensors[0], float(tensors[1][0])
    o, bits, (c, h, w) = Operators(contract), attrs["bits"], attrs["image"]
    values = []
    for row in packed:
        whole = int.from_bytes(row.tobytes(), "little")
        values += [o.mul(float(whole >> i * bits & 2**bits - 1), scale) for i in range(c * h * w)]
    return (np.array(values, np.float32).reshape(len(packed), c, h, w),)


def latent_scale(tensors, attrs, contract):
    quotient = Operators(contract).div(float(tensors[0][0]), float(2 ** attrs["bits"] - 1))
    return (np.array([quotient], np.float32),)


def largest(tensors, attrs, contract):
    o, most = Operators(contract), 0.0
    for value in [*tensors[1].tolist(), *tensors[0].ravel().tolist()]:
        if o.read(value) > most:
            most = o.read(value)
    return (np.array([most], np.float32),)


def random_places(tensors, attrs, contract):
    seed, stream = attrs["seed"], stream_at(tensors, attrs)
    slots, filled, stored, count = (attrs[k] for k in ("slots", "filled", "stored", "count"))
    chosen = list(range(filled, slots))[:stored]
    others, taken = stored - len(chosen), []
    for last in range(filled - others, filled):
        number = bounded(seed, stream, count + len(taken), last + 1)
        taken.append(last if number in taken else number)
    places = chosen + taken + [-1] * (count - stored)
    for i in reversed(range(1, count)):
        j = bounded(seed, stream, i, i + 1)
        places[i], places[j] = places[j], places[i]
    return (np.array([places], np.int32),)


def reservoir_places(tensors, attrs, contract):
    seed, stream = attrs["seed"], stream_at(tensors, attrs)
    places = []
    for j in range(attrs["count"]):
        t = attrs["seen"] + j
        if t >= attrs["slots"]:
            t = bounded(seed, stream, j, t + 1)
        places.append(t if t < attrs["slots"] else -1)
    return (np.array([places], np.int32),)


def balanced_places(tensors, attrs, contract):
    """Entries are (label, sample or None); free places hold nothing."""
    kept, labels, turn = tensors
    seed, stream, classes = attrs["seed"], stream_at((turn,), attrs), range(attrs["classes"])
    memory = [(label, None) for label in kept.tolist()]
    filled, left = attrs["filled"], dict(enumerate(labels.tolist()))

    def size(label):
        return sum(entry[0] == label for entry in memory[:filled])

    for k in range(len(labels)):
        sample = sorted(left)[bounded(seed, stream, k, len(left))]
        label = left.pop(sample)
        largest = max(classes, key=size)  # the first of them
        if filled < len(memory):
            memory[filled] = (label, sample)
            filled += 1
        elif size(label) < size(largest):
            entries = [s for s, entry in enumerate(memory) if entry[0] == largest]
            which = bounded(seed, stream, len(labels) + k, len(entries))
            memory[entries[which]] = (label, sample)
    owners = {sample: place for place, (_, sample) in enumerate(memory) if sample is not None}
    return (
        np.array([[owners.get(i, -1) for i in range(len(labels))]], np.int32),
        np.array([label for label, _ in memory], np.int32),
        np.array([size(label) for label in classes], np.int32),
    )


OPERATIONS = {
    **{f.__name__: f for f in (random_places, reservoir_places, balanced_places)},
    **{f.__name__: f for f in (quantise_latents, dequantise_latents, latent_scale, largest)},
    **dict.fromkeys(("gather_bytes", "gather_labels"), taken),
    **dict.fromkeys(("put_rows", "put_bytes", "put_labels"), put),
    **dict.fromkeys(("concat_rows", "concat_labels"), behind),
    "turn_places": turn_places,
    "take_turn": take_turn,
}

"""Rows of a memory, and places that move on with a turn: element by element."""

import numpy as np


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


OPERATIONS = {
    **dict.fromkeys(("gather_bytes", "gather_labels"), taken),
    **dict.fromkeys(("put_rows", "put_bytes", "put_labels"), put),
    **dict.fromkeys(("concat_rows", "concat_labels"), behind),
    "turn_places": turn_places,
    "take_turn": take_turn,
}

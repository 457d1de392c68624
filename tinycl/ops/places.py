"""Which places of a replay memory new samples take: CONTRACT.md section 6 has the rules.

A memory has places 0, 1, 2, ...; the first `filled` of them hold an entry. Lists of places are
(1, n), one place for each new sample, -1 for one that is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num import generator
from tinycl.num.sums import Shape
from tinycl.ops.chance import COUNT, SEED, STREAM, TURN, one_turn, stream_at
from tinycl.ops.spec import Arg, Attr, expect, operation
from tinycl.ops.survivors import I32Array

SLOTS, FILLED = Attr("slots", least=1), Attr("filled")
PLACES = Arg("places", "one n", "i32")


def _random_shapes(
    turn: Shape | None, *, slots: int, filled: int, stored: int, count: int, **_: int
) -> tuple[Shape, ...]:
    name = "random_places"
    one_turn(name, turn)
    if filled > slots:
        raise ShapeError(f"{name}: filled is {filled}; there are {slots} slots")
    if stored > min(slots, count):
        raise ShapeError(
            f"{name}: stored is {stored}; {count} samples and {slots} slots allow "
            f"{min(slots, count)}"
        )
    return ((1, count),)


@operation(
    inputs=(TURN,),
    outputs=(PLACES,),
    attrs=(SEED, STREAM, SLOTS, FILLED, Attr("stored"), COUNT),
    shapes=_random_shapes,
)
def random_places(
    turn: I32Array | None = None,
    *,
    seed: int,
    stream: int,
    slots: int,
    filled: int,
    stored: int,
    count: int,
    contract: Contract = DEFAULT,
) -> I32Array:
    """Choose some of the new samples, and random entries that they replace.

    Parameters
    ----------
    turn : ndarray of int32, shape (1,), optional
        Added to `stream`.
    seed, stream : int
    slots, filled : int
        Places of the memory, and how many of them hold an entry.
    stored : int
        How many of the new samples are kept.
    count : int
        New samples.
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of int32, shape (1, count)
        `stored` different places, at random samples: the free ones in ascending order as far as
        they go, then random ones of those that are filled.

    Raises
    ------
    ShapeError
        More entries than slots; more samples to keep than there are, or than slots.
    """
    u = generator.draws(seed, stream_at(stream, turn), 0, count + stored)
    free = min(stored, slots - filled)
    places, others = [filled + j for j in range(free)], stored - free
    replaced = set[int]()
    for j in range(others):  # Floyd's sampling without replacement
        last = filled - others + j
        place = u[count + j] * (last + 1) >> 64
        places.append(last if place in replaced else place)
        replaced.add(places[-1])
    places += [-1] * (count - stored)
    for i in range(count - 1, 0, -1):
        j = u[i] * (i + 1) >> 64
        places[i], places[j] = places[j], places[i]
    return np.array([places], np.int32)


def _reservoir_shapes(turn: Shape | None, *, seen: int, count: int, **_: int) -> tuple[Shape, ...]:
    one_turn("reservoir_places", turn)
    if seen + count >= 1 << 31:
        raise ShapeError(
            f"reservoir_places: {count} samples after {seen} are too many; the limit is 2^31 - 1"
        )
    return ((1, count),)


@operation(
    inputs=(TURN,),
    outputs=(PLACES,),
    attrs=(SEED, STREAM, SLOTS, Attr("seen"), COUNT),
    shapes=_reservoir_shapes,
)
def reservoir_places(
    turn: I32Array | None = None,
    *,
    seed: int,
    stream: int,
    slots: int,
    seen: int,
    count: int,
    contract: Contract = DEFAULT,
) -> I32Array:
    """Keep a uniform sample of all samples so far (Vitter, 1985, algorithm R).

    Parameters
    ----------
    turn : ndarray of int32, shape (1,), optional
        Added to `stream`.
    seed, stream : int
    slots : int
        Places of the memory.
    seen : int
        Samples before these.
    count : int
        New samples.
    contract : Contract
        Does not matter.

    Returns
    -------
    ndarray of int32, shape (1, count)
        For sample j, number t = seen + j of all: t where there is such a place; otherwise a random
        number from 0 to t, -1 if there is no such place. Of several for one place the last stays.

    Raises
    ------
    ShapeError
        2^31 samples or more.
    """
    u = generator.draws(seed, stream_at(stream, turn), 0, count)
    drawn = [
        t if t < slots else u[j] * (t + 1) >> 64 for j, t in enumerate(range(seen, seen + count))
    ]
    return np.array([[place if place < slots else -1 for place in drawn]], np.int32)


def _classes(shapes: Mapping[str, Shape], attrs: Mapping[str, Any]) -> int:
    return int(attrs["classes"])


def _balanced_shapes(
    kept: Shape, labels: Shape, turn: Shape | None, *, filled: int, classes: int, **_: int
) -> tuple[Shape, ...]:
    name = "balanced_places"
    expect(name, "kept", kept, 1, "slot")
    expect(name, "labels", labels, 1, "n")
    one_turn(name, turn)
    if filled > kept[0]:
        raise ShapeError(f"{name}: filled is {filled}; kept {kept} has {kept[0]} slots")
    return (1, labels[0]), kept, (classes,)


@operation(
    inputs=(
        Arg("kept", "slot", "i32", below=_classes, least=-1),
        Arg("labels", "n", "i32", below=_classes),
        TURN,
    ),
    outputs=(
        PLACES,
        Arg("kept", "slot", "i32", updates="kept", moves=("kept", "labels")),
        Arg("counts", "class", "i32"),
    ),
    attrs=(SEED, STREAM, FILLED, Attr("classes", least=1)),
    shapes=_balanced_shapes,
)
def balanced_places(
    kept: I32Array,
    labels: I32Array,
    turn: I32Array | None = None,
    *,
    seed: int,
    stream: int,
    filled: int,
    classes: int,
    contract: Contract = DEFAULT,
) -> tuple[I32Array, I32Array, I32Array]:
    """Keep as many entries of each class as there are, and as many as of the others.

    The new samples come in random order. One takes the next free place; without one, a random
    entry of the class that has most, the lowest such class, if its own class has fewer; else it is
    not kept.

    Parameters
    ----------
    kept : ndarray of int32, shape (slots,)
        Labels of the entries; -1, and what stands behind `filled`, is of no class.
    labels : ndarray of int32, shape (n,)
        Of the new samples.
    turn : ndarray of int32, shape (1,), optional
        Added to `stream`.
    seed, stream : int
    filled : int
        How many places hold an entry.
    classes : int
    contract : Contract
        Does not matter.

    Returns
    -------
    places : ndarray of int32, shape (1, n)
        All different; -1 also for a sample that a later one replaced.
    kept : ndarray of int32, shape (slots,)
        With the labels of the new entries.
    counts : ndarray of int32, shape (classes,)
        Entries of each class then.

    Raises
    ------
    ShapeError
        More entries than slots; a label that is no class.
    """
    n, slots = len(labels), len(kept)
    u = generator.draws(seed, stream_at(stream, turn), 0, 2 * n)
    held, owner = kept.tolist(), dict[int, int]()
    counts = [held[:filled].count(c) for c in range(classes)]
    places, unseen = [-1] * n, list(range(n))
    for k in range(n):
        i = unseen.pop(u[k] * (n - k) >> 64)
        own, most = int(labels[i]), int(np.argmax(counts))
        if filled < slots:
            place, filled = filled, filled + 1
        elif counts[own] < counts[most]:
            entries = [s for s in range(slots) if held[s] == most]
            place = entries[u[n + k] * counts[most] >> 64]
            counts[most] -= 1
        else:
            continue
        if place in owner:
            places[owner[place]] = -1
        places[i], owner[place], held[place] = place, i, own
        counts[own] += 1
    return np.array([places], np.int32), np.array(held, np.int32), np.array(counts, np.int32)

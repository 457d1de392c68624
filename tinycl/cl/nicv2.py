"""NICv2: a first batch of several classes, then one session of a few classes at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tinycl.bits import Array
from tinycl.cl.new_classes import Order, class_order
from tinycl.cl.scenario import (
    BATCH_ORDER,
    DEAL,
    SESSION_ORDER,
    TIES,
    Scenario,
    by_class,
    check_number,
    learning_batch,
    samples_by_class,
)
from tinycl.data import Samples
from tinycl.errors import ShapeError
from tinycl.num.generator import permutation


class Pair(NamedTuple):
    """One class in one session: its samples to train with."""

    label: int
    samples: Array


def nicv2(
    data: Samples,
    first: int,
    classes: int = 1,
    sessions: int = 0,
    order: Order = "shuffled",
    seed: int = 0,
) -> Scenario:
    """Return a first batch of several classes, then a few classes at a time, one session of each.

    After Lomonaco, Maltoni and Pellegrini (2020): of CORe50's 50 classes in 8 sessions, 10 in the
    first batch and 1, 2 or 5 in each further one make 391, 196 or 79 batches. Which come when is by
    chance; for the published order see `tinycl.data.core50` and `listed`. A task is a class.

    Parameters
    ----------
    data : Samples
    first : int
        Classes of the first batch, one session of each.
    classes : int
        Different classes of each further batch. If there is a class with more sessions than
        batches are needed for all, the last drawn have fewer.
    sessions : int
        For data without sessions: so many are made of each class, by chance and as even as can be.
    order : {"given", "shuffled"} or sequence of int
        Order of the classes for the first batch: by number, by chance, or these. With "given" the
        first batch has the lowest session of each.
    seed : int

    Returns
    -------
    Scenario

    Raises
    ------
    ShapeError
        No sessions, too few classes or samples, or numbers out of range.
    """
    check_number("first", first, 1, len(data.classes))
    check_number("classes", classes, 1, len(data.classes))
    chosen = class_order(data, order, seed)
    if first > len(chosen):
        raise ShapeError(
            f"scenario: the first batch needs {first} classes; the order names {len(chosen)}"
        )
    found = pairs_by_class(data, chosen, sessions, seed, shuffle=order != "given")
    opening: list[Pair] = [found[c].pop(0) for c in chosen[:first]]
    rows = [opening, *bring(found, classes, seed)]
    if len(rows) == 1:
        raise ShapeError(
            "scenario: nothing is left behind the first batch; put fewer classes into it, or give "
            "data with more sessions"
        )
    batches = []
    for place, row in enumerate(rows):
        samples = np.sort(np.concatenate([pair.samples for pair in row]))
        batches.append(learning_batch(data, f"batch {place}", samples))
    return Scenario("nicv2", data, tuple(batches), by_class(data, batches))


def pairs_by_class(
    data: Samples, classes: tuple[int, ...], sessions: int, seed: int, shuffle: bool
) -> dict[int, list[Pair]]:
    """Return the pairs of each class, its sessions ascending or by chance.

    Parameters
    ----------
    data : Samples
    classes : tuple of int
    sessions : int
        Sessions to make of each class where the data have none; otherwise 0.
    seed : int
    shuffle : bool

    Raises
    ------
    ShapeError
        Sessions that are missing, or there and asked for; a class with too few samples.
    """
    check_number("sessions", sessions, 0, 2**31 - 1)
    if (data.train_session is None) == (sessions == 0):
        told = "has no sessions; say with sessions=K how many to make of each class"
        if sessions:
            told = "has sessions of its own; leave sessions out"
        raise ShapeError(f"scenario: {data.name} {told}")
    found, every = {}, samples_by_class(data)
    for c in classes:
        samples = every[c]
        if len(samples) < max(1, sessions):
            raise ShapeError(
                f"scenario: class {data.classes[c]!r} has {len(samples)} samples to train with; it "
                f"needs {max(1, sessions)}; leave it out of the order, or make fewer sessions"
            )
        if data.train_session is None:
            dealt = samples[permutation(len(samples), seed, DEAL + c)]
            parts = np.array_split(dealt, sessions)
        else:
            known = data.train_session[samples]
            parts = [samples[known == session] for session in np.unique(known)]
        order = permutation(len(parts), seed, SESSION_ORDER + c) if shuffle else range(len(parts))
        found[c] = [Pair(c, parts[i]) for i in order]
    return found


def bring(found: dict[int, list[Pair]], classes: int, seed: int) -> list[list[Pair]]:
    """Return batches of pairs of different classes.

    A batch takes the classes with the most pairs left, ties by chance, and of each the next pair:
    no other choice makes fewer batches. Then the batches change places by chance.

    Parameters
    ----------
    found : dict of int to list of Pair
        Emptied.
    classes : int
        Pairs of a batch; fewer where fewer classes have one left.
    seed : int
    """
    labels = list(found)
    batches: list[list[Pair]] = []
    while any(found.values()):
        tie = permutation(len(labels), seed, TIES + len(batches)).tolist()
        rank = sorted(range(len(labels)), key=lambda i: (-len(found[labels[i]]), tie[i]))
        taken = [labels[i] for i in rank[:classes] if found[labels[i]]]
        batches.append([found[c].pop(0) for c in taken])
    return [batches[i] for i in permutation(len(batches), seed, BATCH_ORDER)]

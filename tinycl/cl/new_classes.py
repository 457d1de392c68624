"""New classes: tasks of so many classes each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinycl.bits import Array
from tinycl.cl.scenario import (
    CLASS_ORDER,
    MOST_SEED,
    Scenario,
    check_number,
    learning_batch,
    samples_by_class,
    tasks_of,
)
from tinycl.data import Samples
from tinycl.errors import ShapeError
from tinycl.num.generator import permutation

Order = str | Sequence[int]


def new_classes(
    data: Samples,
    tasks: int,
    classes: int,
    first: int | None = None,
    order: Order = "given",
    seed: int = 0,
) -> Scenario:
    """Return tasks of so many classes each; a batch holds all samples of its task's classes.

    Parameters
    ----------
    data : Samples
    tasks, classes : int
        Tasks, and classes of each.
    first : int, optional
        Classes of the first task, if it has another number.
    order : {"given", "shuffled"} or sequence of int
        Order of the classes: by number, by chance, or these. Classes behind the last task's do not
        occur.
    seed : int

    Returns
    -------
    Scenario

    Raises
    ------
    ShapeError
        Too few classes, one without samples, or numbers out of range.
    """
    check_number("tasks", tasks, 1, len(data.classes))
    check_number("classes", classes, 1, len(data.classes))
    start = classes if first is None else check_number("first", first, 1, len(data.classes))
    chosen = class_order(data, order, seed)
    needed = start + (tasks - 1) * classes
    if needed > len(chosen):
        raise ShapeError(
            f"scenario: {tasks} tasks need {needed} classes; {data.name} has {len(chosen)} in the "
            "order; make fewer or smaller tasks"
        )
    edges = [0, *range(start, needed + 1, classes)]
    groups = [chosen[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    found = samples_by_class(data)
    batches = []
    for place, group in enumerate(groups):
        for c in group:
            _check_there(data, c, found[c])
        samples = np.sort(np.concatenate([found[c] for c in group]))
        batches.append(learning_batch(data, f"task {place}", samples))
    return Scenario("new_classes", data, tuple(batches), tasks_of(data, batches, groups))


def class_order(data: Samples, order: Order, seed: int) -> tuple[int, ...]:
    """Return classes in the order "given", "shuffled" or listed.

    Raises
    ------
    ShapeError
        Another word, a seed out of range, or a list that names a class twice or one that is not.
    """
    check_number("seed", seed, 0, MOST_SEED)
    count = len(data.classes)
    if order == "given":
        return tuple(range(count))
    if order == "shuffled":
        return tuple(permutation(count, seed, CLASS_ORDER).tolist())
    if isinstance(order, str) or not isinstance(order, Sequence):
        raise ShapeError(
            f"scenario: order must be 'given', 'shuffled' or a list of classes, got {order!r}"
        )
    listing = tuple(check_number("a class of the order", c, 0, count - 1) for c in order)
    if len(set(listing)) != len(listing):
        raise ShapeError(f"scenario: the order names a class twice: {list(listing)}")
    return listing


def _check_there(data: Samples, c: int, samples: Array) -> None:
    if not len(samples):
        raise ShapeError(
            f"scenario: {data.name} has no samples to train class {data.classes[c]!r} with; leave "
            "it out of the order"
        )

"""Scenarios by the name of their kind, and those of which a list names the batches."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.cl.new_classes import new_classes
from tinycl.cl.new_instances import new_instances
from tinycl.cl.nicv2 import nicv2
from tinycl.cl.scenario import Scenario, by_class, learning_batch
from tinycl.data import Samples
from tinycl.errors import ShapeError


def listed(
    data: Samples, batches: Sequence[Array] | None = None, names: Sequence[str] = ()
) -> Scenario:
    """Return given batches, such as `tinycl.data.core50` reads; a task is a class.

    Parameters
    ----------
    data : Samples
    batches : sequence of ndarray of int, shape (n,), optional
        Indices of samples to train with; those that came with the data, if left out.
    names : sequence of str
        Their names; by number if left out.

    Returns
    -------
    Scenario

    Raises
    ------
    ShapeError
        No batches, an empty one, or an index out of range.
    """
    count = len(data.train_y)
    batches = getattr(data, "batches", ()) if batches is None else batches
    if isinstance(batches, str) or not isinstance(batches, Sequence):
        raise ShapeError(f"scenario: batches must be a list of lists of samples, got {batches!r}")
    if isinstance(names, str) or not isinstance(names, Sequence) or not _are_texts(names):
        raise ShapeError(f"scenario: names must be a list of texts, got {names!r}")
    if not batches or (names and len(names) != len(batches)):
        raise ShapeError(
            f"scenario: {len(batches)} batches with {len(names)} names; give at least one batch, "
            "or data that bring some, and a name for each or for none"
        )
    made = []
    for place, given in enumerate(batches):
        name = names[place] if names else f"batch {place}"
        index = _index(given)
        wrong = index.ndim != 1 or (index.size and index.dtype.kind not in "iu")
        if wrong or ((index < 0) | (index >= count)).any():
            raise ShapeError(
                f"scenario: {name} must be whole numbers (n,) in 0..{count - 1}, the samples of "
                f"{data.name} to train with"
            )
        made.append(learning_batch(data, name, index))
    return Scenario("listed", data, tuple(made), by_class(data, made))


def _are_texts(values: Sequence[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _index(given: object) -> Array:
    """Return indices as an array; one that can be none, where they are lists of other lists."""
    try:
        return np.asarray(given)
    except ValueError:
        return np.empty((0, 0))


KINDS: dict[str, Callable[..., Scenario]] = {
    "new_classes": new_classes,
    "new_instances": new_instances,
    "nicv2": nicv2,
    "listed": listed,
}


def make_scenario(data: Samples, kind: str, /, **options: Any) -> Scenario:
    """Return a scenario by the name of its kind.

    Parameters
    ----------
    data : Samples
    kind : str
        One of `KINDS`.
    **options
        What that kind takes.

    Raises
    ------
    ShapeError
        No such kind or option, or one that is missing; and what the kind itself raises.
    """
    if kind not in KINDS:
        raise ShapeError(f"scenario: there is no kind {kind!r}; choose from {', '.join(KINDS)}")
    try:
        inspect.signature(KINDS[kind]).bind(data, **options)
    except TypeError as error:
        known = ", ".join(list(inspect.signature(KINDS[kind]).parameters)[1:])
        raise ShapeError(f"scenario: {kind}: {error}; its options are {known}") from error
    return KINDS[kind](data, **options)

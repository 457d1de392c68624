"""New instances: all classes in each batch, each sample once."""

from __future__ import annotations

import numpy as np

from tinycl.bits import Array
from tinycl.cl.scenario import (
    DEAL,
    MOST_SEED,
    Scenario,
    by_class,
    check_number,
    learning_batch,
    samples_by_class,
)
from tinycl.data import Samples
from tinycl.errors import ShapeError
from tinycl.num.generator import permutation


def new_instances(data: Samples, batches: int, by: str = "sessions", seed: int = 0) -> Scenario:
    """Return batches of all classes, each sample in one of them; a task is a class.

    Parameters
    ----------
    data : Samples
    batches : int
    by : {"sessions", "chance"}
        Whole sessions, ascending, in parts as even as can be; or each class's samples by chance,
        dealt to one batch after another, class c from batch c on.
    seed : int

    Returns
    -------
    Scenario

    Raises
    ------
    ShapeError
        Fewer sessions than batches, or none; a class with fewer samples than batches.
    """
    check_number("batches", batches, 1, len(data.train_y))
    check_number("seed", seed, 0, MOST_SEED)
    if by not in ("sessions", "chance"):
        raise ShapeError(f"scenario: by must be 'sessions' or 'chance', got {by!r}")
    parts = _by_sessions(data, batches) if by == "sessions" else _dealt(data, batches, seed)
    made = [learning_batch(data, f"batch {i}", np.sort(part)) for i, part in enumerate(parts)]
    return Scenario("new_instances", data, tuple(made), by_class(data, made))


def _by_sessions(data: Samples, batches: int) -> list[Array]:
    if data.train_session is None:
        raise ShapeError(
            f"scenario: {data.name} has no sessions; take by='chance', or data that have some"
        )
    sessions = np.unique(data.train_session)
    if len(sessions) < batches:
        raise ShapeError(
            f"scenario: {batches} batches need as many sessions; {data.name} has {len(sessions)}"
        )
    parts = np.array_split(sessions, batches)
    return [np.flatnonzero(np.isin(data.train_session, part)) for part in parts]


def _dealt(data: Samples, batches: int, seed: int) -> list[Array]:
    hands: list[list[Array]] = [[] for _ in range(batches)]
    for c, samples in enumerate(samples_by_class(data)):
        if not len(samples):
            continue
        if len(samples) < batches:
            raise ShapeError(
                f"scenario: class {data.classes[c]!r} has {len(samples)} samples; {batches} "
                "batches need one in each; make fewer batches"
            )
        dealt = samples[permutation(len(samples), seed, DEAL + c)]
        for place in range(batches):
            hands[(c + place) % batches].append(dealt[place::batches])
    return [np.concatenate(hand) for hand in hands]

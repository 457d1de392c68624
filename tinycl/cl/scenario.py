"""What is learned when: learning batches, one after another, and what is tested after each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinycl.bits import Array, digest
from tinycl.data import Samples
from tinycl.errors import ShapeError

# Chance is `tinycl.num.generator.permutation` with the scenario's seed. Its streams; those of
# weights, epochs and devices lie below.
MOST_SEED = 2**64 - 1
CLASS_ORDER = 1 << 40
BATCH_ORDER = CLASS_ORDER + (1 << 32)
SESSION_ORDER = CLASS_ORDER + (2 << 32)  # + class
DEAL = CLASS_ORDER + (3 << 32)  # + class
TIES = CLASS_ORDER + (4 << 32)  # + batch


@dataclass(frozen=True, eq=False)
class LearningBatch:
    """The samples that come at one time.

    Parameters
    ----------
    name : str
    samples : ndarray of int32, shape (n,)
        Indices of samples to train with.
    classes : tuple of int
        Those that occur, ascending.
    sessions : tuple of int
        Those that occur, ascending; () where there are none.
    """

    name: str
    samples: Array
    classes: tuple[int, ...]
    sessions: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Task:
    """What one accuracy is of: a column of the accuracy matrix.

    Parameters
    ----------
    name : str
    classes : tuple of int
    learned : int
        The first learning batch that holds one of its classes.
    samples : ndarray of int32, shape (n,)
        Indices of samples to test with.
    """

    name: str
    classes: tuple[int, ...]
    learned: int
    samples: Array


@dataclass(frozen=True, eq=False)
class Scenario:
    """Learning batches over a data set, and the tasks into which its test samples fall.

    Tasks have no class in common, and between them every class of the batches. Test samples of
    other classes are left out. The whole test set, that of all tasks, is shared: it is tested after
    each batch.

    Parameters
    ----------
    kind : str
    data : Samples
    batches : tuple of LearningBatch
    tasks : tuple of Task
    """

    kind: str
    data: Samples
    batches: tuple[LearningBatch, ...]
    tasks: tuple[Task, ...]

    @property
    def classes(self) -> tuple[int, ...]:
        """Classes that occur, in the order of the tasks."""
        return tuple(c for task in self.tasks for c in task.classes)

    @property
    def digest(self) -> str:
        """SHA-256 over the data's digest, the batches and the tasks, hexadecimal."""
        parts = [self.kind, self.data.digest]
        parts += [digest(batch.samples) for batch in self.batches]
        parts += [f"{task.classes} {task.learned} {digest(task.samples)}" for task in self.tasks]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def batch(self, place: int) -> tuple[Array, Array]:
        """Return samples and labels of a learning batch, read now if they are not in memory."""
        index = self.batches[place].samples
        return self.data.train(index), self.data.train_y[index]

    def test(self, place: int) -> tuple[Array, Array]:
        """Return samples and labels of a task's tests, read now if they are not in memory."""
        index = self.tasks[place].samples
        return self.data.test(index), self.data.test_y[index]


def learning_batch(data: Samples, name: str, samples: Array) -> LearningBatch:
    """Return a learning batch of some samples, in their order.

    Raises
    ------
    ShapeError
        It is empty.
    """
    if not len(samples):
        raise ShapeError(f"scenario: {name} is empty; make fewer batches, or give more samples")
    index = np.asarray(samples, np.int32)
    sessions = () if data.train_session is None else _distinct(data.train_session[index])
    return LearningBatch(name, index, _distinct(data.train_y[index]), sessions)


def tasks_of(
    data: Samples, batches: Sequence[LearningBatch], groups: Sequence[tuple[int, ...]]
) -> tuple[Task, ...]:
    """Return one task for each group of classes, in the order given.

    Raises
    ------
    ShapeError
        A group without samples to test with.
    """
    tasks = []
    for group in groups:
        samples = np.flatnonzero(np.isin(data.test_y, group)).astype(np.int32)
        name = ", ".join(data.classes[c] for c in group)
        missing = set(group) - set(data.test_y[samples].tolist())
        if missing:
            raise ShapeError(
                f"scenario: {data.name} has no samples to test class "
                f"{data.classes[min(missing)]!r} with; add some, or leave the class out"
            )
        learned = next(i for i, batch in enumerate(batches) if set(group) & set(batch.classes))
        tasks.append(Task(name, group, learned, samples))
    return tuple(tasks)


def by_class(data: Samples, batches: Sequence[LearningBatch]) -> tuple[Task, ...]:
    """Return one task for each class, in the order in which the batches bring them."""
    order = dict.fromkeys(c for batch in batches for c in batch.classes)
    return tasks_of(data, batches, [(c,) for c in order])


def samples_by_class(data: Samples) -> list[Array]:
    """Return the indices of each class's samples to train with, ascending."""
    return [np.flatnonzero(data.train_y == c).astype(np.int32) for c in range(len(data.classes))]


def check_number(what: str, value: object, least: int, most: int) -> int:
    """Return a whole number from `least` to `most`.

    Raises
    ------
    ShapeError
        It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ShapeError(f"scenario: {what} must be a whole number {least}..{most}, got {value!r}")
    return value


def _distinct(values: Array) -> tuple[int, ...]:
    return tuple(np.unique(values).tolist())

"""The accuracy matrix, and what papers read off it.

R[i, j] is the accuracy on task j after learning batch i, B of these and K tasks; l(j) is the batch
that first brought task j. With one task a batch, l(j) = j, the definitions are those of Lopez-Paz
and Ranzato, "Gradient Episodic Memory for Continual Learning", 2017, and of Chaudhry, Dokania,
Ajanthan and Torr, "Riemannian Walk for Incremental Learning", 2018. Means are of exact sums,
rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.cl.scenario import Scenario
from tinycl.errors import ShapeError


@dataclass(frozen=True, eq=False)
class Accuracies:
    """Correct answers after each learning batch, on each task.

    Parameters
    ----------
    correct : ndarray of int64, shape (B, K)
        Rows may be those of the batches learned so far.
    of : ndarray of int64, shape (K,)
        Samples of each task, at least one.
    learned : tuple of int
        Of each task, the batch that first brought it.
    before : ndarray of int64, shape (K,), optional
        Correct answers before the first batch: of the net as it was drawn.
    names : tuple of str
        Of the tasks; by number if left out.

    Raises
    ------
    ShapeError
        Arrays that do not fit each other, or counts out of range.
    """

    correct: Array
    of: Array
    learned: tuple[int, ...]
    before: Array | None = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = np.shape(self.correct)
        if len(shape) != 2 or 0 in shape:
            raise ShapeError(f"accuracies: correct needs shape (batches, tasks), got {shape}")
        lengths = {"of": len(self.of), "learned": len(self.learned)}
        lengths |= {"before": len(self.before)} if self.before is not None else {}
        lengths |= {"names": len(self.names)} if self.names else {}
        for name, length in lengths.items():
            if length != shape[1]:
                raise ShapeError(f"accuracies: {name} has {length} entries for {shape[1]} tasks")
        for name, count in (("correct", self.correct), ("of", self.of), ("before", self.before)):
            if count is not None and np.asarray(count).dtype.kind not in "iu":
                raise ShapeError(f"accuracies: {name} must be whole numbers")
        if np.min(self.of) < 1 or min(self.learned) < 0:
            raise ShapeError("accuracies: a task needs a sample to test with, and a batch from 0")
        for count in (self.correct, self.before):
            if count is not None and ((count < 0) | (count > self.of)).any():
                raise ShapeError("accuracies: more correct answers than samples, or fewer than 0")

    @classmethod
    def of_scenario(
        cls, scenario: Scenario, correct: Array, before: Array | None = None
    ) -> Accuracies:
        """Return the accuracies of a scenario's tasks."""
        of = np.array([len(task.samples) for task in scenario.tasks], np.int64)
        learned = tuple(task.learned for task in scenario.tasks)
        names = tuple(task.name for task in scenario.tasks)
        return cls(correct, of, learned, before, names)

    @property
    def matrix(self) -> Array:
        """R, float64 (B, K)."""
        quotient: Array = np.asarray(self.correct, np.float64) / self.of
        return quotient

    def seen(self, batch: int = -1) -> list[int]:
        """Tasks brought by the batches up to this one."""
        last = self._place(batch)
        return [j for j, first in enumerate(self.learned) if first <= last]

    def over_batches(self) -> Array:
        """Accuracy on the whole shared test set after each batch, float64 (B,)."""
        total: Array = np.sum(self.correct, axis=1) / np.sum(self.of)
        return total

    def over_seen(self) -> Array:
        """Accuracy on the samples of the tasks seen so far, after each batch; NaN before any."""
        values = []
        for i, row in enumerate(np.asarray(self.correct)):
            tasks = self.seen(i)
            values.append(row[tasks].sum() / np.sum(self.of[tasks]) if tasks else math.nan)
        return np.array(values, np.float64)

    def average(self, batch: int = -1) -> float | None:
        """Average accuracy: mean of R[i, j] over the tasks seen after batch i (2018, A_k).

        After the last batch all have been seen, and it is ACC of 2017.
        """
        row = self.matrix[self._place(batch)]
        return _mean(row[j] for j in self.seen(batch))

    def forgetting(self, batch: int = -1) -> float | None:
        """Forgetting after batch i (2018, F_k): mean of max R[k, j] over k < i, less R[i, j].

        The mean is over the tasks seen before batch i, None where there are none. Above 0 where
        something was forgotten.
        """
        i, r = self._place(batch), self.matrix
        tasks = [j for j, first in enumerate(self.learned) if first < i]
        return _mean(r[:i, j].max() - r[i, j] for j in tasks)

    def backward_transfer(self) -> float | None:
        """BWT (2017): mean over tasks seen before the last batch of R[last, j] - R[l(j), j].

        Below 0 where something was forgotten; None where all came with the last batch.
        """
        r = self.matrix
        last = len(r) - 1
        return _mean(r[last, j] - r[k, j] for j, k in enumerate(self.learned) if k < last)

    def forward_transfer(self) -> float | None:
        """FWT (2017): mean over tasks that came after the first batch of R[l(j) - 1, j] - b[j].

        b is the accuracy of `before`. None without it, or where all came with the first batch.
        """
        if self.before is None:
            return None
        r, b = self.matrix, np.asarray(self.before, np.float64) / self.of
        seen = [(j, k) for j, k in enumerate(self.learned) if 0 < k < len(r)]
        return _mean(r[k - 1, j] - b[j] for j, k in seen)

    def to_json(self) -> dict[str, Any]:
        """Return counts and metrics as a document of plain values."""
        over_seen = [None if math.isnan(v) else v for v in self.over_seen().tolist()]
        return {
            "tasks": list(self.names) or [str(j) for j in range(len(self.learned))],
            "learned": list(self.learned),
            "of": np.asarray(self.of).tolist(),
            "correct": np.asarray(self.correct).tolist(),
            "before": None if self.before is None else np.asarray(self.before).tolist(),
            "accuracy": self.over_batches().tolist(),
            "accuracy_seen": over_seen,
            "average_accuracy": self.average(),
            "forgetting": self.forgetting(),
            "backward_transfer": self.backward_transfer(),
            "forward_transfer": self.forward_transfer(),
        }

    def _place(self, batch: int) -> int:
        count = len(self.correct)
        if not -count <= batch < count:
            raise ShapeError(f"accuracies: there is no batch {batch}; there are {count}")
        return batch % count


def _mean(values: Iterable[Any]) -> float | None:
    """Return the mean of some numbers, None of none: their exact sum, rounded, over their count."""
    numbers = [float(v) for v in values]
    return math.fsum(numbers) / len(numbers) if numbers else None

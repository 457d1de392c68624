"""The phases of a session: the whole net trains with the first batch; then batch after batch.

A phase is a number of runs of bodies. Any stretch of them is a plan of its own, so that a session
can stop between any two runs and go on with the same bits.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tinycl import nn
from tinycl.bits import Array
from tinycl.cl.learning.bodies import LABELS, PASSING, of_optimiser
from tinycl.cl.learning.learner import Learner
from tinycl.cl.learning.sizes import Sizes
from tinycl.cl.learning.synapses import Traced
from tinycl.data import epoch_order
from tinycl.plan import Plan, Run

Samples = tuple[Array, Array]


class Phase(Protocol):
    """What a session does next."""

    @property
    def batch(self) -> int:
        """Number of the learning batch."""

    @property
    def runs(self) -> int:
        """Runs of bodies in the whole phase."""

    def values(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        """Return all that the phase begins with: what there is already, and what begins now."""

    def piece(self, begin: int, count: int, samples: Samples) -> tuple[Plan, dict[str, Array]]:
        """Return the plan of some runs, and what it takes besides weights and states."""


@dataclass(frozen=True)
class Pretraining:
    """The whole net trains with the first learning batch.

    Parameters
    ----------
    training : nn.Training
    samples : int
        Of the batch.
    epochs : int
    seed : int
        Of the initial values and of the order of the samples.
    """

    training: nn.Training
    samples: int
    epochs: int
    seed: int
    batch: int = 0

    @property
    def steps(self) -> int:
        """Steps of an epoch; samples that do not fill a minibatch are left out of it."""
        return self.samples // self.training.input_shape[0]

    @property
    def runs(self) -> int:
        """Steps of all epochs."""
        return self.steps * self.epochs

    def values(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        """Return initial values, with anchors where paths are added up."""
        values, optimiser = self.training.values(self.seed), self.training.optimiser
        anchors = optimiser.anchors(values) if isinstance(optimiser, Traced) else {}
        return values | anchors | dict(tensors)

    def piece(self, begin: int, count: int, samples: Samples) -> tuple[Plan, dict[str, Array]]:
        """Return the plan of some steps and its samples."""
        minibatch = self.training.input_shape[0]
        chosen = []
        for run in range(begin, begin + count):
            epoch, step = divmod(run, self.steps)
            order = epoch_order(self.samples, epoch, self.seed)
            chosen.append(order[step * minibatch : (step + 1) * minibatch])
        index = np.concatenate(chosen)
        x, y = samples
        return self.training.plan(count, choose=False), self.training.stream(
            x[index], y[index], count
        )


@dataclass(frozen=True)
class Learning:
    """One learning batch.

    Parameters
    ----------
    learner : Learner
    sizes : Sizes
    first : bool
        Whether it is the batch that the whole net was trained with: it fills memory and head only.
    """

    learner: Learner
    sizes: Sizes
    first: bool = False

    @property
    def batch(self) -> int:
        """Number of the learning batch."""
        return self.sizes.number

    @functools.cached_property
    def plan(self) -> Plan:
        """The plan of the whole phase."""
        return self.learner.plan(self.sizes, self.first)

    @property
    def runs(self) -> int:
        """Runs of all bodies."""
        return sum(times for _, times in self.plan.schedule)

    def values(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        """Return what goes on from the batches before; the rest begins anew."""
        fresh = self.learner.values(self.sizes, tensors, self.first)
        lasting = {n: v for n, v in tensors.items() if n not in PASSING and not of_optimiser(n)}
        return fresh | lasting

    def piece(self, begin: int, count: int, samples: Samples) -> tuple[Plan, dict[str, Array]]:
        """Return the plan of some runs, its slices and the labels."""
        whole = self.plan
        schedule = tuple(_stretch(whole.schedule, begin, count))
        written = {
            name for body, _ in schedule for op in whole.bodies[body].ops for name in op.writes
        }
        outputs = tuple(name for name in whole.outputs if name in written)
        x, y = samples
        inputs = {LABELS: y}
        taken = sum(times for body, times in schedule if body == "take")
        if taken:
            chunks = x.reshape(-1, self.sizes.chunk, *x.shape[1:])
            inputs["take.x"] = chunks[begin : begin + taken]
        bodies = {name: whole.bodies[name] for name, _ in schedule}
        used = {LABELS, *outputs}
        for body in bodies.values():
            used.update(body.streams, body.records, *(op.reads + op.writes for op in body.ops))
        tensors = {name: t for name, t in whole.tensors.items() if name in used}
        plan = Plan(tensors, bodies, schedule, outputs)
        return plan, {name: v for name, v in inputs.items() if name in tensors}


def _stretch(schedule: tuple[Run, ...], begin: int, count: int) -> list[Run]:
    """Cut `count` runs from run `begin` on out of a schedule."""
    found, end = [], begin + count
    for body, times in schedule:
        here = min(times, end) - max(0, begin)
        if here > 0:
            found.append(Run(body, here))
        begin, end = begin - times, end - times
    return found

"""Correct answers on each task."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinycl.bits import Array
from tinycl.cl.learning import head as heads
from tinycl.cl.learning.learner import Learner
from tinycl.cl.scenario import Scenario
from tinycl.contract import Contract
from tinycl.target import registry

BATCH, MOST_BYTES = 64, 64 << 20


def correct_answers(
    learner: Learner,
    scenario: Scenario,
    tensors: Mapping[str, Array],
    target: str,
    cores: int,
    contract: Contract,
) -> list[int]:
    """Count the correct answers on the test samples of each task: the class with the largest score.

    Of equal scores the lower class counts, and a NaN counts as the largest. Where the head is kept
    class by class, all saved rows answer, once there are any.

    Returns
    -------
    list of int
        One a task.
    """
    values = dict(tensors)
    if learner.strategy.consolidates and heads.SAVED in values:
        values[learner.head.weight] = values[heads.SAVED]
    counts = []
    for place in range(len(scenario.tasks)):
        x, y = scenario.test(place)
        answers = _answers(learner, x, values, target, cores, contract)
        counts.append(int((answers == y).sum()))
    return counts


def _answers(
    learner: Learner,
    x: Array,
    values: Mapping[str, Array],
    target: str,
    cores: int,
    contract: Contract,
) -> Array:
    batch = min(BATCH, len(x))
    most = max(1, MOST_BYTES // max(1, x[:batch].nbytes)) * batch
    found = []
    for start in range(0, len(x), most):
        part = x[start : start + most]
        padded = np.zeros((-(-len(part) // batch) * batch, *x.shape[1:]), np.float32)
        padded[: len(part)] = part
        plan = learner.evaluation(batch, len(padded) // batch)
        needed = {n: values[n] for n, t in plan.tensors.items() if t.role in ("weight", "state")}
        streams = {"evaluate.x": padded.reshape(-1, batch, *x.shape[1:])}
        result = registry.run(
            plan, needed | streams, target=target, contract=contract, checked=False, cores=cores
        )
        (scores,) = result.records.values()
        found.append(scores.reshape(len(padded), -1)[: len(part)].argmax(axis=1))
    return np.concatenate(found)

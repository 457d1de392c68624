"""What a step costs: time in the Numba engine, instructions on one RV32 hart.

A policy's steps do not cost the same from beginning to end, so short stretches of a real run are
done again, with the weights and states of those places: an eighth, three, five and seven eighths
of the way.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinycl.bits import Array
from tinycl.contract import DEFAULT
from tinycl.data import epoch_order
from tinycl.fast.program import Program
from tinycl.plan import Plan, check_inputs
from tinycl.target.qemu import QemuTarget
from tinycl.train import Run

from table_runs import POLICIES, Runs  # isort: skip

EIGHTHS, STEPS, LEAST = (1, 3, 5, 7), 8, 15


@dataclass(frozen=True)
class Cost:
    """Of one step: median microseconds, instructions; ratios to dense, also with `heap`."""

    net: str
    policy: str
    microseconds: float
    time_ratio: float
    instructions: float | None
    instruction_ratio: float | None
    heap_ratio: float | None


@dataclass(frozen=True)
class Stretches:
    """A plan of a few steps, and what it is given at each of some places of a run."""

    plan: Plan
    inputs: tuple[dict[str, Array], ...]


def stretches(run: Run) -> Stretches:
    """Train, and take a few steps out at each place; the policy has chosen by then."""
    batch, epochs = run.config.batch, run.config.epochs
    used = run.steps_per_epoch * batch
    orders = [epoch_order(len(run.data.train_y), e, run.config.seed)[:used] for e in range(epochs)]
    order = np.concatenate(orders)
    inputs = []
    for eighth in EIGHTHS:
        step = max(1, run.steps * eighth // 8)
        run.train(step)
        chosen = order[step * batch : (step + STEPS) * batch]
        x, y = run.data.train_x[chosen], run.data.train_y[chosen]
        inputs.append({**run.state.tensors, **run.training.stream(x, y, STEPS)})
    return Stretches(run.training.plan(STEPS, choose=False), tuple(inputs))


class Timer:
    """Runs the stretches of a policy in the engine, on one thread."""

    def __init__(self, work: Stretches) -> None:
        self._program = Program(work.plan, DEFAULT, False, 1)
        self._data = [check_inputs(work.plan, inputs) for inputs in work.inputs]

    def once(self) -> float:
        """Return seconds of one step, the mean over all stretches."""
        seconds = 0.0
        for data in self._data:
            self._program.load(data)
            begun = time.perf_counter()
            self._program.run_body("train", STEPS)
            seconds += time.perf_counter() - begun
        return seconds / (STEPS * len(self._data))


def instructions(target: QemuTarget, work: Stretches, order: str = "ascending") -> float:
    """Return the instructions of one step, the mean over all stretches.

    The target counts operations alone, and a stretch has none besides those of its steps. `order`
    is the contract's `selection_order`.
    """
    contract = DEFAULT.but(selection_order=order)
    results = [target.run(work.plan, i, contract=contract, checked=False) for i in work.inputs]
    return sum(result.instructions or 0 for result in results) / (STEPS * len(results))


def costs(
    runs: Runs, regime: str, nets: Sequence[str], seed: int, budget: float, count: bool
) -> list[Cost]:
    """Measure every policy.

    Parameters
    ----------
    runs : Runs
        The dense run of this seed, from scratch, must have been done.
    regime : str
    nets : sequence of str
    seed : int
    budget : float
        Seconds of timing for each net.
    count : bool
        Whether to count instructions.
    """
    target = QemuTarget(count=True)
    made = []
    for net in nets:
        works = {p: stretches(runs.begin(regime, net, p, seed, "-costs")) for p in POLICIES}
        seconds = interleaved({policy: Timer(work) for policy, work in works.items()}, budget)
        counted, heap = (
            {p: instructions(target, work, order) for p, work in works.items()} if count else {}
            for order in ("ascending", "heap")
        )
        for policy in POLICIES:
            ratio = statistics.median(
                mine / dense for mine, dense in zip(seconds[policy], seconds["dense"], strict=True)
            )
            made.append(
                Cost(
                    net,
                    policy,
                    1e6 * statistics.median(seconds[policy]),
                    ratio,
                    counted.get(policy),
                    counted[policy] / counted["dense"] if count else None,
                    heap[policy] / heap["dense"] if count else None,
                )
            )
    target.close()
    return made


def interleaved(timers: dict[str, Timer], budget: float) -> dict[str, list[float]]:
    """Time policies in turn, so that a machine whose speed drifts is fair to all of them."""
    for timer in timers.values():
        timer.once()
    taken: dict[str, list[float]] = {policy: [] for policy in timers}
    begun = time.perf_counter()
    while time.perf_counter() - begun < budget or len(taken["dense"]) < LEAST:
        for policy, timer in timers.items():
            taken[policy].append(timer.once())
    return taken

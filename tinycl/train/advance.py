"""From one state of a run to the next: a chunk of steps, or an evaluation, on a target."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tinycl import nn
from tinycl.bits import Array
from tinycl.contract import Contract
from tinycl.data import Dataset, epoch_order
from tinycl.plan import check_inputs
from tinycl.sparse import choices
from tinycl.target import registry
from tinycl.trace import Recorder
from tinycl.train.checkpoint import Accuracy, State
from tinycl.train.config import Config

SHORT, LONG = 0.5, 2.0  # seconds; a chunk costs some 5 ms besides its steps
MOST_BYTES = 64 << 20  # of the samples of one chunk
EVALUATE = "evaluate"
AHEAD = 64  # steps


class Advance:
    """Runs the plan of a training in chunks; where they end never changes a bit.

    Parameters
    ----------
    config : Config
    data : Dataset
    training : nn.Training
    steps_per_epoch : int
    recorder : Recorder, optional
        Is given every tensor of every step; evaluations are no steps.
    """

    def __init__(
        self,
        config: Config,
        data: Dataset,
        training: nn.Training,
        steps_per_epoch: int,
        recorder: Recorder | None = None,
    ) -> None:
        self.config, self.data, self.training = config, data, training
        self.recorder = recorder
        self.steps_per_epoch = steps_per_epoch
        self._chunk = 1
        self._order: tuple[int, Array] = (-1, np.empty(0, np.int32))
        self._constants: tuple[int, dict[str, Array]] = (0, {})
        sample = max(1, data.train_x[0].nbytes) * config.batch
        if recorder is not None:
            sample = max(sample, _written_bytes(training))
        self._most_batches = max(1, MOST_BYTES // sample)

    def executions(self, steps: int) -> int:
        """Bodies that the first steps of a run execute, without evaluations."""
        each = 1 if self.config.microbatches == 1 else self.config.microbatches + 2
        chooses = "choose" in self.training.plan().bodies
        return steps * each + chooses * sum(map(self._is_choice_due, range(steps)))

    def is_evaluation_due(self, state: State) -> bool:
        """Whether an epoch has ended whose accuracy is not known yet."""
        return len(state.accuracy) < state.step // self.steps_per_epoch

    def steps(self, state: State, stop: int) -> State:
        """Run some steps, none beyond `stop` or the end of the epoch.

        The chunk grows until it takes a good part of a second, so that there is progress to see
        and making the program costs little.
        """
        begun = time.monotonic()
        epoch, first = divmod(state.step, self.steps_per_epoch)
        most = max(1, self._most_batches // self.config.microbatches)
        count = min(self._chunk, most, stop - state.step, self.steps_per_epoch - first)
        per_step = self.config.batch * self.config.microbatches
        chosen = self._epoch(epoch)[first * per_step : (first + count) * per_step]
        x, y = self.data.train_x[chosen], self.data.train_y[chosen]
        streams = self.training.stream(x, y, count)
        streams |= self._optimiser_streams(state.step, count)
        choose = self._is_choice_due(state.step)
        if choose:
            streams |= self.training.calibration(x, y)
        outputs, records = self._run(count, 0, state, streams, choose)
        seconds = time.monotonic() - begun
        if seconds > LONG:
            self._chunk = max(1, self._chunk // 2)
        elif seconds < SHORT and count == self._chunk:
            self._chunk *= 2
        if choose:
            records |= choices(outputs, state.step * self.config.microbatches)
        joined = {
            name: np.concatenate([state.records[name], value]) if name in state.records else value
            for name, value in records.items()
        }
        records = {**state.records, **joined}
        return replace(state, step=state.step + count, tensors=outputs, records=records)

    def evaluate(self, state: State) -> State:
        """Count the correct answers on the test split: the class with the largest score.

        Of equal scores the lower class counts, and a NaN counts as the largest. The last batch is
        filled up with zeros, whose answers are left out.
        """
        batch, total, correct = self.config.batch, len(self.data.test_y), 0
        part = self._most_batches * batch
        for start in range(0, total, part):
            x, y = self.data.test_x[start : start + part], self.data.test_y[start : start + part]
            padded = np.zeros((-(-len(x) // batch) * batch, *x.shape[1:]), np.float32)
            padded[: len(x)] = x
            slices = padded.reshape(-1, batch, *x.shape[1:])
            streams = self.training.stream(self.data.train_x, self.data.train_y, 0)
            _, records = self._run(0, len(slices), state, streams | {"evaluate.x": slices})
            (scores,) = (v for name, v in records.items() if name.startswith(f"{EVALUATE}/"))
            answers = scores.reshape(len(padded), -1)[: len(x)].argmax(axis=1)
            correct += int((answers == y).sum())
        entry = Accuracy(state.step // self.steps_per_epoch, correct, total)
        return replace(state, accuracy=(*state.accuracy, entry))

    def _is_choice_due(self, step: int) -> bool:
        """Whether policies choose anew what they keep, by the first batch of the steps ahead."""
        epochs = self.config.choose
        return step == 0 or (epochs > 0 and step % (epochs * self.steps_per_epoch) == 0)

    def _run(
        self,
        steps: int,
        evaluations: int,
        state: State,
        streams: Mapping[str, Array],
        choose: bool = False,
    ) -> tuple[dict[str, Array], dict[str, Array]]:
        plan = self.training.plan(steps, evaluations, choose)
        inputs = {**state.tensors, **streams}
        recorder = self.recorder if steps else None
        result = registry.run(
            plan,
            inputs,
            target=self.config.target,
            contract=Contract.parse(self.config.contract),
            checked=recorder is not None,
            cores=self.config.cores,
        )
        if recorder is not None:
            recorder.add(plan, check_inputs(plan, inputs), result.tensors())
        return dict(result.outputs), dict(result.records)

    def _epoch(self, epoch: int) -> Array:
        if self._order[0] != epoch:
            order = epoch_order(len(self.data.train_y), epoch, self.config.seed)
            self._order = epoch, order
        return self._order[1]

    def _optimiser_streams(self, first: int, count: int) -> dict[str, Array]:
        """Return the optimiser's streams for some steps.

        A stream may be the work of all steps before it, as Adam's powers are: so as many are made
        ahead as were done, and the work of the whole run is a multiple of its length.
        """
        begin, made = self._constants
        have = min((len(v) for v in made.values()), default=0)
        if made and begin <= first and first + count <= begin + have:
            return {name: v[first - begin : first - begin + count] for name, v in made.items()}
        ahead = max(count, first, AHEAD)
        made = self.training.optimiser.stream_values(ahead, first + 1)
        self._constants = first, made
        return {name: v[:count] for name, v in made.items()}


def _written_bytes(training: nn.Training) -> int:
    """Bytes that the operations of one step write, each microbatch a step of its own."""
    plan = training.plan()
    steps = {body.name: body for body in plan.steps()}
    shapes = [plan.tensors[n].shape for b in steps.values() for op in b.ops for n in op.writes]
    return 4 * sum(math.prod(shape) for shape in shapes)

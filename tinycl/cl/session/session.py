"""A continual-learning session: from an experiment and its data to its last state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from tinycl import nn
from tinycl.bits import Array
from tinycl.cl.learning.learner import Learner
from tinycl.cl.learning.signs import check_images
from tinycl.cl.learning.synapses import Traced
from tinycl.cl.scenario import Scenario
from tinycl.cl.session.config import Experiment
from tinycl.cl.session.effort import backward_macs
from tinycl.cl.session.evaluate import correct_answers
from tinycl.cl.session.phases import Learning, Phase, Pretraining
from tinycl.cl.session.stage import cut, frozen_stage
from tinycl.contract import Contract
from tinycl.errors import TinyclError
from tinycl.sparse import Dense
from tinycl.target import registry
from tinycl.train.nets import make_net


@dataclass(frozen=True, eq=False)
class State:
    """Where a session stands, between two runs of bodies.

    Parameters
    ----------
    phase : int
        0: the whole net trains with the first batch; 1: that batch fills memory and head; from 2
        on: learning batches.
    place : int
        Runs of the phase that are done.
    tensors : mapping of str to ndarray
        Weights and states.
    losses : mapping of str to ndarray
        By phase, one float32 a step.
    correct : tuple of tuple of int
        Correct answers on each task, after each learning batch.
    macs : int
        Multiply-accumulates of the backward passes of the learning batches so far.
    dense_macs : int
        What those that are finished would have cost without a sparse policy.
    before : tuple of int
        Correct answers on each task of the net as it was drawn.
    """

    phase: int = 0
    place: int = 0
    tensors: Mapping[str, Array] = field(default_factory=dict)
    losses: Mapping[str, Array] = field(default_factory=dict)
    correct: tuple[tuple[int, ...], ...] = ()
    macs: int = 0
    dense_macs: int = 0
    before: tuple[int, ...] = ()


class Session:
    """An experiment over a scenario.

    Parameters
    ----------
    experiment : Experiment
    scenario : Scenario

    Raises
    ------
    TinyclError
        A net, a strategy and data that do not fit each other.
    """

    def __init__(self, experiment: Experiment, scenario: Scenario) -> None:
        self.experiment, self.scenario = experiment, scenario
        data, first = scenario.data, experiment.first
        whole = make_net(experiment.net, data.sample_shape, len(data.classes))
        self.below, self.above = cut(whole, experiment.stage.below)
        self.counts = tuple(len(batch.samples) for batch in scenario.batches)
        if first.minibatch > self.counts[0]:
            raise TinyclError(
                f"first.minibatch is {first.minibatch}; the first learning batch has "
                f"{self.counts[0]} samples. Take a smaller one"
            )
        if experiment.replay is not None and not self.below:
            check_images(experiment.replay, scenario.batch(0)[0])
        shape = (first.minibatch, *data.sample_shape)
        stage = [nn.Thawed(*self.below)] if self.below else []
        net = nn.Sequential(*stage, *self.above)
        trial = self.learner_of(nn.Frozen(*self.below) if self.below else None)
        trial.plan(trial.sizes((*self.counts[:1] * 2,)))  # says now what does not go together
        optimiser = Traced(first.lr, first.momentum, first.weight_decay, trial.held())
        training = nn.Training(net, nn.SoftmaxCrossEntropy(), optimiser, shape)
        training.plan()
        self._pretraining = Pretraining(training, self.counts[0], first.epochs, experiment.seed)
        self._made: tuple[int, Phase] = (-1, self._pretraining)
        self._learner: Learner | None = None
        self._samples: tuple[int, tuple[Array, Array]] | None = None

    @property
    def phases(self) -> int:
        """Phases of the whole session."""
        return len(self.counts) + 1

    def begin(self) -> State:
        """Return the state before the first step."""
        tensors = self._pretraining.values({})
        drawn = self.learner_of(nn.Frozen(*self.below) if self.below else None)
        return State(tensors=tensors, before=self._answers(drawn, tensors))

    def is_finished(self, state: State) -> bool:
        """Whether there is no phase left."""
        return state.phase >= self.phases

    def phase(self, state: State) -> Phase:
        """Return the phase that a state stands in."""
        if self._made[0] != state.phase:
            self._made = state.phase, self._phase(state)
        return self._made[1]

    def advance(self, state: State, most: int) -> State:
        """Do up to `most` runs of the state's phase; behind the last one, end the phase."""
        phase = self.phase(state)
        count = min(most, phase.runs - state.place)
        plan, inputs = phase.piece(state.place, count, self._batch(phase))
        given = {
            name: state.tensors[name]
            for name, tensor in plan.tensors.items()
            if tensor.given and name not in inputs and name not in plan.streamed
        }
        result = registry.run(
            plan,
            given | inputs,
            target=self.experiment.target,
            contract=Contract.parse(self.experiment.contract),
            checked=False,
            cores=self.experiment.cores,
        )
        losses = [v for n, v in result.records.items() if n in ("train/loss", "step/loss")]
        key = str(state.phase)
        told = np.concatenate([state.losses.get(key, np.empty(0, np.float32)), *losses])
        macs = 0 if state.phase == 0 else backward_macs(plan, result.records)
        after = replace(
            state,
            place=state.place + count,
            tensors={**state.tensors, **result.outputs},
            losses={**state.losses, key: told},
            macs=state.macs + macs,
        )
        return self._ended(after) if after.place == phase.runs else after

    def learner(self, state: State) -> Learner:
        """Return the learner, whose stage is frozen as the first phase left it."""
        if self._learner is None:
            stage = None
            if self.below:
                x, _ = self._batch(self._pretraining)
                e = self.experiment
                stage = frozen_stage(e.stage, self.below, state.tensors, x, e.target)
            self._learner = self.learner_of(stage)
        return self._learner

    def learner_of(self, stage: nn.Layer | None, dense: bool = False) -> Learner:
        """Return the learner with a stage, on request without its sparse policy."""
        layers = [*([] if stage is None else [stage]), *self.above]
        e = self.experiment
        strategy = replace(e.strategy, policy=Dense(), layers={}) if dense else e.strategy
        image = self.scenario.data.sample_shape
        return Learner(nn.Sequential(*layers), image, strategy, e.replay, e.seed)

    def _phase(self, state: State) -> Phase:
        if state.phase == 0:
            return self._pretraining
        learner = self.learner(state)
        counts = self.counts[: max(1, state.phase)]
        return Learning(learner, learner.sizes(counts), state.phase == 1)

    def _ended(self, state: State) -> State:
        """Return the state at the start of the next phase, with the answers of now."""
        correct = state.correct
        if state.phase > 0:
            correct = (*correct, self._answers(self.learner(state), state.tensors))
        dense = state.dense_macs + self._dense_macs(state)
        after = replace(state, phase=state.phase + 1, place=0, correct=correct, dense_macs=dense)
        if self.is_finished(after):
            return after
        values = self.phase(after).values(after.tensors)
        return replace(after, tensors={**after.tensors, **values})

    def _dense_macs(self, state: State) -> int:
        """Return what the phase's backward passes cost without a sparse policy."""
        if state.phase < 2:
            return 0
        plain = self.learner_of(self.learner(state).stage, dense=True)
        return backward_macs(plain.plan(plain.sizes(self.counts[: state.phase])), {})

    def _answers(self, learner: Learner, tensors: Mapping[str, Array]) -> tuple[int, ...]:
        """Return the correct answers on each task."""
        e = self.experiment
        about = e.target, e.cores, Contract.parse(e.contract)
        return tuple(correct_answers(learner, self.scenario, tensors, *about))

    def _batch(self, phase: Phase) -> tuple[Array, Array]:
        """Return the samples of a phase; all so far where training is cumulative."""
        number = phase.batch
        if self._samples is None or self._samples[0] != number:
            places = [number]
            if self.experiment.strategy.kind == "cumulative" and phase is not self._pretraining:
                places = list(range(number + 1))
            parts = [self.scenario.batch(place) for place in places]
            x, y = (np.concatenate(part) for part in zip(*parts, strict=True))
            self._samples = number, (x, y)
        return self._samples[1]

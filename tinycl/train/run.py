"""A training run: from its configuration, or from its checkpoint, to its results file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tinycl import nn
from tinycl.data import Dataset, load
from tinycl.errors import FileError, TinyclError
from tinycl.files import claimed
from tinycl.trace import Recorder
from tinycl.train import checkpoint, results
from tinycl.train.advance import Advance
from tinycl.train.checkpoint import Checkpoint, State
from tinycl.train.config import Config, resumed
from tinycl.train.nets import make_net
from tinycl.train.policies import attach
from tinycl.train.start import load as load_start

CHECKPOINT, RESULTS = "checkpoint.h5", "results.json"
Watch = Callable[[State, int], None]


@dataclass
class Run:
    """A run and where it stands.

    Parameters
    ----------
    config : Config
    data : Dataset
    data_digest : str
    training : nn.Training
    state : State
    folder : Path
        Holds ``checkpoint.h5`` and ``results.json``.
    """

    config: Config
    data: Dataset
    data_digest: str
    training: nn.Training
    state: State
    folder: Path

    @property
    def steps_per_epoch(self) -> int:
        """Updates of one epoch; samples that do not fill a batch are left out of it."""
        return len(self.data.train_y) // (self.config.batch * self.config.microbatches)

    @property
    def steps(self) -> int:
        """Updates of the whole run."""
        return self.config.epochs * self.steps_per_epoch

    def document(self, whole: bool = True) -> dict[str, Any]:
        """Return the results as they are now, with the policy's report if they are to be whole."""
        about = self.config, self.data, self.data_digest, self.training
        return results.document(*about, self.state, self.steps, whole)

    def save(self, whole: bool = False) -> None:
        """Write the checkpoint, then the results."""
        made = Checkpoint(self.state, self.config.to_table(), self.data_digest)
        checkpoint.write(self.folder / CHECKPOINT, made)
        results.write(self.folder / RESULTS, self.document(whole))

    def train(
        self,
        stop_after: int | None = None,
        watch: Watch = lambda *_: None,
        recorder: Recorder | None = None,
    ) -> None:
        """Go on until the run is finished.

        Parameters
        ----------
        stop_after : int, optional
            Stop when so many steps of the run are done.
        watch : callable
            Is given the state and the steps of the whole run, after each chunk of steps.
        recorder : Recorder, optional
            Is given every tensor of every step that is done now.

        Raises
        ------
        FileError
            Another process is at work in the folder, or it cannot be written.
        """
        with claimed(self.folder):
            self._train(stop_after, watch, recorder)

    def _train(self, stop_after: int | None, watch: Watch, recorder: Recorder | None) -> None:
        goal = self.steps if stop_after is None else min(stop_after, self.steps)
        about = self.config, self.data, self.training, self.steps_per_epoch
        advance = Advance(*about, recorder)
        if recorder is not None:
            recorder.step = advance.executions(self.state.step)
        # With no step to do all is written again: the results may lack what a cut run left out.
        saved = self.state if self.state.step < goal else None
        try:
            while True:
                if advance.is_evaluation_due(self.state):
                    self.state = advance.evaluate(self.state)
                    watch(self.state, self.steps)
                if saved is not self.state and self._is_save_due(goal):
                    self.save(whole=self.state.step >= goal)
                    saved = self.state
                if self.state.step >= goal:
                    break
                self.state = advance.steps(self.state, self._next_stop(goal))
                watch(self.state, self.steps)
        finally:  # interrupted, or a target failed: what was done is kept
            if saved is not self.state:
                self.save()

    def _is_save_due(self, goal: int) -> bool:
        step, every = self.state.step, self.config.checkpoint
        ends = step >= goal or step % self.steps_per_epoch == 0
        return ends or (every > 0 and step % every == 0)

    def _next_stop(self, goal: int) -> int:
        """Return the step of the next evaluation or checkpoint."""
        step, every = self.state.step, self.config.checkpoint
        ends = [goal, (step // self.steps_per_epoch + 1) * self.steps_per_epoch]
        return min([*ends, (step // every + 1) * every] if every else ends)


def begin(config: Config, folder: Path) -> Run:
    """Return a run at its first step.

    Parameters
    ----------
    config : Config
    folder : Path
        Is made; must not hold a run.

    Raises
    ------
    TinyclError
        The folder holds a run; data, net and batch do not fit each other, or weights to start from
        do not fit the net.
    """
    for name in (CHECKPOINT, RESULTS):
        if (folder / name).exists():
            raise TinyclError(
                f"{folder}: holds a run already; go on with --resume, or give another --out"
            )
    data = _load(config)
    training = _training(config, data)
    values = training.values(config.seed)
    if config.start is not None:
        weights, start = load_start(config.start, training)
        values, config = values | weights, replace(config, start=start)
    state = State(0, values)
    with claimed(folder):
        return Run(config, data, data.digest, training, state, folder)


def resume(given: Mapping[str, Any], folder: Path) -> Run:
    """Return a run at its last checkpoint.

    Parameters
    ----------
    given : mapping
        Table of what is asked for now; what it leaves out is as in the checkpoint.
    folder : Path

    Raises
    ------
    TinyclError
        Another configuration than that of the checkpoint, or other data.
    FileError
        No checkpoint, or a damaged one.
    """
    source = folder / CHECKPOINT
    stored = checkpoint.read(source)
    config = resumed(stored.config, given, str(source))
    data = _load(config)
    training = _training(config, data)
    if given.get("start") is not None and config.start is not None and config.start.is_there:
        load_start(config.start, training)  # raises where the weights are others
    digest = data.digest
    if digest != stored.data:
        raise TinyclError(
            f"resume: the data set {data.name} is not the one of {source}; give the path of that "
            "one, or begin another run with another --out"
        )
    run = Run(config, data, digest, training, stored.state, folder)
    if stored.state.step > run.steps:
        raise TinyclError(
            f"resume: {source} is at step {stored.state.step}; {config.epochs} epochs are "
            f"{run.steps} steps. Ask for more epochs"
        )
    if stored.state.tensors.keys() != training.values(config.seed).keys():
        raise FileError(
            f"{source}: holds other tensors than the net has; another tinycl wrote it. Use that "
            "one, or begin another run with another --out"
        )
    with claimed(folder):
        return run


def _load(config: Config) -> Dataset:
    data = load(config.data.name, config.data.path, **config.data.options)
    samples = config.batch * config.microbatches
    if samples > len(data.train_y):
        raise TinyclError(
            f"config: batch x microbatches is {samples}; {data.name} has {len(data.train_y)} "
            "samples to train with. Take a smaller batch"
        )
    return data


def _training(config: Config, data: Dataset) -> nn.Training:
    net = attach(make_net(config.net, data.sample_shape, len(data.classes)), config.policy)
    loss, optimiser = nn.SoftmaxCrossEntropy(), config.make_optimiser()
    shape = (config.batch, *data.sample_shape)
    training = nn.Training(net, loss, optimiser, shape, config.microbatches)
    training.plan()  # says now what does not go together
    return training

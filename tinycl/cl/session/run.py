"""A session in a folder: begun, cut off at any moment, gone on with, and its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinycl.cl.kinds import make_scenario
from tinycl.cl.scenario import Scenario
from tinycl.cl.session import checkpoint, results
from tinycl.cl.session.checkpoint import Checkpoint
from tinycl.cl.session.config import CHANGEABLE, Experiment
from tinycl.cl.session.session import Session, State
from tinycl.data import open_samples
from tinycl.errors import TinyclError
from tinycl.files import make_folder
from tinycl.train.results import write

RESULTS = "results.json"
FREELY = 64  # runs at a time where checkpoints are written between phases only
Watch = Callable[[State], None]


@dataclass
class Run:
    """A session and where it stands.

    Parameters
    ----------
    session : Session
    state, begun : State
        Now, and where its phase began.
    folder : Path
        Holds ``phase.h5``, ``step.h5`` and ``results.json``.
    """

    session: Session
    state: State
    begun: State
    folder: Path

    @property
    def is_finished(self) -> bool:
        """Whether all batches are learned."""
        return self.session.is_finished(self.state)

    def document(self) -> dict[str, Any]:
        """Return the results as they are now."""
        return results.document(self.session, self.state)

    def save(self) -> None:
        """Write the checkpoint and, where a phase ended, the results."""
        table, scenario = self.session.experiment.to_table(), self.session.scenario.digest
        if self.state.place == 0:
            self.begun = self.state
            write(self.folder / RESULTS, self.document())
        checkpoint.write(self.folder, Checkpoint(self.state, table, scenario), self.begun)

    def go_on(self, stop_after: int | None = None, watch: Watch = lambda state: None) -> None:
        """Go on until the session is finished.

        Parameters
        ----------
        stop_after : int, optional
            Stop after so many runs of bodies.
        watch : callable
            Is given the state after each stretch of runs.
        """
        every, done = self.session.experiment.checkpoint, 0
        while not self.is_finished and (stop_after is None or done < stop_after):
            most = every or FREELY
            if stop_after is not None:
                most = min(most, stop_after - done)
            before = self.state
            self.state = self.session.advance(before, most)
            ended = self.state.place == 0
            done += most
            if every or ended:
                self.save()
            watch(self.state)
        if self.state is not self.begun and self.state.place:
            self.save()


def begin(experiment: Experiment, folder: Path) -> Run:
    """Return a session at its first step.

    Raises
    ------
    TinyclError
        The folder holds a session; experiment and data do not fit each other.
    """
    for name in (checkpoint.PHASE, RESULTS):
        if (folder / name).exists():
            raise TinyclError(
                f"{folder}: holds a session already; go on with --resume, or give another --out"
            )
    session = Session(experiment, scenario_of(experiment))
    make_folder(folder)
    state = session.begin()
    run = Run(session, state, state, folder)
    run.save()
    return run


def resume(given: Mapping[str, Any], folder: Path) -> Run:
    """Return a session at its last checkpoint.

    Parameters
    ----------
    given : mapping
        Table of what is asked for now; what it leaves out is as in the checkpoint.
    folder : Path

    Raises
    ------
    TinyclError
        Another experiment than that of the checkpoint, or other data.
    FileError
        No checkpoint, or a damaged one.
    """
    last, begun = checkpoint.read(folder)
    before = Experiment.from_table(last.experiment)
    experiment = Experiment.from_table({**last.experiment, **given})
    ours, theirs = experiment.to_table(), before.to_table()
    for table in (ours, theirs):
        table["data"].pop("path", None)
    for key in sorted(ours.keys() | theirs.keys()):
        if key not in CHANGEABLE and ours.get(key) != theirs.get(key):
            raise TinyclError(
                f"resume: {key} is {ours.get(key)!r}; {folder} was begun with "
                f"{theirs.get(key)!r}. Leave it as it was, or begin another session with another "
                "--out"
            )
    scenario = scenario_of(experiment)
    if scenario.digest != last.scenario:
        raise TinyclError(
            f"resume: the data set {experiment.data.name} is not the one of {folder}; give the "
            "path of that one, or begin another session with another --out"
        )
    session = Session(experiment, scenario)
    make_folder(folder)
    return Run(session, last.state, begun, folder)


def scenario_of(experiment: Experiment) -> Scenario:
    """Return the scenario over the experiment's data."""
    where = experiment.data
    data = open_samples(where.name, where.path, **where.options)
    options = dict(experiment.scenario)
    return make_scenario(data, options.pop("kind"), **options)

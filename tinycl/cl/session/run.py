"""A session in a folder: begun, cut off at any moment, gone on with, and its results."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinycl.cl.kinds import make_scenario
from tinycl.cl.scenario import Scenario
from tinycl.cl.session import checkpoint, results
from tinycl.cl.session.checkpoint import Checkpoint
from tinycl.cl.session.config import Experiment
from tinycl.cl.session.resumed import resumed
from tinycl.cl.session.session import Session, State
from tinycl.data import open_samples
from tinycl.errors import TinyclError
from tinycl.files import claimed
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
        """Write the checkpoint and, where a phase ended, the results.

        The results of a phase come first, since nobody writes them behind the last checkpoint. The
        first checkpoint comes before them: it is what a session goes on from.
        """
        table, scenario = self.session.experiment.to_table(), self.session.scenario.digest
        made = Checkpoint(self.state, table, scenario)
        if self.state.place:
            checkpoint.write(self.folder, made, self.begun)
            return
        self.begun = self.state
        if self.state.phase:
            self.tell()
        checkpoint.write(self.folder, made, self.begun)
        if not self.state.phase:
            self.tell()

    def tell(self) -> None:
        """Write the results as they are now."""
        write(self.folder / RESULTS, self.document())

    def go_on(self, stop_after: int | None = None, watch: Watch = lambda state: None) -> None:
        """Go on until the session is finished.

        Parameters
        ----------
        stop_after : int, optional
            Stop after so many runs of bodies.
        watch : callable
            Is given the state after each stretch of runs.

        Raises
        ------
        FileError
            Another process is at work in the folder, or it cannot be written.
        """
        with claimed(self.folder):
            self._go_on(stop_after, watch)
            if not os.path.exists(self.folder / RESULTS):
                self.tell()

    def _go_on(self, stop_after: int | None, watch: Watch) -> None:
        every, done = self.session.experiment.checkpoint, 0
        while not self.is_finished and (stop_after is None or done < stop_after):
            before = self.state
            most = min(every or FREELY, self.session.phase(before).runs - before.place)
            if stop_after is not None:
                most = min(most, stop_after - done)
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
    FileError
        The folder cannot be made or written, or another process is at work in it.
    """
    _check_free(folder)
    session = Session(experiment, scenario_of(experiment))
    with claimed(folder):
        _check_free(folder)
        state = session.begin()
        run = Run(session, state, state, folder)
        run.save()
    return run


def _check_free(folder: Path) -> None:
    for name in (checkpoint.PHASE, RESULTS):
        if os.path.lexists(folder / name):
            raise TinyclError(
                f"{folder}: holds a session already; go on with --resume, or give another --out"
            )


def resume(given: Mapping[str, Any], folder: Path, whole: bool = False) -> Run:
    """Return a session at its last checkpoint.

    Parameters
    ----------
    given : mapping
        Table of what is asked for now; what it leaves out is as in the checkpoint.
    folder : Path
    whole : bool
        Whether the tables in `given` are whole, as those of a file.

    Raises
    ------
    TinyclError
        Another experiment than that of the checkpoint, or other data.
    FileError
        No checkpoint, or a damaged one.
    """
    last, begun = checkpoint.read(folder)
    experiment = resumed(last.experiment, given, str(folder), whole)
    scenario = scenario_of(experiment)
    if scenario.digest != last.scenario:
        raise TinyclError(
            f"resume: the data set {experiment.data.name} is not the one of {folder}; give the "
            "path of that one, or begin another session with another --out"
        )
    return Run(Session(experiment, scenario), last.state, begun, folder)


def scenario_of(experiment: Experiment) -> Scenario:
    """Return the scenario over the experiment's data."""
    where = experiment.data
    data = open_samples(where.name, where.path, **where.options)
    options = dict(experiment.scenario)
    return make_scenario(data, options.pop("kind"), **options)

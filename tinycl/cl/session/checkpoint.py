"""Checkpoints of a session: all tensors where a phase begins, and what changed since then.

``phase.h5`` is written where a phase begins; ``step.h5`` between two runs in it, with the tensors
that the phase has written so far. Each is written whole or not at all, and a step that belongs to
another phase is older than it and counts for nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from tinycl.bits import Array
from tinycl.cl.session.session import State
from tinycl.errors import FileError
from tinycl.train import stored

FORMAT = 1
PHASE, STEP = "phase.h5", "step.h5"
GROUPS = ("tensors", "losses")
WHAT = "a checkpoint of a session"


class Checkpoint(NamedTuple):
    """A state, the table of its experiment, and the digest of its scenario."""

    state: State
    experiment: dict[str, Any]
    scenario: str


def write(folder: Path, checkpoint: Checkpoint, begun: State) -> None:
    """Write a checkpoint.

    Parameters
    ----------
    folder : Path
    checkpoint : Checkpoint
    begun : State
        The state with which its phase began; the same, where it begins now.

    Raises
    ------
    FileError
        The place cannot be written.
    """
    state = checkpoint.state
    begins = state.place == 0
    before = {} if begins else begun.tensors
    tensors = {n: v for n, v in state.tensors.items() if before.get(n) is not v}
    groups: dict[str, Mapping[str, Array]] = {"tensors": tensors, "losses": state.losses}
    stored.write(folder / (PHASE if begins else STEP), FORMAT, _head(checkpoint), groups)


def read(folder: Path) -> tuple[Checkpoint, State]:
    """Read the last checkpoint; return it, and the state with which its phase began.

    Raises
    ------
    FileError
        Not there, of another format, damaged, or altered.
    """
    path = folder / PHASE
    if not os.path.isfile(path):
        raise FileError(f"{path}: there is no checkpoint; leave --resume out to begin a session")
    phase = _read(path)
    if not os.path.isfile(folder / STEP):
        return phase, phase.state
    step = _read(folder / STEP)
    of = (step.state.phase, step.experiment, step.scenario)
    if of != (phase.state.phase, phase.experiment, phase.scenario):
        return phase, phase.state
    tensors = {**phase.state.tensors, **step.state.tensors}
    return step._replace(state=replace(step.state, tensors=tensors)), phase.state


def _head(checkpoint: Checkpoint) -> str:
    state = checkpoint.state
    return json.dumps(
        {
            "phase": state.phase,
            "place": state.place,
            "correct": state.correct,
            "macs": state.macs,
            "dense_macs": state.dense_macs,
            "before": state.before,
            "experiment": checkpoint.experiment,
            "scenario": checkpoint.scenario,
        }
    )


def _read(path: Path) -> Checkpoint:
    head, groups = stored.read(path, FORMAT, GROUPS, WHAT)
    try:
        known = json.loads(head)
        correct = tuple(tuple(row) for row in known["correct"])
        state = State(
            known["phase"],
            known["place"],
            groups["tensors"],
            groups["losses"],
            correct,
            known["macs"],
            known["dense_macs"],
            tuple(known["before"]),
        )
        return Checkpoint(state, known["experiment"], known["scenario"])
    except (ValueError, LookupError, TypeError) as error:
        raise stored.damaged(path, WHAT, error) from error

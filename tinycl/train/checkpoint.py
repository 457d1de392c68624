"""Checkpoints: a run's state between two steps, in HDF5, with a digest over everything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tinycl.bits import Array
from tinycl.errors import FileError
from tinycl.train import stored

FORMAT = 1
GROUPS = ("tensors", "records")


class Accuracy(NamedTuple):
    """Correct answers on the test split after some epochs."""

    epoch: int
    correct: int
    of: int


@dataclass(frozen=True)
class State:
    """Where a run stands.

    Parameters
    ----------
    step : int
        Updates done.
    tensors : mapping of str to ndarray
        Weights, and the states of optimiser and policy.
    records : mapping of str to ndarray
        What the bodies recorded so far, ``body/tensor`` to (executions, *shape).
    accuracy : tuple of Accuracy
        One an epoch.
    """

    step: int
    tensors: Mapping[str, Array]
    records: Mapping[str, Array] = field(default_factory=dict)
    accuracy: tuple[Accuracy, ...] = ()


class Checkpoint(NamedTuple):
    """A state, the table of its configuration, and the digest of its data set."""

    state: State
    config: dict[str, Any]
    data: str


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint whole or not at all.

    Raises
    ------
    FileError
        The place cannot be written.
    """
    stored.write(path, FORMAT, _head(checkpoint), _groups(checkpoint.state))


def read(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    FileError
        Not there, of another format, damaged, or altered.
    """
    if not path.is_file():
        raise FileError(f"{path}: there is no checkpoint; leave --resume out to begin a run")
    head, groups = stored.read(path, FORMAT, GROUPS, "a checkpoint")
    try:
        return _checkpoint(json.loads(head), groups)
    except (ValueError, LookupError, TypeError) as error:
        raise stored.damaged(path, "a checkpoint", error) from error


def _head(checkpoint: Checkpoint) -> str:
    state = checkpoint.state
    return json.dumps(
        {
            "step": state.step,
            "accuracy": state.accuracy,
            "config": checkpoint.config,
            "data": checkpoint.data,
        }
    )


def _groups(state: State) -> dict[str, Mapping[str, Array]]:
    return dict(zip(GROUPS, (state.tensors, state.records), strict=True))


def _checkpoint(head: dict[str, Any], groups: Mapping[str, dict[str, Array]]) -> Checkpoint:
    accuracy = tuple(Accuracy(*entry) for entry in head["accuracy"])
    state = State(head["step"], groups["tensors"], groups["records"], accuracy)
    return Checkpoint(state, head["config"], head["data"])

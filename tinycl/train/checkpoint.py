"""Checkpoints: a run's state between two steps, in HDF5, with a digest over everything."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from tinycl.bits import Array, digest
from tinycl.errors import FileError
from tinycl.files import write_whole

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
    made = io.BytesIO()
    with h5py.File(made, "w") as file:
        file.attrs["format"] = FORMAT
        file["head"] = np.bytes_(_head(checkpoint).encode())
        for group, arrays in _groups(checkpoint.state).items():
            for name, value in arrays.items():
                file[f"{group}/{name}"] = value
        file.attrs["digest"] = np.bytes_(_digest(_head(checkpoint), _groups(checkpoint.state)))
    write_whole(path, made.getvalue())


def read(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    FileError
        Not there, of another format, damaged, or altered.
    """
    if not path.is_file():
        raise FileError(f"{path}: there is no checkpoint; leave --resume out to begin a run")
    try:
        with h5py.File(path, "r", locking=False) as file:
            if file.attrs["format"] != FORMAT:
                raise FileError(
                    f"its format is {file.attrs['format']}; this tinycl reads {FORMAT}. Use the "
                    "tinycl that wrote it"
                )
            head = bytes(file["head"][()]).decode()
            groups = {group: _arrays(file, group) for group in GROUPS}
            known = bytes(file.attrs["digest"]).decode()
        if _digest(head, groups) != known:
            raise FileError("its content does not have the digest beside it: it was altered")
        return _checkpoint(json.loads(head), groups)
    except FileError as error:
        raise FileError(f"{path}: {error}") from error
    except Exception as error:  # HDF5 raises what it likes on damaged files
        raise FileError(
            f"{path}: not a checkpoint, or damaged or cut short "
            f"({str(error) or type(error).__name__}); begin another run with another --out"
        ) from error


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


def _arrays(file: Any, group: str) -> dict[str, Array]:
    """Return all arrays of a group by name; those of records are one group deeper."""
    found: dict[str, Array] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = np.asarray(item[()])

    if group in file:
        file[group].visititems(visit)
    return found


def _digest(head: str, groups: Mapping[str, Mapping[str, Array]]) -> str:
    told = [
        f"{group}/{name} {digest(value)}\n"
        for group, arrays in groups.items()
        for name, value in sorted(arrays.items())
    ]
    return hashlib.sha256("".join((head, "\n", *told)).encode()).hexdigest()


def _checkpoint(head: dict[str, Any], groups: Mapping[str, dict[str, Array]]) -> Checkpoint:
    accuracy = tuple(Accuracy(*entry) for entry in head["accuracy"])
    state = State(head["step"], groups["tensors"], groups["records"], accuracy)
    return Checkpoint(state, head["config"], head["data"])

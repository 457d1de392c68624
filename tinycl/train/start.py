"""Weights that a run begins with in the place of drawn ones: fine-tuning."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tinycl import nn
from tinycl.bits import Array, digest
from tinycl.errors import FileError, TinyclError
from tinycl.models import read_weights
from tinycl.train import checkpoint
from tinycl.train.fields import as_table, build


@dataclass(frozen=True)
class Start:
    """A file of weights, and the digest of those that a run began with.

    Parameters
    ----------
    path : str
        ``checkpoint.h5`` of another run, or ``.npz`` or ``.h5`` with one float32 array a parameter,
        such as ``linear1.weight``; in HDF5 also as groups, ``linear1/weight``.
    digest : str, optional
        Left out: whatever the file holds.
    """

    path: str
    digest: str | None = None

    @classmethod
    def from_table(cls, table: object) -> Start:
        """Read the key ``start``: a path, or a table."""
        return build(cls, {"path": table} if isinstance(table, str) else table, "start")

    def to_table(self) -> dict[str, Any]:
        """Return the table."""
        return {"path": self.path} | ({} if self.digest is None else {"digest": self.digest})

    @property
    def is_there(self) -> bool:
        """Whether the path is a file."""
        return Path(self.path).is_file()


def load(start: Start, training: nn.Training) -> tuple[dict[str, Array], Start]:
    """Read the weights of a net.

    Parameters
    ----------
    start : Start
    training : nn.Training

    Returns
    -------
    weights : dict of str to ndarray of float32
        Each parameter of the net. States, which a checkpoint holds too, are left out.
    start : Start
        With the digest: SHA-256 over the names and digests of the weights.

    Raises
    ------
    FileError
        A file that is missing, unreadable or damaged, that lacks a parameter or has one of another
        shape or type; one of arrays alone that has others besides.
    TinyclError
        Other weights than those of the digest.
    """
    path = Path(start.path)
    wanted = {n: t.shape for n, t in training.plan(0).tensors.items() if t.role == "weight"}
    found, whole = _read(path)
    extra = [] if whole else sorted(found.keys() - wanted.keys())
    missing = [name for name in wanted if name not in found]
    if missing or extra:
        told = f"lacks {missing[0]}" if missing else f"holds {extra[0]}, which the net has not"
        raise FileError(f"{path}: {told}; the net's parameters are {', '.join(wanted)}")
    weights = {name: found[name] for name in wanted}
    for name, value in weights.items():
        if value.dtype != np.float32 or value.shape != wanted[name]:
            raise FileError(
                f"{path}: {name} is {value.dtype} {value.shape}; the net takes float32 "
                f"{wanted[name]}. Is it a file of another net?"
            )
    lines = "".join(f"{name} {digest(value)}\n" for name, value in sorted(weights.items()))
    known = hashlib.sha256(lines.encode()).hexdigest()
    if start.digest not in (None, known):
        raise TinyclError(
            f"start: {path} holds other weights than the run began with (digest {known[:12]}, not "
            f"{str(start.digest)[:12]}); give the file of that time, or begin another run"
        )
    return weights, Start(start.path, known)


def _read(path: Path) -> tuple[Mapping[str, Array], bool]:
    """Return arrays by name, and whether they are those of a checkpoint."""
    if not path.is_file():
        raise FileError(f"{path}: there is no such file to start from; check --start")
    if path.suffix not in (".npz", ".h5"):
        raise FileError(f"{path}: weights to start from are in .npz or .h5, such as checkpoint.h5")
    if path.suffix == ".h5" and _is_checkpoint(path):
        return checkpoint.read(path).state.tensors, True
    return read_weights(path), False


def _is_checkpoint(path: Path) -> bool:
    try:
        with h5py.File(path, "r", locking=False) as file:
            return "tensors" in file and "digest" in file.attrs
    except Exception as error:  # HDF5 raises what it likes on damaged files
        told = str(error) or type(error).__name__
        raise FileError(f"{path}: cannot be read as h5 ({told})") from error


def as_start(value: object) -> Start | None:
    """Return what the key ``start`` says; None where it is not there."""
    return None if value is None else Start.from_table(value)


def known_start(saved: Mapping[str, Any], given: object) -> dict[str, Any]:
    """Return the table of a start that is named again, with the digest that the run has stored.

    Parameters
    ----------
    saved : mapping
        Table of the checkpoint's configuration.
    given : object
        The key ``start`` of now.
    """
    before = as_table(saved.get("start", {}), "start")
    stored = {"digest": before["digest"]} if "digest" in before else {}
    return {**stored, **Start.from_table(given).to_table()}

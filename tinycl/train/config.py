"""What a run is made of: net, data, policy, optimiser, numbers; from a TOML file and flags."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tinycl import nn
from tinycl.contract import Contract
from tinycl.errors import FileError, TinyclError
from tinycl.sparse.checks import LARGEST
from tinycl.target.registry import TARGETS
from tinycl.train.fields import as_table, build, fit, known_keys
from tinycl.train.policies import Policy, policy_table, vars_of
from tinycl.train.start import as_start, known_start

CHANGEABLE = ("epochs", "target", "cores", "checkpoint")  # none of them changes a bit of a step
DEFAULTS: dict[str, dict[str, float]] = {
    "sgd": {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.0},
    "adam": {"lr": 0.001, "weight_decay": 0.0},
}
MOST = 2**31 - 1
RANGES = {
    "epochs": (1, MOST),
    "batch": (1, MOST),
    "microbatches": (1, MOST),
    "checkpoint": (0, MOST),
    "choose": (0, MOST),
    "seed": (0, 2**64 - 1),
    "cores": (1, MOST),
}


@dataclass(frozen=True)
class Data:
    """A data set: its name, where its files are, and the options of its reader."""

    name: str = "digits"
    path: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_table(cls, table: object) -> Data:
        """Read the table ``[data]``; it may be no more than a name."""
        values = dict(data_table(table))
        name = fit(values.pop("name", cls.name), str, "data.name")
        return cls(name, fit(values.pop("path", None), str | None, "data.path"), values)

    def to_table(self) -> dict[str, Any]:
        """Return the table."""
        path = {} if self.path is None else {"path": self.path}
        return {"name": self.name, **path, **self.options}


@dataclass(frozen=True)
class Config:
    """A run. The fields are the keys of the TOML file; `to_table` gives all of them.

    `batch` samples are one pass; gradients of `microbatches` passes are summed before an update.
    `lr`, `momentum` and `weight_decay` that are left out have the optimiser's value in `DEFAULTS`.
    Every `choose` epochs policies choose anew what they keep; 0 is once, before the first step.
    `checkpoint` is in steps; 0 is once an epoch. `start` is a file of weights to begin with, or a
    table (`Start`); states of optimiser and policy begin afresh. `contract` is as
    `Contract.parse` reads it.
    """

    net: str = "digits"
    epochs: int = 5
    batch: int = 16
    microbatches: int = 1
    optimiser: Literal["sgd", "adam"] = "sgd"
    lr: float | None = None
    momentum: float | None = None
    weight_decay: float | None = None
    seed: int = 1
    target: str = "numba"
    cores: int = 1
    checkpoint: int = 0
    contract: str = "default"
    choose: int = 0
    start: Any = None
    data: Any = field(default_factory=Data)
    policy: Any = field(default_factory=Policy)

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            if not least <= getattr(self, name) <= most:
                raise TinyclError(f"{name} must be {least}..{most}, got {getattr(self, name)}")
        if self.target not in TARGETS:
            raise TinyclError(f"target must be one of {', '.join(TARGETS)}, got {self.target!r}")
        object.__setattr__(self, "contract", str(Contract.parse(self.contract)))
        defaults = DEFAULTS[self.optimiser]
        for name in ("lr", "momentum", "weight_decay"):
            value = getattr(self, name)
            if value is None:
                object.__setattr__(self, name, defaults.get(name))
            elif name not in defaults:
                raise TinyclError(f"{self.optimiser} takes no {name}; leave it out")
            elif value < 0:
                raise TinyclError(f"{name} must not be below 0, got {value}")
            elif value > LARGEST:
                raise TinyclError(f"{name} must be a number that binary32 holds, got {value}")

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Config:
        """Make a configuration of a table, every key of which may be left out.

        Raises
        ------
        TinyclError
            A key that does not exist, a value of a wrong type or out of range.
        """
        known_keys(table, [f.name for f in dataclasses.fields(cls)], "config")
        values = dict(table)
        values["data"] = Data.from_table(values.get("data", {}))
        values["start"] = as_start(values.get("start"))
        values["policy"] = Policy.from_table(values.get("policy", {}))
        return build(cls, values, "config")

    def to_table(self) -> dict[str, Any]:
        """Return the table with every key that has a value."""
        start = {} if self.start is None else {"start": self.start.to_table()}
        parts = {"data": self.data.to_table(), "policy": self.policy.to_table()}
        return vars_of(self) | parts | start

    def make_optimiser(self) -> nn.Optimiser:
        """Return the optimiser."""
        values = {name: getattr(self, name) for name in DEFAULTS[self.optimiser]}
        return nn.SGD(**values) if self.optimiser == "sgd" else nn.Adam(**values)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    FileError
        It cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path}: not TOML in UTF-8: {error}") from error


def data_table(table: object) -> Mapping[str, Any]:
    """Return the table ``[data]``, which may be no more than a name."""
    return as_table({"name": table} if isinstance(table, str) else table, "data")


def resumed(saved: Mapping[str, Any], given: Mapping[str, Any], where: str) -> Config:
    """Return the configuration with which a run goes on.

    Parameters
    ----------
    saved : mapping
        Table of the checkpoint.
    given : mapping
        Table of the file and the flags of now; what it leaves out is as it was.
    where : str
        The checkpoint, for messages.

    Raises
    ------
    TinyclError
        They differ in something that would make it another run. `CHANGEABLE` and the paths of
        the data and of the start may differ.
    """
    tables = {**saved, **given}
    if "data" in given:
        now = dict(data_table(given["data"]))
        same = now.get("name", saved["data"]["name"]) == saved["data"]["name"]
        tables["data"] = {**(saved["data"] if same else {}), **now}
    if given.get("start") is not None:
        tables["start"] = known_start(saved, given["start"])
    if "policy" in given:
        own = policy_table(given["policy"])
        tables["policy"] = own if "kind" in own else {**saved["policy"], **own}
    config, before = Config.from_table(tables), Config.from_table(saved)
    ours, theirs = config.to_table(), before.to_table()
    for part in ("data", "start"):
        ours.get(part, {}).pop("path", None), theirs.get(part, {}).pop("path", None)
    for key in (*theirs, *(k for k in ours if k not in theirs)):
        if key not in CHANGEABLE and ours.get(key) != theirs.get(key):
            raise TinyclError(
                f"resume: {key} is {theirs.get(key)} in {where} and {ours.get(key)} now; leave it "
                "as it was, or begin another run with another --out"
            )
    return config

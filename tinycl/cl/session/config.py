"""An experiment in continual learning, as a TOML file describes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tinycl import nn
from tinycl.cl.learning.replay import Replay
from tinycl.cl.learning.strategy import Strategy
from tinycl.contract import Contract
from tinycl.errors import TinyclError
from tinycl.sparse import checks
from tinycl.target.registry import TARGETS
from tinycl.train.config import Data
from tinycl.train.fields import as_table, build, known_keys
from tinycl.train.policies import Policy, vars_of

CHANGEABLE = ("target", "cores", "checkpoint")  # none of them changes a bit


@dataclass(frozen=True)
class First:
    """How the whole net trains with the first learning batch.

    Parameters
    ----------
    epochs, minibatch : int
    lr, momentum, weight_decay : float
    """

    epochs: int = 5
    minibatch: int = 16
    lr: float = 0.02
    momentum: float = 0.9
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        checks.whole("epochs", self.epochs, 1)
        checks.whole("minibatch", self.minibatch, 1)
        for name in ("lr", "momentum", "weight_decay"):
            checks.number(name, getattr(self, name))

    def optimiser(self) -> nn.SGD:
        """Return the optimiser."""
        return nn.SGD(self.lr, self.momentum, self.weight_decay)


@dataclass(frozen=True)
class Stage:
    """The frozen stage.

    Parameters
    ----------
    below : str
        Name of the first layer that goes on learning; all before it are frozen after the first
        batch. "" freezes nothing: the whole net goes on learning, and images are replayed.
    numbers : {"int8", "f32"}
        What it computes in.
    calibration : int
        Samples of the first batch, evenly spaced, that the ranges of INT8 are taken from.
    """

    below: str = ""
    numbers: Literal["int8", "f32"] = "f32"
    calibration: int = 128

    def __post_init__(self) -> None:
        checks.whole("calibration", self.calibration, 1)


@dataclass(frozen=True)
class Experiment:
    """An experiment. The fields are the keys of the TOML file; `to_table` gives all of them.

    `scenario` is a table: its ``kind`` and what that kind takes. `checkpoint` counts runs of
    bodies, of which a step is one; 0 writes one after each learning batch.
    """

    net: str = "digits"
    seed: int = 1
    target: str = "numba"
    cores: int = 1
    contract: str = "default"
    checkpoint: int = 1
    data: Any = field(default_factory=Data)
    scenario: Any = field(default_factory=dict)
    first: Any = field(default_factory=First)
    stage: Any = field(default_factory=Stage)
    strategy: Any = field(default_factory=Strategy)
    policy: Any = field(default_factory=Policy)
    replay: Any = None

    def __post_init__(self) -> None:
        checks.whole("cores", self.cores, 1)
        checks.whole("seed", self.seed)
        checks.whole("checkpoint", self.checkpoint)
        if self.target not in TARGETS:
            raise TinyclError(f"target must be one of {', '.join(TARGETS)}, got {self.target!r}")
        object.__setattr__(self, "contract", str(Contract.parse(self.contract)))

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Experiment:
        """Make an experiment of a table.

        Raises
        ------
        TinyclError
            A key that does not exist, a value of a wrong type or out of range.
        """
        known_keys(table, [f.name for f in dataclasses.fields(cls)], "experiment")
        values = dict(table)
        values["data"] = Data.from_table(values.get("data", {}))
        values["scenario"] = _scenario(values.get("scenario", {}))
        values["first"] = build(First, values.get("first", {}), "first")
        values["stage"] = build(Stage, values.get("stage", {}), "stage")
        policy = values["policy"] = Policy.from_table(values.get("policy", {}))
        strategy = dict(as_table(values.get("strategy", {}), "strategy"))
        for key in ("policy", "layers"):
            if key in strategy:
                raise TinyclError(f"strategy.{key}: the policy has a table of its own, [policy]")
        made = build(Strategy, strategy, "strategy")
        values["strategy"] = dataclasses.replace(made, policy=policy.net, layers=policy.layers)
        if values.get("replay") is not None:
            values["replay"] = build(Replay, values["replay"], "replay")
        return build(cls, values, "experiment")

    def to_table(self) -> dict[str, Any]:
        """Return the table with every key that has a value."""
        strategy = vars_of(self.strategy)
        del strategy["policy"], strategy["layers"]
        parts: dict[str, Any] = {
            "data": self.data.to_table(),
            "scenario": dict(self.scenario),
            "first": vars_of(self.first),
            "stage": vars_of(self.stage),
            "strategy": strategy,
            "policy": self.policy.to_table(),
        }
        if self.replay is not None:
            parts["replay"] = vars_of(self.replay)
        return vars_of(self) | parts


def _scenario(table: object) -> dict[str, Any]:
    values = dict(as_table({"kind": table} if isinstance(table, str) else table, "scenario"))
    if not isinstance(values.setdefault("kind", "new_classes"), str):
        raise TinyclError(f"scenario.kind: must be a text, got {values['kind']!r}")
    return values

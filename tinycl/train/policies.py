"""Which policy a run trains with: the table ``[policy]``, and one for a layer where it differs.

`POLICIES` maps the kinds to dataclasses, whose fields are the keys that the tables take.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tinycl import nn
from tinycl.errors import TinyclError
from tinycl.plan import Plan
from tinycl.train.checkpoint import State
from tinycl.train.fields import as_table, build


@dataclass(frozen=True)
class Dense:
    """Every weight and every bias trains, with every term of its gradient."""


POLICIES: dict[str, type[Any]] = {"dense": Dense}


@dataclass(frozen=True)
class Policy:
    """The policy of a net, and those of the layers that have another.

    Parameters
    ----------
    net : object
        An instance of a dataclass of `POLICIES`.
    layers : mapping of str to object
        The same by a layer's name.
    """

    net: Any = field(default_factory=Dense)
    layers: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_table(cls, table: object) -> Policy:
        """Read the table ``[policy]``; it may be no more than the name of a kind.

        Raises
        ------
        TinyclError
            A kind or a key that does not exist, or a value of a wrong type.
        """
        values = dict(as_table({"kind": table} if isinstance(table, str) else table, "policy"))
        layers = as_table(values.pop("layers", {}), "policy.layers")
        chosen = {name: _one(value, f"policy.layers.{name}") for name, value in layers.items()}
        return cls(_one(values, "policy"), chosen)

    def to_table(self) -> dict[str, Any]:
        """Return the table with every key."""
        table = _table(self.net)
        if self.layers:
            table["layers"] = {name: _table(policy) for name, policy in self.layers.items()}
        return table


def attach(net: nn.Layer, policy: Policy) -> nn.Layer:
    """Return the net with its policy attached; a dense one is the net itself."""
    return net


def check_layers(policy: Policy, plan: Plan) -> None:
    """Raise TinyclError for the name of a layer that has no weights, or does not exist."""
    weights = (n for n, t in plan.tensors.items() if t.role == "weight")
    names = list(dict.fromkeys(name.rpartition(".")[0] for name in weights))
    for name in policy.layers:
        if name not in names:
            raise TinyclError(
                f"policy.layers.{name}: the net has no such layer with weights; "
                f"there are {', '.join(names)}"
            )


def report(policy: Policy, training: nn.Training, state: State) -> dict[str, Any] | None:
    """Return what a policy tells about a run, or None where it is dense.

    Parameters
    ----------
    policy : Policy
    training : nn.Training
    state : State
        With all records of all steps so far.
    """
    return None


def _one(table: object, where: str) -> Any:
    values = dict(as_table({"kind": table} if isinstance(table, str) else table, where))
    kind = values.pop("kind", "dense")
    if not isinstance(kind, str) or kind not in POLICIES:
        raise TinyclError(f"{where}.kind: no policy {kind!r}; choose from {', '.join(POLICIES)}")
    return build(POLICIES[kind], values, where)


def _table(policy: Any) -> dict[str, Any]:
    kind = next(kind for kind, cls in POLICIES.items() if cls is type(policy))
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in vars_of(policy).items()}
    return {"kind": kind, **values}


def vars_of(made: Any) -> dict[str, Any]:
    """Return the fields that a dataclass is made with, without those that are None."""
    given = {f.name: getattr(made, f.name) for f in dataclasses.fields(made) if f.init}
    return {name: value for name, value in given.items() if value is not None}

"""Which policy a run trains with: the table ``[policy]``, and one for a layer where it differs.

`POLICIES` maps the kinds to dataclasses, whose fields are the keys that the tables take.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tinycl import nn, sparse
from tinycl.errors import TinyclError
from tinycl.train.checkpoint import State
from tinycl.train.fields import as_table, build

POLICIES: dict[str, type[Any]] = {
    "dense": sparse.Dense,
    "fixed": sparse.Fixed,
    "bias_only": sparse.BiasOnly,
    "layerwise": sparse.LayerWise,
    "channels": sparse.Channels,
    "topk": sparse.TopK,
    "tinyprop": sparse.TinyProp,
    "tinypropv2": sparse.TinyPropV2,
}


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

    net: Any = field(default_factory=sparse.Dense)
    layers: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_table(cls, table: object) -> Policy:
        """Read the table ``[policy]``; it may be no more than the name of a kind.

        Raises
        ------
        TinyclError
            A kind or a key that does not exist, or a value of a wrong type.
        """
        values = dict(policy_table(table))
        layers = as_table(values.pop("layers", {}), "policy.layers")
        chosen: dict[str, Any] = {}
        for name, value in _by_layer(layers, ""):
            if name in chosen:
                raise TinyclError(f"policy.layers.{name}: given twice; keep one")
            chosen[name] = _one(value, f"policy.layers.{name}")
        return cls(_one(values, "policy"), chosen)

    def to_table(self) -> dict[str, Any]:
        """Return the table with every key."""
        table = _table(self.net)
        if self.layers:
            table["layers"] = {name: _table(policy) for name, policy in self.layers.items()}
        return table


def policy_table(table: object, where: str = "policy") -> Mapping[str, Any]:
    """Return a table of a policy, which may be no more than a kind."""
    return as_table({"kind": table} if isinstance(table, str) else table, where)


def attach(net: nn.Layer, policy: Policy) -> nn.Layer:
    """Return the net with its policy attached."""
    return sparse.attach(net, policy.net, policy.layers)


def report(policy: Policy, training: nn.Training, state: State) -> dict[str, Any] | None:
    """Return what a policy tells about a run, or None where it is dense or at step 0.

    Parameters
    ----------
    policy : Policy
    training : nn.Training
    state : State
        With all records of all steps so far.
    """
    dense = all(type(p) is sparse.Dense for p in (policy.net, *policy.layers.values()))
    if dense or state.step == 0:
        return None
    return sparse.report(training, state.records, state.tensors).json()


def _by_layer(tables: Mapping[str, Any], outer: str) -> Iterator[tuple[str, Any]]:
    """Yield layers and their tables; those of ``residual2`` may stand in a table of that name."""
    for name, value in tables.items():
        inner = isinstance(value, Mapping) and "kind" not in value and len(value) > 0
        if inner and all(isinstance(v, Mapping) or v in [*POLICIES] for v in value.values()):
            yield from _by_layer(value, f"{outer}{name}.")
        else:
            yield f"{outer}{name}", value


def _one(table: object, where: str) -> Any:
    values = dict(policy_table(table, where))
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

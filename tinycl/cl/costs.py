"""What a plan costs, read off the plan: memory by kind, multiply-accumulates by stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np

from tinycl.errors import PlanError
from tinycl.ops import TABLE
from tinycl.plan import Op, Plan, Tensor, lifetimes

WORD = 4


@dataclass(frozen=True)
class Memory:
    """Bytes by kind.

    Parameters
    ----------
    latents : int
        Of the replay memory.
    frozen_weights, adaptive_weights : int
        Weights that the plan never writes, and those that it does.
    gradients : int
        Of weights; sums over microbatches too.
    optimiser : int
        States that an update of weights reads, such as velocities.
    activations : int
        The samples in flight: inputs, activations and their gradients.
    other : int
        States that are none of these, such as moving statistics.
    """

    latents: int = 0
    frozen_weights: int = 0
    adaptive_weights: int = 0
    gradients: int = 0
    optimiser: int = 0
    activations: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        """Sum of all kinds."""
        return sum(asdict(self).values())


@dataclass(frozen=True)
class Work:
    """Multiply-accumulates of a whole schedule; sparse operations count as if all survived.

    Parameters
    ----------
    frozen : int
        Forward, with weights that the plan never writes.
    forward, backward : int
        The rest of the forward pass; the gradients.
    """

    frozen: int = 0
    forward: int = 0
    backward: int = 0

    @property
    def total(self) -> int:
        """Sum of all stages."""
        return self.frozen + self.forward + self.backward


KINDS = tuple(field.name for field in fields(Memory))


def memory(
    plan: Plan, kinds: Mapping[str, str] | None = None, more: Mapping[str, int] | None = None
) -> Memory:
    """Return the memory that a plan needs at once.

    What lasts counts whole. Of what lives inside a body the moment counts, before or at some
    operation, at which most bytes are alive. An arena (`tinycl.plan.layout`) may need more, where
    free places between tensors are too small.

    Parameters
    ----------
    plan : Plan
    kinds : mapping of str to str
        Kinds of tensors by name, in the place of the one that the plan tells: ``latents`` is
        known in this way only.
    more : mapping of str to int
        Bytes outside the plan, by kind.

    Raises
    ------
    PlanError
        No such kind or tensor, or a number of bytes below 0.
    """
    named, outside = dict(kinds or {}), dict(more or {})
    wrong = [kind for kind in (*named.values(), *outside) if kind not in KINDS]
    if wrong:
        raise PlanError(f"memory: there is no kind {wrong[0]!r}; choose from {', '.join(KINDS)}")
    unknown = [name for name in named if name not in plan.tensors]
    if unknown:
        raise PlanError(f"memory: the plan has no tensor {unknown[0]!r}")
    if any(count < 0 for count in outside.values()):
        raise PlanError(f"memory: bytes outside the plan cannot be below 0: {outside}")
    told = _kinds(plan) | named
    lives = lifetimes(plan)
    sums = dict.fromkeys(KINDS, 0) | outside
    for name, tensor in plan.tensors.items():
        if name not in lives:
            sums[told[name]] += byte_size(tensor)
    for name in _alive_at_most(plan):
        sums[told[name]] += byte_size(plan.tensors[name])
    return Memory(**sums)


def work(plan: Plan) -> Work:
    """Return the multiply-accumulates of a plan; their total is `Plan.macs`."""
    written = _written(plan)
    sums = {"frozen": 0, "forward": 0, "backward": 0}
    for body in plan.bodies.values():
        times = plan.body_executions(body.name)
        for op in body.ops:
            sums[_stage(plan, op, written)] += times * plan.op_macs(op)
    return Work(**sums)


def byte_size(tensor: Tensor) -> int:
    """Bytes that a tensor takes, in whole words."""
    return tensor.words * WORD


def _stage(plan: Plan, op: Op, written: set[str]) -> str:
    roles = {plan.tensors[name].role for name in op.reads}
    if "gradient" in roles or op.kind.endswith("_grad"):
        return "backward"
    weights = {name for name in op.reads if plan.tensors[name].role == "weight"}
    return "frozen" if weights and not weights & written else "forward"


def _written(plan: Plan) -> set[str]:
    return {name for body in plan.bodies.values() for op in body.ops for name in op.writes}


def _kinds(plan: Plan) -> dict[str, str]:
    """Return the kind of each tensor: by its role, and by the operations that read it."""
    written = _written(plan)
    by_role = {"input": "activations", "activation": "activations", "gradient": "activations"}
    told = {}
    for name, tensor in plan.tensors.items():
        if tensor.role == "weight":
            told[name] = "adaptive_weights" if name in written else "frozen_weights"
        else:
            told[name] = by_role.get(tensor.role, "other")
    ops = [op for body in plan.bodies.values() for op in body.ops]
    for op in ops:
        given = dict(zip((arg.name for arg in TABLE[op.kind].inputs), op.inputs, strict=False))
        updates = {arg.updates for arg in TABLE[op.kind].outputs}
        if "g" not in given or "w" not in updates:
            continue
        for arg, read in given.items():
            if read is not None and arg == "g":
                told[read] = "gradients"
            elif read is not None and arg in updates and plan.tensors[read].role == "state":
                told[read] = "optimiser"
    for op in ops:
        if op.kind == "accumulate" and told[op.writes[0]] == "gradients":
            told.update(dict.fromkeys(op.reads, "gradients"))
    return told


def _alive_at_most(plan: Plan) -> list[str]:
    """Return the tensors that are alive when most bytes are, in the body where that is most."""
    lives = lifetimes(plan)
    best: list[str] = []
    most = 0
    for body in plan.bodies.values():
        here = {name: life for name, life in lives.items() if life.body == body.name}
        alive = np.zeros(len(body.ops) + 3, np.int64)  # place -1 first
        for name, life in here.items():
            alive[life.first + 1] += byte_size(plan.tensors[name])
            alive[life.last + 2] -= byte_size(plan.tensors[name])
        total = np.cumsum(alive)
        if total.max() > most:
            most, place = int(total.max()), int(total.argmax()) - 1
            best = [name for name, life in here.items() if life.first <= place <= life.last]
    return best

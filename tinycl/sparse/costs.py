"""What a plan costs, read off the plan: multiply-accumulates, kept activations, peak memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tinycl import nn
from tinycl.bits import Array
from tinycl.plan import Op, Plan, layout

WORD = 4


@dataclass(frozen=True)
class Costs:
    """A training plan, seen by its layers.

    Parameters
    ----------
    plan : Plan
        Of `nn.Training`: with a body ``train``.
    """

    plan: Plan

    @property
    def ops(self) -> tuple[Op, ...]:
        """Operations of the body ``train``."""
        return self.plan.bodies["train"].ops

    def writer(self, tensor: str) -> Op | None:
        """Return the operation that writes a tensor, if there is one."""
        return next((op for op in self.ops if tensor in op.writes), None)

    def macs(self, tensor: str) -> int:
        """Multiply-accumulates of what writes a tensor if all survives; 0 if nothing does."""
        op = self.writer(tensor)
        return 0 if op is None else self.plan.op_macs(op)

    def done(self, tensor: str, records: Mapping[str, Array], steps: int) -> Array:
        """Return the multiply-accumulates done for a gradient in each step: int64, (steps,).

        They are what the kernel counted, or, where it is a dense kernel, the cost of the table.
        """
        counted = records.get(f"train/{tensor}_effort")
        if counted is None:
            return np.full(steps, self.macs(tensor), np.int64)
        done: Array = counted.reshape(len(counted), -1).sum(axis=1, dtype=np.int64)
        return done

    def kept(self) -> dict[str, int]:
        """Bytes of each activation that the forward pass keeps for the backward pass."""
        tensors = self.plan.tensors
        first = next(i for i, op in enumerate(self.ops) if tensors[op.writes[0]].role == "gradient")
        made = {name for op in self.ops[:first] for name in op.writes}
        made.update(self.plan.bodies["train"].streams)
        read = {name for op in self.ops[first:] for name in op.reads}
        return {name: tensors[name].size * WORD for name in tensors if name in made & read}

    def kept_by(self, layer: nn.Weighted) -> int:
        """Bytes of the activations that a layer's own gradients read."""
        kept = self.kept()
        names: set[str] = set()
        for gradient in ("dweight", "dbias", "dx"):
            op = self.writer(f"{layer.name}.{gradient}")
            names.update(() if op is None else op.reads)
        return sum(kept[name] for name in names & kept.keys())

    def peak(self) -> int:
        """Bytes of the arena of a lean run: weights, states and what is alive at one time."""
        return layout(self.plan, checked=False).words * WORD

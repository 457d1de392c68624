"""What a case of the catalogue is, and the plan of one operation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tinycl.bits import DTYPES, Array
from tinycl.contract import DEFAULT, Contract
from tinycl.ops import TABLE
from tinycl.plan import Body, Op, Plan, Run, Tensor

Inputs = Mapping[str, Array]
KINDS = ("plain", "hard")


@dataclass(frozen=True)
class Case:
    """A plan and its inputs, not yet built.

    Attributes
    ----------
    name : str
        Operation, what is special, kind of values: ``conv2d_forward/stride3_asymmetric_hard``.
    make : callable
        Takes the seed, returns plan and inputs.
    contract : Contract
    """

    name: str
    make: Callable[[int], tuple[Plan, Inputs]]
    contract: Contract = DEFAULT

    @property
    def seed(self) -> int:
        """31 bits of the name's hash, so that new cases do not change old ones."""
        return int(hashlib.sha256(self.name.encode()).hexdigest()[:8], 16) >> 1

    def build(self) -> tuple[Plan, Inputs, int]:
        """Return plan, inputs and seed."""
        plan, inputs = self.make(self.seed)
        return plan, inputs, self.seed


def one_operation(
    kind: str, inputs: Mapping[str, Array | None], attrs: Mapping[str, Any]
) -> tuple[Plan, Inputs]:
    """Return the plan that runs one operation once, and its inputs.

    Parameters
    ----------
    kind : str
        Name in `tinycl.ops.TABLE`.
    inputs : mapping of str to ndarray or None
        By the names of the table; None or absent where an optional tensor is left out.
    attrs : mapping
    """
    row = TABLE[kind]
    given = {a.name: v for a in row.inputs if (v := inputs.get(a.name)) is not None}
    names = tuple(a.name if a.name in given else None for a in row.inputs)
    dtypes = {v: k for k, v in DTYPES.items()}
    tensors = {
        n: Tensor(n, v.shape, dtypes[v.dtype.type], "state" if _updated(kind, n) else "input")
        for n, v in given.items()
    }
    shapes = row.infer(
        [None if n is None else tensors[n].shape for n in names],
        [None if n is None else tensors[n].dtype for n in names],
        attrs,
    )
    outputs: list[str | None] = []
    for arg, shape in zip(row.outputs, shapes, strict=True):
        if arg.updates is None:
            tensors[arg.name] = Tensor(arg.name, shape, arg.dtype)
        outputs.append(arg.name if arg.name in tensors else None)
    body = Body("main", (Op(kind, names, tuple(outputs), row.attributes(attrs)),))
    written = tuple(n for n in outputs if n is not None)
    return Plan(tensors, {"main": body}, (Run("main", 1),), written), given


def _updated(kind: str, name: str) -> bool:
    return any(a.updates == name for a in TABLE[kind].outputs)

"""Frozen layers on bytes, as one layer of a net."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.errors import PlanError
from tinycl.nn.builder import Builder
from tinycl.nn.layer import Layer
from tinycl.quant.scales import Affine


@dataclass(frozen=True)
class Step:
    """One operation on bytes.

    Attributes
    ----------
    name : str
        Within the stage.
    kind : str
        Name in `tinycl.ops.TABLE`.
    sources : tuple of int
        The tensors that it takes: 0 is the stage's input, i the output of step i - 1.
    constants : mapping of str to ndarray
        Its further inputs, in order.
    attrs : mapping
    """

    name: str
    kind: str
    sources: tuple[int, ...]
    constants: Mapping[str, Array] = field(default_factory=dict)
    attrs: Mapping[str, Any] = field(default_factory=dict)


class Int8Stage(Layer):
    """Layers that do not train, computed on bytes: float32 in, float32 out.

    It stands where `Frozen` would, has no gradient and nothing to train. `calibrate` makes it.

    Parameters
    ----------
    x, y : Affine
        Of its input and of its output.
    steps : tuple of Step
    """

    kind = "int8_stage"

    def __init__(self, x: Affine, steps: tuple[Step, ...], y: Affine) -> None:
        self.x, self.steps, self.y = x, steps, y

    @property
    def bytes(self) -> int:
        """Bytes that the weights and what belongs to them take."""
        return sum(value.nbytes for step in self.steps for value in step.constants.values())

    def parts(self) -> Iterator[Layer]:
        """Yield nothing."""
        return iter(())

    def forward(self, b: Builder, x: str) -> str:
        """Emit quantise, the operations on bytes, dequantise."""
        made = [b.emit("quantise", (x, *self._affine(b, "x", self.x)), (f"{self.name}.q",))]
        for step in self.steps:
            name = f"{self.name}.{step.name}"
            given = [b.constant(f"{name}.{part}", value) for part, value in step.constants.items()]
            inputs = (*(made[i] for i in step.sources), *given)
            made.append(b.emit(step.kind, inputs, (f"{name}.y",), **step.attrs))
        return b.emit("dequantise", (made[-1], *self._affine(b, "y", self.y)), (f"{self.name}.y",))

    def _affine(self, b: Builder, what: str, of: Affine) -> tuple[str, str]:
        return (
            b.constant(f"{self.name}.{what}.scale", np.array([of.scale], np.float32)),
            b.constant(f"{self.name}.{what}.zero", np.array([of.zero], np.int32)),
        )

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Return None; a gradient behind bytes cannot be asked for."""
        if wanted:
            raise PlanError(f"{self.name}: bytes have no gradient; put the stage first in the net")
        return None

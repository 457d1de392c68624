"""Activation layers: ReLU, ReLU6, hard-swish go back from their input, sigmoid from its output."""

from __future__ import annotations

import math

from tinycl.nn.builder import Builder
from tinycl.nn.layer import Layer


class Activation(Layer):
    """y = f(x), dx = f'(x or y) * dy."""

    back_from = "x"

    def forward(self, b: Builder, x: str) -> str:
        """Emit y = f(x)."""
        y = b.emit(f"{self.kind}_forward", (x,), (f"{self.name}.y",))
        b.save(self.name, x=x, y=y, **self.keep(b, x))
        return y

    def keep(self, b: Builder, x: str) -> dict[str, str]:
        """Emit what the backward pass needs besides x or y."""
        return {}

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit dx."""
        if not wanted:
            return None
        source = b.saved(self.name)[self.back_from]
        return b.emit(
            f"{self.kind}_input_grad", (source, dy), (f"{self.name}.dx",), role="gradient"
        )


class Gate(Activation):
    """An activation whose gradient is dy or 0.

    Parameters
    ----------
    bits : bool
        Keep one bit an element for the backward pass instead of x; the gradient is the same.
    """

    top = math.inf

    def __init__(self, bits: bool = False) -> None:
        self.bits = bits

    def keep(self, b: Builder, x: str) -> dict[str, str]:
        """Emit one bit an element: whether 0 < x < top."""
        if not (self.bits and b.training):
            return {}
        return {"bits": b.emit("gate_bits", (x,), (f"{self.name}.bits",), below=self.top)}

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit dx."""
        bits = b.saved(self.name).get("bits")
        if bits is None or not wanted:
            return super().backward(b, dy, wanted)
        return b.emit("gate_grad", (bits, dy), (f"{self.name}.dx",), role="gradient")


class ReLU(Gate):
    """max(x, 0)."""

    kind = "relu"


class ReLU6(Gate):
    """min(max(x, 0), 6)."""

    kind = "relu6"
    top = 6.0


class HardSwish(Activation):
    """x * relu6(x + 3) / 6."""

    kind = "hard_swish"


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    kind = "sigmoid"
    back_from = "y"

"""Activation layers: ReLU, ReLU6, hard-swish go back from their input, sigmoid from its output."""

from __future__ import annotations

from tinycl.nn.builder import Builder
from tinycl.nn.layer import Layer


class Activation(Layer):
    """y = f(x), dx = f'(x or y) * dy."""

    back_from = "x"

    def forward(self, b: Builder, x: str) -> str:
        """Emit y = f(x)."""
        y = b.emit(f"{self.kind}_forward", (x,), (f"{self.name}.y",))
        b.save(self.name, x=x, y=y)
        return y

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit dx."""
        if not wanted:
            return None
        source = b.saved(self.name)[self.back_from]
        return b.emit(
            f"{self.kind}_input_grad", (source, dy), (f"{self.name}.dx",), role="gradient"
        )


class ReLU(Activation):
    """max(x, 0)."""

    kind = "relu"


class ReLU6(Activation):
    """min(max(x, 0), 6)."""

    kind = "relu6"


class HardSwish(Activation):
    """x * relu6(x + 3) / 6."""

    kind = "hard_swish"


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    kind = "sigmoid"
    back_from = "y"

"""Squeeze-excite: each channel of each sample is scaled by what all channels of the sample say."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tinycl.nn.activations import ReLU, Sigmoid
from tinycl.nn.builder import Builder
from tinycl.nn.containers import Sequential
from tinycl.nn.layer import Layer
from tinycl.nn.pooling import GlobalAvgPool2d
from tinycl.nn.weighted import Pointwise


class SqueezeExcite(Layer):
    """y = x * s, s being a small net of x's global average (Hu et al., 2018).

    x has two consumers, the small net and the scale; the gradient is the scale's plus the net's.

    Parameters
    ----------
    channels, hidden : int
    activation, gate : callable
        Make the layers behind the first and the second pointwise layer.
    bias : bool
        Whether the pointwise layers have one.
    """

    kind = "squeeze_excite"

    def __init__(
        self,
        channels: int,
        hidden: int,
        activation: Callable[[], Layer] = ReLU,
        gate: Callable[[], Layer] = Sigmoid,
        bias: bool = True,
    ) -> None:
        self.inner = Sequential(
            GlobalAvgPool2d(),
            Pointwise(channels, hidden, bias),
            activation(),
            Pointwise(hidden, channels, bias),
            gate(),
        )

    def attach(self, name: str) -> None:
        """Name the inner layers."""
        self.name = name
        self.inner.attach(name)

    def trains(self) -> bool:
        """Whether an inner layer trains."""
        return self.inner.trains()

    def parts(self) -> Iterator[Layer]:
        """Yield the parts of the inner layers."""
        return self.inner.parts()

    def forward(self, b: Builder, x: str) -> str:
        """Emit s and y = x * s."""
        s = self.inner.forward(b, x)
        b.save(self.name, x=x, s=s)
        return b.emit("channel_scale_forward", (x, s), (f"{self.name}.y",))

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit ds, the inner gradients and, if it is wanted, dx = dy*s + inner's dx."""
        if not (wanted or self.trains()):
            return None
        kept = b.saved(self.name)
        tensors = (kept["x"], dy)
        ds = b.emit("channel_scale_gate_grad", tensors, (f"{self.name}.ds",), role="gradient")
        through = self.inner.backward(b, ds, wanted)
        if not wanted:
            return None
        tensors = (kept["s"], dy)
        names = (f"{self.name}.scaled",)
        scaled = b.emit("channel_scale_input_grad", tensors, names, role="gradient")
        return b.emit("add", (scaled, through), (f"{self.name}.dx",), role="gradient")

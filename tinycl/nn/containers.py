"""Layers made of layers, and Flatten."""

from __future__ import annotations

from collections.abc import Iterator

from tinycl.errors import PlanError
from tinycl.nn.builder import Builder
from tinycl.nn.layer import Layer


class Sequential(Layer):
    """Layers one after another. A layer is named after its kind and place, such as ``conv2d0``.

    Parameters
    ----------
    *layers : Layer
    """

    kind = "sequential"

    def __init__(self, *layers: Layer) -> None:
        self.layers = layers
        self.attach("")

    def attach(self, name: str) -> None:
        """Name the layers."""
        self.name = name
        for place, layer in enumerate(self.layers):
            layer.attach(f"{name}.{layer.kind}{place}" if name else f"{layer.kind}{place}")

    def trains(self) -> bool:
        """Whether any layer trains."""
        return any(layer.trains() for layer in self.layers)

    def parts(self) -> Iterator[Layer]:
        """Yield the parts of each layer."""
        for layer in self.layers:
            yield from layer.parts()

    def forward(self, b: Builder, x: str) -> str:
        """Emit each layer's forward pass."""
        for layer in self.layers:
            x = layer.forward(b, x)
        return x

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit the backward passes in reverse, down to the lowest layer that trains."""
        lowest = 0
        if not wanted:
            trained = [i for i, layer in enumerate(self.layers) if layer.trains()]
            if not trained:
                return None
            lowest = trained[0]
        gradient: str | None = dy
        for place in range(len(self.layers) - 1, lowest - 1, -1):
            assert gradient is not None
            gradient = self.layers[place].backward(b, gradient, wanted or place > lowest)
        return gradient


class Residual(Layer):
    """y = inner(x) + x.

    x has two consumers, the inner layers and the addition; its gradients are added in that order.

    Parameters
    ----------
    *layers : Layer
    """

    kind = "residual"

    def __init__(self, *layers: Layer) -> None:
        self.inner = Sequential(*layers)

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
        """Emit the inner layers and the addition."""
        return b.emit("add", (self.inner.forward(b, x), x), (f"{self.name}.y",))

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit dx = inner's dx + dy."""
        through = self.inner.backward(b, dy, wanted)
        if not wanted:
            return None
        return b.emit("add", (through, dy), (f"{self.name}.dx",), role="gradient")


class Frozen(Layer):
    """Layers that do not train: they have a forward pass only, the one of evaluation.

    Parameters
    ----------
    *layers : Layer
    """

    kind = "frozen"

    def __init__(self, *layers: Layer) -> None:
        self.inner = Sequential(*layers)

    def attach(self, name: str) -> None:
        """Name the inner layers."""
        self.name = name
        self.inner.attach(name)

    def parts(self) -> Iterator[Layer]:
        """Yield nothing."""
        return iter(())

    def forward(self, b: Builder, x: str) -> str:
        """Emit the inner layers as in evaluation."""
        training, b.training = b.training, False
        y = self.inner.forward(b, x)
        b.training = training
        return y

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Return None; a gradient behind frozen layers cannot be asked for."""
        if wanted:
            raise PlanError(
                f"{self.name}: frozen layers have no gradient; put them first in the net"
            )
        return None


class Flatten(Layer):
    """(n, c, h, w) to (n, c*h*w)."""

    kind = "flatten"

    def forward(self, b: Builder, x: str) -> str:
        """Emit y."""
        b.save(self.name, x=x)
        return b.emit("flatten_forward", (x,), (f"{self.name}.y",))

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit dx."""
        if not wanted:
            return None
        image = b.shape(b.saved(self.name)["x"])[1:]
        return b.emit(
            "flatten_input_grad", (dy,), (f"{self.name}.dx",), role="gradient", image=image
        )

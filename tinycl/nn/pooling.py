"""Pooling layers."""

from __future__ import annotations

from typing import Any

from tinycl.nn.builder import Builder, Shape
from tinycl.nn.layer import Layer, pair, sides


class Pool(Layer):
    """A window that slides over each channel.

    Parameters
    ----------
    kernel : int or (int, int)
    stride : int or (int, int), optional
        The kernel, if left out.
    padding : int, (rows, columns) or (top, bottom, left, right)
        Smaller than the kernel.
    """

    def __init__(
        self,
        kernel: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, ...] = 0,
    ) -> None:
        self.kernel = pair(kernel)
        self.stride = self.kernel if stride is None else pair(stride)
        self.padding = sides(padding)

    def attrs(self, x: Shape) -> dict[str, Any]:
        """Attributes of both passes, for an input of shape x."""
        return {"kernel": self.kernel, "stride": self.stride, "padding": self.padding}

    def back_from(self, dy: str, saved: dict[str, str]) -> tuple[str, ...]:
        """Return the inputs of the backward pass."""
        return (dy,)

    def forward(self, b: Builder, x: str) -> str:
        """Emit y."""
        names = (f"{self.name}.y", f"{self.name}.index")[: 2 if self.kind == "max_pool" else 1]
        y = b.emit(f"{self.kind}_forward", (x,), names, **self.attrs(b.shape(x)))
        b.save(self.name, x=x, index=b.prefix + names[-1])
        return y

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit dx."""
        if not wanted:
            return None
        saved = b.saved(self.name)
        image = b.shape(saved["x"])
        return b.emit(
            f"{self.kind}_input_grad",
            self.back_from(dy, saved),
            (f"{self.name}.dx",),
            role="gradient",
            size=image[2:],
            **self.attrs(image),
        )


class MaxPool2d(Pool):
    """Maximum of each window."""

    kind = "max_pool"

    def back_from(self, dy: str, saved: dict[str, str]) -> tuple[str, ...]:
        """Return the inputs of the backward pass: dy and the chosen places."""
        return dy, saved["index"]


class AvgPool2d(Pool):
    """Mean of each window over the positions inside the image."""

    kind = "avg_pool"


class GlobalAvgPool2d(AvgPool2d):
    """Mean of each channel: an average pool whose window is the image."""

    def __init__(self) -> None:
        super().__init__(1)

    def attrs(self, x: Shape) -> dict[str, Any]:
        """Attributes for an input of shape x."""
        return {"kernel": x[2:], "stride": (1, 1), "padding": self.padding}

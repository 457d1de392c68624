"""Layers with weights: Conv2d, Depthwise, Pointwise, Linear."""

from __future__ import annotations

import math
from typing import Any

from tinycl.nn.builder import Builder, Shape
from tinycl.nn.layer import Layer, pair, sides
from tinycl.nn.update import Dense, Place, Update


class Weighted(Layer):
    """A layer y = op(x, weight) + bias, with the three gradients of its operation.

    The gradient `dy` that enters `backward` is the gradient at the output of the operation,
    before any activation: the place where a sparse update chooses what survives.

    Attributes
    ----------
    update : Update
        What happens in training; dense unless a policy is attached.
    place : Place
        Where the layer stands in its net; known once a policy is attached.
    """

    bias_op = "conv2d_bias_grad"
    update: Update = Dense()
    place: Place = Place()

    def __init__(self, weight: Shape, fan_in: int, bias: bool) -> None:
        self.weight_shape = weight
        self.fan_in = fan_in
        self.has_bias = bias

    @property
    def weight(self) -> str:
        """Name of the weight."""
        return f"{self.name}.weight"

    @property
    def bias(self) -> str:
        """Name of the bias, if there is one."""
        return f"{self.name}.bias"

    def trains(self) -> bool:
        """Whether the update trains anything."""
        return self.update.trains(self)

    def attrs(self) -> dict[str, Any]:
        """Attributes that the forward pass and the gradients share."""
        return {}

    def weight_attrs(self) -> dict[str, Any]:
        """Further attributes of the weight gradient."""
        return {}

    def input_attrs(self, x: Shape) -> dict[str, Any]:
        """Further attributes of the input gradient."""
        return {}

    def forward(self, b: Builder, x: str) -> str:
        """Emit y = op(x, weight) + bias and, in training, what the update keeps of x."""
        weight = b.parameter(self.weight, self.weight_shape, self.fan_in)
        bias = None
        if self.has_bias:
            bias = b.parameter(self.bias, self.weight_shape[:1], self.fan_in)
        y = b.emit(f"{self.kind}_forward", (x, weight, bias), (f"{self.name}.y",), **self.attrs())
        b.save(self.name, x=x, kept=self.update.keep(b, self, x) if b.training else x)
        return y

    def kept(self, b: Builder) -> str:
        """Name of what the forward pass kept of x."""
        return b.saved(self.name)["kept"]

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit what the update makes of dy."""
        run = self.update.backward if b.training else self.update.calibrate
        return run(b, self, dy, wanted)

    def weight_grad(self, b: Builder, x: str, dy: str) -> str:
        """Emit the gradient with respect to the weight, or to the part that x and dy belong to."""
        attrs = {**self.weight_attrs(), **self.attrs()}
        names = (f"{self.name}.dweight",)
        return b.emit(f"{self.kind}_weight_grad", (x, dy), names, role="gradient", **attrs)

    def bias_grad(self, b: Builder, dy: str) -> str:
        """Emit the gradient with respect to the bias, or to the part that dy belongs to."""
        return b.emit(self.bias_op, (dy,), (f"{self.name}.dbias",), role="gradient")

    def input_grad(self, b: Builder, weight: str, dy: str) -> str:
        """Emit the gradient with respect to x."""
        attrs = {**self.input_attrs(b.shape(b.saved(self.name)["x"])), **self.attrs()}
        names = (f"{self.name}.dx",)
        return b.emit(f"{self.kind}_input_grad", (weight, dy), names, role="gradient", **attrs)


class Sliding(Weighted):
    """A weighted layer whose window slides over an image."""

    def __init__(
        self, weight: Shape, fan_in: int, bias: bool, stride: Any, padding: Any, kernel: Shape
    ) -> None:
        super().__init__(weight, fan_in, bias)
        self.stride, self.padding, self.kernel = pair(stride), sides(padding), kernel

    def attrs(self) -> dict[str, Any]:
        """Stride and padding."""
        return {"stride": self.stride, "padding": self.padding}

    def weight_attrs(self) -> dict[str, Any]:
        """Kernel."""
        return {"kernel": self.kernel}

    def input_attrs(self, x: Shape) -> dict[str, Any]:
        """Size of the input."""
        return {"size": x[2:]}


class Conv2d(Sliding):
    """Convolution.

    Parameters
    ----------
    channels_in, channels_out : int
    kernel : int or (int, int)
    stride : int or (int, int)
    padding : int, (rows, columns) or (top, bottom, left, right)
    bias : bool
    """

    kind = "conv2d"

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, ...] = 0,
        bias: bool = True,
    ) -> None:
        k = pair(kernel)
        weight = (channels_out, channels_in, *k)
        super().__init__(weight, math.prod(weight[1:]), bias, stride, padding, k)


class Depthwise(Sliding):
    """Depthwise convolution, one filter a channel.

    Parameters
    ----------
    channels : int
    kernel : int or (int, int)
    stride : int or (int, int)
    padding : int, (rows, columns) or (top, bottom, left, right)
    bias : bool
    """

    kind = "depthwise"

    def __init__(
        self,
        channels: int,
        kernel: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, ...] = 0,
        bias: bool = True,
    ) -> None:
        k = pair(kernel)
        super().__init__((channels, *k), math.prod(k), bias, stride, padding, k)


class Pointwise(Weighted):
    """1x1 convolution.

    Parameters
    ----------
    channels_in, channels_out : int
    bias : bool
    """

    kind = "pointwise"

    def __init__(self, channels_in: int, channels_out: int, bias: bool = True) -> None:
        super().__init__((channels_out, channels_in), channels_in, bias)


class Linear(Weighted):
    """Linear layer.

    Parameters
    ----------
    features_in, features_out : int
    bias : bool
    """

    kind = "linear"
    bias_op = "linear_bias_grad"

    def __init__(self, features_in: int, features_out: int, bias: bool = True) -> None:
        super().__init__((features_out, features_in), features_in, bias)

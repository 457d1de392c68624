"""Layers with weights: Conv2d, Depthwise, Pointwise, Linear."""

from __future__ import annotations

import math
from typing import Any

from tinycl.nn.builder import Builder, Shape
from tinycl.nn.layer import Layer, pair, sides


class Weighted(Layer):
    """A layer y = op(x, weight) + bias, with the three gradients of its operation.

    The gradient `dy` that enters `backward` is the gradient at the output of the operation,
    before any activation: the place where a sparse update chooses what survives.
    """

    bias_grad = "conv2d_bias_grad"

    def __init__(self, weight: Shape, fan_in: int, bias: bool) -> None:
        self.weight_shape = weight
        self.fan_in = fan_in
        self.has_bias = bias

    def trains(self) -> bool:
        """Return True: a weighted layer trains."""
        return True

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
        """Emit y = op(x, weight) + bias."""
        weight = b.parameter(f"{self.name}.weight", self.weight_shape, self.fan_in)
        bias = None
        if self.has_bias:
            bias = b.parameter(f"{self.name}.bias", self.weight_shape[:1], self.fan_in)
        b.save(self.name, x=x, weight=weight)
        return b.emit(
            f"{self.kind}_forward", (x, weight, bias), (f"{self.name}.y",), **self.attrs()
        )

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit dweight, dbias and, if it is wanted, dx."""
        x, weight = b.saved(self.name)["x"], b.saved(self.name)["weight"]
        b.gradients[weight] = b.emit(
            f"{self.kind}_weight_grad",
            (x, dy),
            (f"{self.name}.dweight",),
            role="gradient",
            **self.weight_attrs(),
            **self.attrs(),
        )
        if self.has_bias:
            b.gradients[f"{self.name}.bias"] = b.emit(
                self.bias_grad, (dy,), (f"{self.name}.dbias",), role="gradient"
            )
        if not wanted:
            return None
        return b.emit(
            f"{self.kind}_input_grad",
            (weight, dy),
            (f"{self.name}.dx",),
            role="gradient",
            **self.input_attrs(b.shape(x)),
            **self.attrs(),
        )


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
    bias_grad = "linear_bias_grad"

    def __init__(self, features_in: int, features_out: int, bias: bool = True) -> None:
        super().__init__((features_out, features_in), features_in, bias)

"""The same net in PyTorch, made from the tinycl net layer by layer."""

from __future__ import annotations

from typing import Any

from tinycl import nn
from tinycl.errors import TinyclError
from tinycl.nn.layer import Layer


def torch() -> Any:
    """Import torch, or say how to get it."""
    try:
        import torch
    except ImportError as error:
        raise TinyclError(
            "bench: PyTorch is not installed; pip install 'tinycl[bench]' compares with it"
        ) from error
    return torch


def twin(layer: Layer) -> Any:
    """Return the torch module that computes what a layer does.

    Raises
    ------
    TinyclError
        A layer without a counterpart, such as one with uneven padding.
    """
    t = torch().nn
    match layer:
        case nn.Sequential():
            return t.Sequential(*map(twin, layer.layers))
        case nn.Frozen():
            return twin(layer.inner).requires_grad_(False)
        case nn.Residual():
            return _Residual.make(twin(layer.inner))
        case nn.Conv2d() | nn.Depthwise():
            depthwise = isinstance(layer, nn.Depthwise)
            out = layer.weight_shape[0]
            top, bottom, left, right = layer.padding
            if (top, left) != (bottom, right):
                raise TinyclError(f"bench: {layer.name} pads unevenly, which torch's layer cannot")
            return t.Conv2d(
                out if depthwise else layer.weight_shape[1], out, layer.kernel, layer.stride,
                (top, left), groups=out if depthwise else 1, bias=layer.has_bias,
            )  # fmt: skip
        case nn.Pointwise():
            out, channels = layer.weight_shape
            return t.Conv2d(channels, out, 1, bias=layer.has_bias)
        case nn.Linear():
            out, features = layer.weight_shape
            return t.Linear(features, out, bias=layer.has_bias)
        case nn.ReLU():
            return t.ReLU()
        case nn.ReLU6():
            return t.ReLU6()
        case nn.HardSwish():
            return t.Hardswish()
        case nn.Sigmoid():
            return t.Sigmoid()
        case nn.MaxPool2d():
            return t.MaxPool2d(layer.kernel, layer.stride)
        case nn.GlobalAvgPool2d():
            return t.AdaptiveAvgPool2d(1)
        case nn.Flatten():
            return t.Flatten()
    raise TinyclError(f"bench: no torch counterpart of {layer.kind}")


class _Residual:
    """y = inner(x) + x; made late, because torch is imported late."""

    @staticmethod
    def make(inner: Any) -> Any:
        base: Any = torch().nn.Module

        class Residual(base):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.inner = inner

            def forward(self, x: Any) -> Any:
                return self.inner(x) + x

        return Residual()

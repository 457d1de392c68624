"""Single kernels at the shapes of the networks, forward and both gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tinycl import nn
from tinycl.bench.twin import torch
from tinycl.contract import DEFAULT
from tinycl.fast.program import Program
from tinycl.models import mobilenet_v1, mobilenet_v2, phinet
from tinycl.nn.builder import Shape
from tinycl.plan import Body, Op, Plan, Run, Tensor

NETS: dict[str, Callable[..., nn.Layer]] = {
    "MobileNetV1": mobilenet_v1,
    "MobileNetV2": mobilenet_v2,
    "PhiNet": phinet,
}
DIRECTIONS = ("forward", "weight_grad", "input_grad")


class Layer(NamedTuple):
    """One layer's geometry."""

    net: str
    kind: str
    x: Shape
    w: Shape
    y: Shape
    stride: Shape
    padding: Shape

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the forward pass, padding included."""
        return int(np.prod(self.y) * np.prod(self.w[1:]))

    @property
    def bytes(self) -> int:
        """Bytes of x, w and y, of which each direction reads two and writes the third."""
        return 4 * int(np.prod(self.x) + np.prod(self.w) + np.prod(self.y))

    def __str__(self) -> str:
        shape = "x".join(map(str, self.x))
        return f"{self.net} {self.kind} {shape} -> {self.y[1]}, stride {self.stride[0]}"


def layers(batch: int) -> list[Layer]:
    """Return each convolution of the nets at 128x128 once."""
    found: dict[Any, Layer] = {}
    for name, make in NETS.items():
        training = nn.Training(make(), nn.SoftmaxCrossEntropy(), nn.SGD(0.1), (batch, 3, 128, 128))
        plan = training.plan()
        for op in plan.bodies["train"].ops:
            kind = op.kind.removesuffix("_forward")
            if kind == op.kind or kind not in ("conv2d", "depthwise", "pointwise"):
                continue
            x, w, y = (plan.tensors[n or ""].shape for n in (*op.inputs[:2], op.outputs[0]))
            stride, padding = op.attrs.get("stride", (1, 1)), op.attrs.get("padding", (0,) * 4)
            layer = Layer(name, kind, x, w, y, stride, padding)
            found.setdefault(layer[1:], layer)
    return list(found.values())


def ours(layer: Layer, direction: str, threads: int) -> Callable[[], object]:
    """Return a job that runs one kernel of the engine."""
    names = {"forward": ("x", "w", "b"), "weight_grad": ("x", "y"), "input_grad": ("w", "y")}
    out = {"forward": "y", "weight_grad": "dw", "input_grad": "dx"}[direction]
    attrs: dict[str, Any] = {}
    if layer.kind != "pointwise":
        attrs = {"stride": layer.stride, "padding": layer.padding}
        if direction == "weight_grad":
            attrs["kernel"] = layer.w[-2:]
        if direction == "input_grad":
            attrs["size"] = layer.x[2:]
    shapes = {"x": layer.x, "w": layer.w, "b": layer.w[:1], "y": layer.y}
    shapes |= {"dw": layer.w, "dx": layer.x}
    inputs = names[direction]
    tensors = {n: Tensor(n, shapes[n], role="input") for n in inputs}
    tensors[out] = Tensor(out, shapes[out])
    body = Body("main", (Op(f"{layer.kind}_{direction}", inputs, (out,), attrs),))
    program = Program(
        Plan(tensors, {"main": body}, (Run("main", 1),), (out,)), DEFAULT, False, threads
    )
    rng = np.random.default_rng(1)
    program.load({n: rng.standard_normal(shapes[n], np.float32) for n in inputs})
    return lambda: program.run_body("main", 1)


def theirs(layer: Layer, direction: str, threads: int) -> Callable[[], object]:
    """Return a job that runs one kernel of PyTorch."""
    t = torch()
    t.set_num_threads(threads)
    depthwise = layer.kind == "depthwise"
    weight = (
        layer.w[0],
        1 if depthwise else layer.w[1],
        *(layer.w[-2:] if layer.kind != "pointwise" else (1, 1)),
    )
    x, w, b, dy = t.randn(layer.x), t.randn(weight), t.randn(weight[0]), t.randn(layer.y)
    padding = (layer.padding[0], layer.padding[2])
    groups = weight[0] if depthwise else 1
    if direction == "forward":
        return lambda: t.nn.functional.conv2d(x, w, b, layer.stride, padding, 1, groups)
    mask = [direction == "input_grad", direction == "weight_grad", False]
    return lambda: t.ops.aten.convolution_backward(
        dy, x, w, [weight[0]], layer.stride, padding, (1, 1), False, (0, 0), groups, mask
    )

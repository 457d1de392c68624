"""From float32 layers, their weights and some images to the same layers on bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.errors import TinyclError
from tinycl.nn import BatchNorm, MaxPool2d, ReLU6
from tinycl.nn.builder import Builder
from tinycl.nn.layer import Layer
from tinycl.nn.normalisation import Normalisation
from tinycl.ops import deviation, fold_norm
from tinycl.plan import Plan
from tinycl.quant.scales import Affine, affine, channels, common_shift
from tinycl.quant.stage import Int8Stage, Step
from tinycl.quant.units import CONVOLUTIONS, Unit, outputs, units
from tinycl.target.registry import Target, run

BATCH = 8
Ranges = dict[str, tuple[float, float]]


def calibrate(
    layer: Layer,
    values: Mapping[str, Array],
    images: Array,
    *,
    target: str | Target = "numba",
) -> Int8Stage:
    """Return layers on bytes, their ranges being those that images give.

    Parameters
    ----------
    layer : Layer
        Conv2d, Depthwise and Pointwise, each with BatchNorm or BatchRenorm and ReLU or ReLU6 behind
        it or not, MaxPool2d and Residual, in any nest of Sequential and Frozen. It has the names
        that it has in its net. Moving statistics are folded into the weights.
    values : mapping of str to ndarray
        Its weights and states, as `Training.values` names them; more are ignored.
    images : ndarray of float32, shape (count, c, h, w)
        What the stage will see: each tensor's bytes reach from the least to the largest value.
    target : str or Target
        What runs the float32 layers.

    Returns
    -------
    Int8Stage

    Raises
    ------
    TinyclError
        A layer without an operation on bytes; images or weights that are missing or not finite; a
        sum that an int32 might not hold.
    """
    found = units([layer])
    if not found:
        raise TinyclError("calibrate: no layers; give those below the cut")
    if not isinstance(images, np.ndarray) or images.ndim != 4 or images.dtype != np.float32:
        raise TinyclError("calibrate: images must be a float32 array (count, c, h, w)")
    if not len(images):
        raise TinyclError("calibrate: no images; some hundred make good ranges")
    ranges = _observe(layer, values, images, outputs(found), target)
    build = _Steps(values, ranges)
    build.follow(found)
    return Int8Stage(build.scales[0], tuple(build.steps), build.scales[build.last])


def _observe(
    layer: Layer,
    values: Mapping[str, Array],
    images: Array,
    names: Sequence[str],
    target: str | Target,
) -> Ranges:
    """Run the float32 layers; return the least and largest value of each tensor."""
    ranges: Ranges = {}
    plans: dict[int, Plan] = {}
    for begin in range(0, len(images), BATCH):
        batch = images[begin : begin + BATCH]
        plan = plans.setdefault(len(batch), _plan(layer, batch.shape, names))
        missing = [n for n, t in plan.tensors.items() if t.given and n != "x" and n not in values]
        if missing:
            raise TinyclError(f"calibrate: values has no {', '.join(missing)}")
        given = {n: values[n] for n, t in plan.tensors.items() if t.given and n != "x"}
        made = run(plan, {"x": batch, **given}, target=target, checked=False).outputs
        for name, value in (("x", batch), *made.items()):
            if not np.isfinite(value).all():
                raise TinyclError(f"calibrate: {name} is not finite for images from {begin} on")
            low, high = ranges.get(name, (0.0, 0.0))
            ranges[name] = min(low, float(value.min())), max(high, float(value.max()))
    return ranges


def _plan(layer: Layer, shape: tuple[int, ...], names: Sequence[str]) -> Plan:
    b = Builder(training=False)
    layer.forward(b, b.tensor("x", shape, role="input"))
    b.close("evaluate")
    return b.plan([("evaluate", 1)], names)


class _Steps:
    """The steps of a stage as they are found."""

    def __init__(self, values: Mapping[str, Array], ranges: Ranges) -> None:
        self.values, self.ranges = values, ranges
        self.steps: list[Step] = []
        self.scales: list[Affine] = [affine(*ranges["x"])]
        self.last = 0  # the tensor that the next unit takes

    def follow(self, found: Sequence[Unit]) -> None:
        """Add the steps of units that follow each other."""
        for unit in found:
            if isinstance(unit.layer, CONVOLUTIONS):
                self._convolution(unit, unit.layer)
            elif isinstance(unit.layer, MaxPool2d):
                attrs = unit.layer.attrs(())
                self._add(unit, "int8_max_pool", (self.last,), {}, attrs, self.scales[self.last])
            else:
                self._sum(unit)

    def _add(
        self,
        unit: Unit,
        kind: str,
        sources: tuple[int, ...],
        constants: Mapping[str, Array],
        attrs: Mapping[str, Any],
        scales: Affine,
    ) -> None:
        name = f"{unit.layer.kind}{len(self.steps)}"
        self.steps.append(Step(name, kind, sources, constants, attrs))
        self.scales.append(scales)
        self.last = len(self.steps)

    def _affine(self, unit: Unit) -> Affine:
        """Return what a unit's bytes stand for; 0 to 6 behind a ReLU6 that gave only zeros."""
        low, high = self.ranges[unit.output]
        dead = isinstance(unit.activation, ReLU6) and not high
        return affine(low, 6.0 if dead else high)

    def _convolution(self, unit: Unit, layer: Any) -> None:
        x, y = self.scales[self.last], self._affine(unit)
        made = channels(layer.name, *self._weights(layer, unit.norm), x, y)
        zeros = np.array([x.zero, y.zero], np.int32)
        constants = {**made._asdict(), "zeros": zeros}
        self._add(unit, f"int8_{layer.kind}", (self.last,), constants, layer.attrs(), y)

    def _weights(self, layer: Any, norm: Normalisation | None) -> tuple[Array, Array]:
        """Return weight and bias, the normalisation's moving statistics folded into them."""
        weight = self.values[layer.weight]
        bias = self.values[layer.bias] if layer.has_bias else np.zeros(len(weight), np.float32)
        if norm is None:
            return weight, bias
        gamma, beta, mean = (
            self.values[name] for name in (norm.gamma, norm.beta, f"{norm.name}.moving_mean")
        )
        if isinstance(norm, BatchNorm):
            std = deviation(self.values[f"{norm.name}.moving_var"], eps=norm.eps)
        else:
            std = self.values[f"{norm.name}.moving_std"]
        folded, shift = fold_norm(weight, bias, gamma, beta, mean, std)
        return folded, shift

    def _sum(self, unit: Unit) -> None:
        before = self.last
        self.follow(unit.inner)
        a, b, y = self.scales[self.last], self.scales[before], self._affine(unit)
        multipliers, shift = common_shift([a.exact / y.exact, b.exact / y.exact])
        constants = {
            "multiplier": np.array(multipliers, np.int32),
            "shift": np.array([shift], np.int32),
            "zeros": np.array([a.zero, b.zero, y.zero], np.int32),
        }
        self._add(unit, "int8_add", (self.last, before), constants, {}, y)

"""TinyProp: the ratio of what survives follows the gradient, layer by layer, sample by sample.

Source: Rueb et al., 2023, and the authors' code; CONTRACT.md says which rounding comes where.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from tinycl import nn
from tinycl.errors import PlanError
from tinycl.num.exact import round_to_f32
from tinycl.sparse import checks
from tinycl.sparse.gradients import (
    Survivors,
    entries,
    learn_bias,
    select,
    sparse_input_grad,
    sparse_weight_grad,
)


@dataclass(frozen=True)
class TinyProp(nn.Update):
    """Keep k = entries * S of dy, S = (s_min + Y * (s_max - s_min) / Y_max) * zeta^p.

    Y is the sum of the magnitudes of a sample's dy, Y_max its maximum over all samples so far
    (state ``<layer>.y_max``, updated before use), p the layers that train after this one.
    zeta^p is rounded once, from the exact power of the binary32 zeta.

    Parameters
    ----------
    s_min, s_max, zeta : float
    units : {"entries", "channels"}
        What survives; a channel's magnitude is the sum over its positions.
    bias_gradient : {"full", "masked"}
        From all of dy, or from what survives.
    rounding : {"trunc", "half_even"}
        Of k; afterwards it is clamped to 1 .. entries.
    sparsify_output : bool
        Whether the output layer is sparse too.

    Raises
    ------
    PlanError
        A value out of range, or s_min above s_max.
    """

    gated = True

    s_min: float = 0.1
    s_max: float = 0.9
    zeta: float = 0.5
    units: str = "entries"
    bias_gradient: str = "full"
    rounding: str = "trunc"
    sparsify_output: bool = True

    def __post_init__(self) -> None:
        name = type(self).__name__
        for field in ("s_min", "s_max", "zeta"):
            checks.number(f"{name}: {field}", getattr(self, field))
        if self.s_min > self.s_max:
            raise PlanError(
                f"{name}: s_min is {self.s_min} and s_max {self.s_max}; s_min must not be above"
            )
        checks.one_of(f"{name}: units", self.units, ("entries", "channels"))
        checks.one_of(f"{name}: bias_gradient", self.bias_gradient, ("full", "masked"))
        checks.one_of(f"{name}: rounding", self.rounding, ("trunc", "half_even"))
        checks.flag(f"{name}: sparsify_output", self.sparsify_output)

    def backward(self, b: nn.Builder, layer: nn.Weighted, dy: str, wanted: bool) -> str | None:
        """Emit the measure, the decision, the selection and the gradients that it leaves."""
        y = b.emit("magnitude_sum", (dy,), (f"{layer.name}.magnitude",), role="gradient")
        survivors = self._survivors(b, layer, dy, y, self.observe(b, layer, y))
        b.learn(layer.weight, sparse_weight_grad(b, layer, dy, survivors))
        learn_bias(b, layer, dy, survivors if self.bias_gradient == "masked" else None)
        return sparse_input_grad(b, layer, dy, survivors) if wanted else None

    def observe(self, b: nn.Builder, layer: nn.Weighted, y: str) -> str:
        """Emit the running maximum of Y and return its value at each sample."""
        y_max = b.state(f"{layer.name}.y_max", np.zeros(1, np.float32))
        return b.emit("running_max", (y, y_max), (f"{layer.name}.peak",), role="gradient")

    def _survivors(
        self, b: nn.Builder, layer: nn.Weighted, dy: str, y: str, peak: str
    ) -> Survivors:
        channels = self.units == "channels" and not isinstance(layer, nn.Linear)
        a, total = dy, entries(b, dy)
        if channels:
            total, each = b.shape(dy)[1], (f"{layer.name}.magnitudes",)
            a = b.emit("channel_magnitudes", (dy,), each, role="gradient")
        names = (f"{layer.name}.wanted", f"{layer.name}.ratio")
        given = (y, peak) if b.trained is None else (y, peak, b.trained)
        wanted = b.emit(
            "tinyprop_count",
            given,
            names,
            role="gradient",
            entries=total,
            half_even=int(self.rounding == "half_even"),
            **self._bounds(layer),
        )
        b.record(names[1])
        survivors = replace(select(b, layer, a, wanted), channels=channels)
        if channels:
            b.record(survivors.index)
        return survivors

    def _bounds(self, layer: nn.Weighted) -> dict[str, float]:
        """Return s_min, s_max and zeta^p, rounded once; all survives where the output is dense."""
        depth = layer.place.depth
        if depth == 0 and not self.sparsify_output:
            return {"s_min": 1.0, "s_max": 1.0, "zeta": 1.0}
        power = Fraction(float(np.float32(self.zeta))) ** depth
        if power > Fraction(checks.LARGEST):
            raise PlanError(
                f"{layer.name}: {type(self).__name__}: zeta ** {depth} is more than binary32 "
                "holds; take a smaller zeta"
            )
        factor = float(round_to_f32(power))
        return {"s_min": self.s_min, "s_max": self.s_max, "zeta": factor}

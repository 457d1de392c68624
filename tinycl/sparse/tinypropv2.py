"""TinyPropv2: TinyProp that skips the whole backward pass of samples that matter little.

Source: Rueb et al., 2024.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinycl import nn
from tinycl.errors import PlanError
from tinycl.sparse import checks
from tinycl.sparse.tinyprop import TinyProp


@dataclass(frozen=True)
class TinyPropV2(TinyProp):
    """Decide at the output layer, sample by sample, whether to train: D > threshold.

    D = (d_min + Y * (d_max - d_min) / Y_max) * b, b = 1 at the output layer, which is the last
    that trains. A sample that is skipped contributes no term to any gradient; the divisor of the
    loss stays. Where a whole batch is skipped, no weight and no state of the optimiser changes.

    Parameters
    ----------
    s_min, s_max, zeta, units, bias_gradient, rounding, sparsify_output
        Of the samples that train, as in `TinyProp`.
    d_min, d_max, threshold : float
        With the defaults D = Y / Y_max: a sample trains if its gradient is more than half of the
        largest one seen.
    remember : bool
        Whether a skipped sample updates Y_max of the output layer. The sample of the largest Y has
        D = d_max, so it matters only where d_max is not above the threshold.

    Raises
    ------
    PlanError
        A value out of range, or s_min above s_max.
    """

    d_min: float = 0.0
    d_max: float = 1.0
    threshold: float = 0.5
    remember: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for field in ("d_min", "d_max", "threshold"):
            checks.number(f"TinyPropV2: {field}", getattr(self, field))
        checks.flag("TinyPropV2: remember", self.remember)

    def check(
        self,
        layer: nn.Weighted,
        layers: Sequence[nn.Weighted],
        optimiser: nn.Optimiser,
        microbatches: int,
    ) -> None:
        """Raise PlanError where samples cannot be skipped."""
        output = next(other for other in reversed(layers) if other.trains())
        if not isinstance(output.update, TinyPropV2):
            raise PlanError(
                f"{layer.name}: TinyPropV2 decides at the output layer; give it to {output.name} "
                "too, or TinyProp to this layer"
            )
        if output.place.bypassed:
            raise PlanError(
                f"{output.name}: TinyPropV2 decides here, but the layer stands in a residual "
                "branch, which gradients also pass by; end the net in a layer outside it"
            )
        for other in layers:
            if other.trains() and not other.update.gated:
                raise PlanError(
                    f"{other.name}: {type(other.update).__name__} cannot leave out the samples "
                    "that TinyPropV2 skips; give the layer TinyProp (s_min = s_max = zeta = 1 "
                    "keeps all entries), BiasOnly or Fixed"
                )
        if optimiser.counts_steps or microbatches > 1:
            raise PlanError(
                f"{layer.name}: TinyPropV2 skips whole batches, which {optimiser} with "
                f"{microbatches} microbatches cannot; use SGD and one microbatch"
            )

    def observe(self, b: nn.Builder, layer: nn.Weighted, y: str) -> str:
        """Emit the decision at the output layer; below it the running maximum alone."""
        if layer.place.depth > 0:
            return super().observe(b, layer, y)
        y_max = b.state(f"{layer.name}.y_max", np.zeros(1, np.float32))
        names = tuple(f"{layer.name}.{part}" for part in ("trained", "measure", "peak"))
        b.trained = b.emit(
            "tinyprop_decide",
            (y, y_max),
            names,
            role="gradient",
            d_min=self.d_min,
            d_max=self.d_max,
            factor=1.0,
            threshold=self.threshold,
            remember=int(self.remember),
        )
        b.record(*names[:2])
        return names[2]

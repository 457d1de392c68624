"""Max and average pooling and their gradients."""

from __future__ import annotations

import numpy as np

from tinycl.bits import Array
from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.paired import paired
from tinycl.golden.catalogue.values import REGIMES, Shape, choice, hard, plain
from tinycl.golden.catalogue.windows import POOLS, Geometry
from tinycl.ops import TABLE
from tinycl.plan import Plan

# Ties, zeros of both signs, subnormals: the first maximum must win.
FEW = (0.0, -0.0, 1.0, 1.0, 0.5, -1.0, 2.0**-149, -(2.0**-149), -np.inf)


def cases() -> list[Case]:
    """Return the cases."""
    found: list[Case] = []
    for i, g in enumerate(POOLS):
        x, dy = (g.n, g.ci, *g.size), (g.n, g.ci, *g.out)
        attrs = {"kernel": g.kernel, **g.attrs}
        found += paired("avg_pool_forward", g.name, {"x": x}, attrs, i + 1)
        found += paired("avg_pool_input_grad", g.name, {"dy": dy}, {"size": g.size, **attrs}, i + 3)
        for hardness in ("plain", "hard"):
            found += _max_pool(g, x, dy, attrs, "" if hardness == "plain" else REGIMES[i])
    return found


def _max_pool(g: Geometry, x: Shape, dy: Shape, attrs: dict[str, Shape], regime: str) -> list[Case]:
    def image(seed: int) -> Array:
        if not regime:
            return plain(seed, 0, x)
        drawn = choice(seed, 0, x, FEW)
        drawn.flat[3], drawn.flat[7], drawn.flat[-2] = np.nan, np.inf, np.nan
        return drawn

    def forward(seed: int) -> tuple[Plan, Inputs]:
        return one_operation("max_pool_forward", {"x": image(seed)}, attrs)

    def backward(seed: int) -> tuple[Plan, Inputs]:
        _, index = TABLE["max_pool_forward"].function(image(seed), **attrs)
        gradient = hard(seed, 2, dy, regime) if regime else plain(seed, 2, dy)
        inputs = {"dy": gradient, "index": index}
        return one_operation("max_pool_input_grad", inputs, {"size": g.size, **attrs})

    tail = f"{g.name}_{'hard' if regime else 'plain'}"
    return [
        Case(f"max_pool_forward/{tail}", forward),
        Case(f"max_pool_input_grad/{tail}", backward),
    ]

"""Convolution and its three gradients, over all geometries."""

from __future__ import annotations

from tinycl.golden.catalogue.case import Case
from tinycl.golden.catalogue.paired import paired
from tinycl.golden.catalogue.windows import CONVOLUTIONS


def cases() -> list[Case]:
    """Return the cases."""
    found: list[Case] = []
    # the offsets bring the regime `zeros` to geometries with padding and several channels
    for i, g in enumerate(CONVOLUTIONS):
        x, w = (g.n, g.ci, *g.size), (g.co, g.ci, *g.kernel)
        dy = (g.n, g.co, *g.out)
        forward = {"x": x, "w": w, **({"bias": (g.co,)} if g.bias else {})}
        kernel, size = {"kernel": g.kernel, **g.attrs}, {"size": g.size, **g.attrs}
        found += paired("conv2d_forward", g.name, forward, g.attrs, i + 2)
        found += paired("conv2d_weight_grad", g.name, {"x": x, "dy": dy}, kernel, i + 1)
        found += paired("conv2d_input_grad", g.name, {"dy": dy, "w": w}, size, i + 4)
    for i, g in enumerate(g for g in CONVOLUTIONS if g.bias and g.co > 1):
        found += paired("conv2d_bias_grad", g.name, {"dy": (g.n, g.co, *g.out)}, {}, i)
    return found

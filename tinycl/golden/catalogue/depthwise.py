"""Depthwise convolution and its gradients, over most geometries."""

from __future__ import annotations

from tinycl.golden.catalogue.case import Case
from tinycl.golden.catalogue.paired import paired
from tinycl.golden.catalogue.windows import CONVOLUTIONS

SKIPPED = ("one_channel", "stride_beyond_kernel")


def cases() -> list[Case]:
    """Return the cases."""
    found: list[Case] = []
    for i, g in enumerate(g for g in CONVOLUTIONS if g.name not in SKIPPED):
        x, w = (g.n, g.ci, *g.size), (g.ci, *g.kernel)
        dy = (g.n, g.ci, *g.out)
        forward = {"x": x, "w": w, **({"bias": (g.ci,)} if g.bias else {})}
        kernel, size = {"kernel": g.kernel, **g.attrs}, {"size": g.size, **g.attrs}
        found += paired("depthwise_forward", g.name, forward, g.attrs, i)
        found += paired("depthwise_weight_grad", g.name, {"x": x, "dy": dy}, kernel, i + 1)
        found += paired("depthwise_input_grad", g.name, {"dy": dy, "w": w}, size, i + 2)
    return found

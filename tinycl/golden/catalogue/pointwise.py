"""Pointwise convolution and its gradients. Its bias gradient is `conv2d_bias_grad`."""

from __future__ import annotations

from tinycl.golden.catalogue.case import Case
from tinycl.golden.catalogue.paired import paired

# n, ci, co, (h, w), bias
SHAPES = {
    "typical": (2, 8, 5, (4, 6), True),
    "one_channel": (3, 1, 1, (5, 7), True),
    "point": (2, 13, 3, (1, 1), False),
    "narrow": (3, 2, 9, (2, 5), True),
    "prime": (2, 7, 11, (3, 5), False),
}


def cases() -> list[Case]:
    """Return the cases."""
    found: list[Case] = []
    for i, (label, (n, ci, co, size, bias)) in enumerate(SHAPES.items()):
        x, w, dy = (n, ci, *size), (co, ci), (n, co, *size)
        forward = {"x": x, "w": w, **({"bias": (co,)} if bias else {})}
        found += paired("pointwise_forward", label, forward, {}, i)
        found += paired("pointwise_weight_grad", label, {"x": x, "dy": dy}, {}, i + 1)
        found += paired("pointwise_input_grad", label, {"dy": dy, "w": w}, {}, i + 2)
    return found

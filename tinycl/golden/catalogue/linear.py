"""The linear layer and its three gradients."""

from __future__ import annotations

from tinycl.golden.catalogue.case import Case
from tinycl.golden.catalogue.paired import paired

# n, input features, output features, bias
SHAPES = {
    "typical": (4, 16, 10, True),
    "one_sample": (1, 13, 7, False),
    "one_feature": (5, 1, 3, True),
    "narrow": (6, 5, 2, True),
    "prime": (7, 31, 11, False),
}


def cases() -> list[Case]:
    """Return the cases."""
    found: list[Case] = []
    for i, (label, (n, fi, fo, bias)) in enumerate(SHAPES.items()):
        x, w, dy = (n, fi), (fo, fi), (n, fo)
        forward = {"x": x, "w": w, **({"bias": (fo,)} if bias else {})}
        # one sample's output is one row: w then is the operand of which an element reaches few
        first = {"w": w, "x": x} if n == 1 else {"x": x, "w": w}
        found += paired("linear_forward", label, {**first, **forward}, {}, i)
        found += paired("linear_weight_grad", label, {"x": x, "dy": dy}, {}, i + 1)
        found += paired("linear_bias_grad", label, {"dy": dy}, {}, i + 1)
        back = {"w": w, "dy": dy} if n == 1 else {"dy": dy, "w": w}
        found += paired("linear_input_grad", label, back, {}, i + 4)
    return found

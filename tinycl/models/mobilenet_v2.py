"""MobileNetV2 (Sandler et al., 2018)."""

from __future__ import annotations

from tinycl import nn
from tinycl.errors import ShapeError
from tinycl.models.parts import Convolutions, joined

# expansion, output channels, repeats, stride of the first
TABLE = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
FIRST, LAST = 32, 1280


def mobilenet_v2(
    classes: int = 50,
    width: float = 1.0,
    channels: int = 3,
    norm: str = "none",
    train_from: str | None = None,
    head_bias: bool = True,
) -> nn.Layer:
    """Return the net for images (n, channels, h, w).

    Parameters
    ----------
    classes : int
    width : float
        Multiplies the channels, which are rounded to multiples of 8; the last ones only above 1.
    channels : int
        Of the images.
    norm : {"none", "batch", "renorm"}
        Behind each convolution, which then has no bias; `nn.BatchNorm` or `nn.BatchRenorm`.
    train_from : str, optional
        The lowest part that trains: ``block1`` to ``block17``, ``last``, ``pool`` or ``fc``; those
        below it are frozen, norms with their moving statistics.
    head_bias : bool
        Whether the last layer has one.

    Returns
    -------
    nn.Sequential

    Raises
    ------
    ShapeError
        A width out of range; no such part or norm.
    """
    if not 0 < width <= 64:
        raise ShapeError(f"mobilenet_v2: width must be above 0 and at most 64, got {width}")
    make = Convolutions("mobilenet_v2", norm)
    inside = rounded(FIRST * width)
    parts: dict[str, list[nn.Layer]] = {}
    parts["first"] = [*make.conv2d(channels, inside, stride=2), nn.ReLU6()]
    for expansion, wide, repeats, first_stride in TABLE:
        out = rounded(wide * width)
        for place in range(repeats):
            stride = first_stride if place == 0 else 1
            block = _block(make, inside, inside * expansion, out, stride)
            same = stride == 1 and inside == out
            parts[f"block{len(parts)}"] = [nn.Residual(*block)] if same else block
            inside = out
    last = rounded(LAST * max(1.0, width))
    parts["last"] = [*make.pointwise(inside, last), nn.ReLU6()]
    parts["pool"] = [nn.GlobalAvgPool2d()]
    parts["fc"] = [nn.Flatten(), nn.Linear(last, classes, head_bias)]
    return joined("mobilenet_v2", parts, train_from)


def rounded(wanted: float, divisor: int = 8) -> int:
    """Return the multiple of the divisor that is nearest to a number, never below 90 % of it."""
    found = max(divisor, int(wanted + divisor / 2) // divisor * divisor)
    return found + divisor if found < 0.9 * wanted else found


def _block(make: Convolutions, channels: int, wide: int, out: int, stride: int) -> list[nn.Layer]:
    """Return expansion (left out where it changes nothing), depthwise, projection."""
    expand = [*make.pointwise(channels, wide), nn.ReLU6()] if wide != channels else []
    return [*expand, *make.depthwise(wide, stride), nn.ReLU6(), *make.pointwise(wide, out)]

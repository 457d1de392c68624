"""MobileNetV2 (Sandler et al., 2018) without normalisation layers: conv + bias + ReLU6."""

from __future__ import annotations

from tinycl import nn
from tinycl.errors import ShapeError

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


def mobilenet_v2(classes: int = 50, width: float = 1.0, channels: int = 3) -> nn.Layer:
    """Return the net for images (n, channels, h, w).

    Parameters
    ----------
    classes : int
    width : float
        Multiplies the channels, which are rounded to multiples of 8; the last ones only above 1.
    channels : int
        Of the images.

    Returns
    -------
    nn.Sequential

    Raises
    ------
    ShapeError
        A width out of range.
    """
    if not 0 < width <= 64:
        raise ShapeError(f"mobilenet_v2: width must be above 0 and at most 64, got {width}")
    inside = rounded(FIRST * width)
    layers: list[nn.Layer] = [nn.Conv2d(channels, inside, 3, stride=2, padding=1), nn.ReLU6()]
    for expansion, wide, repeats, first_stride in TABLE:
        out = rounded(wide * width)
        for place in range(repeats):
            stride = first_stride if place == 0 else 1
            block = _block(inside, inside * expansion, out, stride)
            same = stride == 1 and inside == out
            layers += [nn.Residual(*block)] if same else block
            inside = out
    last = rounded(LAST * max(1.0, width))
    layers += [nn.Pointwise(inside, last), nn.ReLU6()]
    return nn.Sequential(*layers, nn.GlobalAvgPool2d(), nn.Flatten(), nn.Linear(last, classes))


def rounded(wanted: float, divisor: int = 8) -> int:
    """Return the multiple of the divisor that is nearest to a number, never below 90 % of it."""
    found = max(divisor, int(wanted + divisor / 2) // divisor * divisor)
    return found + divisor if found < 0.9 * wanted else found


def _block(channels: int, wide: int, out: int, stride: int) -> list[nn.Layer]:
    """Return expansion (left out where it changes nothing), depthwise, projection."""
    expand: list[nn.Layer] = [nn.Pointwise(channels, wide), nn.ReLU6()] if wide != channels else []
    return [*expand, nn.Depthwise(wide, 3, stride, 1), nn.ReLU6(), nn.Pointwise(wide, out)]

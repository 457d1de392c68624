"""MobileNetV2 (Sandler et al., 2018) without normalisation layers: conv + bias + ReLU6."""

from __future__ import annotations

from tinycl import nn

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


def mobilenet_v2(classes: int = 50) -> nn.Layer:
    """Return the net for images (n, 3, h, w).

    Parameters
    ----------
    classes : int

    Returns
    -------
    nn.Sequential
    """
    layers: list[nn.Layer] = [nn.Conv2d(3, FIRST, 3, stride=2, padding=1), nn.ReLU6()]
    channels = FIRST
    for expansion, out, repeats, first_stride in TABLE:
        for place in range(repeats):
            stride = first_stride if place == 0 else 1
            block = _block(channels, channels * expansion, out, stride)
            same = stride == 1 and channels == out
            layers += [nn.Residual(*block)] if same else block
            channels = out
    layers += [nn.Pointwise(channels, LAST), nn.ReLU6()]
    return nn.Sequential(*layers, nn.GlobalAvgPool2d(), nn.Flatten(), nn.Linear(LAST, classes))


def _block(channels: int, wide: int, out: int, stride: int) -> list[nn.Layer]:
    """Return expansion (left out where it changes nothing), depthwise, projection."""
    expand: list[nn.Layer] = [nn.Pointwise(channels, wide), nn.ReLU6()] if wide != channels else []
    return [*expand, nn.Depthwise(wide, 3, stride, 1), nn.ReLU6(), nn.Pointwise(wide, out)]

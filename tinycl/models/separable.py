"""A small depthwise-separable net for 8x8 images: what fits a microcontroller and its simulator."""

from __future__ import annotations

from tinycl import nn

# (output channels, stride) of each depthwise-pointwise pair
PAIRS = ((32, 1), (64, 1), (128, 2))
FIRST = 16


def separable_net(classes: int = 10) -> nn.Sequential:
    """Return conv 3x3 (16), three depthwise-pointwise pairs, average pool, linear.

    Parameters
    ----------
    classes : int

    Returns
    -------
    nn.Sequential
        8 layers with weights, 13,546 parameters with 10 classes, for images (n, 1, 8, 8); 342,272
        multiply-accumulates an image in the forward pass.
    """
    layers: list[nn.Layer] = [nn.Conv2d(1, FIRST, 3, padding=1), nn.ReLU()]
    channels = FIRST
    for out, stride in PAIRS:
        layers += [nn.Depthwise(channels, 3, stride, 1), nn.ReLU()]
        layers += [nn.Pointwise(channels, out), nn.ReLU()]
        channels = out
    layers += [nn.GlobalAvgPool2d(), nn.Flatten(), nn.Linear(channels, classes)]
    return nn.Sequential(*layers)

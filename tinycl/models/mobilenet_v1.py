"""MobileNetV1 (Howard et al., 2017) without normalisation layers: conv + bias + ReLU."""

from __future__ import annotations

from tinycl import nn
from tinycl.errors import ShapeError

# (output channels, stride) of each depthwise-pointwise pair, with its usual name
PAIRS = {
    "conv2_1": (64, 1),
    "conv2_2": (128, 2),
    "conv3_1": (128, 1),
    "conv3_2": (256, 2),
    "conv4_1": (256, 1),
    "conv4_2": (512, 2),
    "conv5_1": (512, 1),
    "conv5_2": (512, 1),
    "conv5_3": (512, 1),
    "conv5_4": (512, 1),
    "conv5_5": (512, 1),
    "conv5_6": (1024, 2),
    "conv6": (1024, 1),
}


def mobilenet_v1(
    classes: int = 50, width: float = 1.0, train_from: str | None = None, channels: int = 3
) -> nn.Layer:
    """Return the net.

    Parameters
    ----------
    classes : int
    width : float
        Multiplies the channels.
    train_from : str, optional
        Name of a pair, such as ``conv5_4``: the layers below it are frozen.
    channels : int
        Of the images.

    Returns
    -------
    nn.Sequential
        28 layers with weights, for images (n, channels, h, w); in the papers on latent replay they
        are (n, 3, 128, 128).

    Raises
    ------
    ShapeError
        No pair of that name, or a width that leaves no channels.
    """
    if train_from is not None and train_from not in PAIRS:
        raise ShapeError(f"train_from: no pair {train_from!r}; there are {', '.join(PAIRS)}")
    inside = round(32 * width)
    if inside < 1:
        raise ShapeError(f"mobilenet_v1: width {width} leaves no channels; take 1/32 or more")
    below: list[nn.Layer] = [nn.Conv2d(channels, inside, 3, stride=2, padding=1), nn.ReLU()]
    above: list[nn.Layer] = []
    layers = below
    for name, (wide, stride) in PAIRS.items():
        if name == train_from:
            layers = above
        out = round(wide * width)
        layers += [nn.Depthwise(inside, 3, stride, 1), nn.ReLU()]
        layers += [nn.Pointwise(inside, out), nn.ReLU()]
        inside = out
    layers += [nn.GlobalAvgPool2d(), nn.Flatten(), nn.Linear(inside, classes)]
    return nn.Sequential(*below) if train_from is None else nn.Sequential(nn.Frozen(*below), *above)

"""A small depthwise-separable net for 8x8 images: what fits a microcontroller and its simulator."""

from __future__ import annotations

from tinycl import nn
from tinycl.errors import ShapeError
from tinycl.models.parts import Convolutions, joined

# (output channels, stride) of each depthwise-pointwise pair
PAIRS = ((32, 1), (64, 1), (128, 2))
FIRST = 16


def separable_net(
    classes: int = 10,
    channels: int = 1,
    width: float = 1.0,
    norm: str = "none",
    train_from: str | None = None,
    head_bias: bool = True,
) -> nn.Sequential:
    """Return conv 3x3 (16), three depthwise-pointwise pairs, average pool, linear.

    Parameters
    ----------
    classes : int
    channels : int
        Of the images.
    width : float
        Multiplies the channels of the layers.
    norm : {"none", "batch", "renorm"}
        Behind each convolution, which then has no bias; `nn.BatchNorm` or `nn.BatchRenorm`.
    train_from : str, optional
        The lowest part that trains: ``pair1`` to ``pair3``, ``pool`` or ``fc``; those below it are
        frozen, norms with their moving statistics.
    head_bias : bool
        Whether the last layer has one.

    Returns
    -------
    nn.Sequential
        8 layers with weights besides the norms, 13,546 parameters with 10 classes and without
        norms, for images (n, 1, 8, 8); 342,272 multiply-accumulates an image in the forward pass.

    Raises
    ------
    ShapeError
        No such part or norm, or a width that leaves no channels.
    """
    if not 1 / FIRST <= width <= 64:
        raise ShapeError(f"separable: width must be 1/16 to 64, got {width}")
    make = Convolutions("separable", norm)
    inside = round(FIRST * width)
    parts: dict[str, list[nn.Layer]] = {"conv1": [*make.conv2d(channels, inside), nn.ReLU()]}
    for place, (wide, stride) in enumerate(PAIRS, start=1):
        out = round(wide * width)
        pair = [*make.depthwise(inside, stride), nn.ReLU(), *make.pointwise(inside, out), nn.ReLU()]
        parts[f"pair{place}"] = pair
        inside = out
    parts["pool"] = [nn.GlobalAvgPool2d()]
    parts["fc"] = [nn.Flatten(), nn.Linear(inside, classes, head_bias)]
    return joined("separable", parts, train_from)

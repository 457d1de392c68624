"""MobileNetV1 (Howard et al., 2017)."""

from __future__ import annotations

from tinycl import nn
from tinycl.errors import ShapeError
from tinycl.models.parts import Convolutions, joined

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
    classes: int = 50,
    width: float = 1.0,
    train_from: str | None = None,
    channels: int = 3,
    norm: str = "none",
    head_bias: bool = True,
) -> nn.Layer:
    """Return the net.

    Parameters
    ----------
    classes : int
    width : float
        Multiplies the channels.
    train_from : str, optional
        The lowest part that trains; those below it are frozen, norms with their moving statistics.
        ``conv5_4/dw``, in short ``conv5_4``, is the depthwise half of a pair and ``conv5_4/sep``
        the pointwise one; ``pool6`` and ``fc7`` are the last two parts.
    channels : int
        Of the images.
    norm : {"none", "batch", "renorm"}
        Behind each convolution, which then has no bias; `nn.BatchNorm` or `nn.BatchRenorm`.
    head_bias : bool
        Whether the last layer has one.

    Returns
    -------
    nn.Sequential
        28 layers with weights besides the norms, for images (n, channels, h, w); in the papers on
        latent replay they are (n, 3, 128, 128).

    Raises
    ------
    ShapeError
        No such part or norm, or a width out of range.
    """
    inside = round(32 * width) if 0 < width <= 64 else 0
    if inside < 1:
        raise ShapeError(f"mobilenet_v1: width must be 1/32 to 64, got {width}")
    make = Convolutions("mobilenet_v1", norm)
    parts: dict[str, list[nn.Layer]] = {}
    parts["conv1"] = [*make.conv2d(channels, inside, stride=2), nn.ReLU()]
    for name, (wide, stride) in PAIRS.items():
        out = round(wide * width)
        parts[f"{name}/dw"] = [*make.depthwise(inside, stride), nn.ReLU()]
        parts[f"{name}/sep"] = [*make.pointwise(inside, out), nn.ReLU()]
        inside = out
    parts["pool6"] = [nn.GlobalAvgPool2d()]
    parts["fc7"] = [nn.Flatten(), nn.Linear(inside, classes, head_bias)]
    return joined("mobilenet_v1", parts, f"{train_from}/dw" if train_from in PAIRS else train_from)

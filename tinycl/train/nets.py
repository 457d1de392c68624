"""Nets by name, made for the samples and the classes of a data set."""

from __future__ import annotations

from collections.abc import Callable

from tinycl import models, nn
from tinycl.errors import TinyclError

Shape = tuple[int, ...]
FORMS = (
    "digits, separable, mlp:64-32-10, conv:8-16, conv_net, mobilenet_v1, mobilenet_v1:0.25, "
    "mobilenet_v2:0.5, phinet, phinet:0.2"
)


def make_net(text: str, sample: Shape, classes: int) -> nn.Layer:
    """Make a net.

    Parameters
    ----------
    text : str
        ``digits``: `tinycl.models.digits_net`. ``mlp:64-32-10``: linear layers of these sizes, ReLU
        between them. ``conv:8-16``: the layers of the digits' net with so many channels, for
        images of any size. ``conv_net`` and ``separable``: `tinycl.models.conv_net`, for square
        images, and `tinycl.models.separable_net`, for grey ones. ``mobilenet_v1``,
        ``mobilenet_v2`` and ``phinet``, perhaps with their width, such as ``mobilenet_v1:0.25``.
    sample : tuple of int
        (c, h, w) or (features,).
    classes : int

    Returns
    -------
    nn.Layer

    Raises
    ------
    TinyclError
        No such net, or one that does not take these samples.
    """
    name, colon, rest = text.partition(":")
    if name not in NETS or (colon and not rest):
        raise TinyclError(f"net: there is no net {text!r}; write one such as {FORMS}")
    return NETS[name](text, rest, sample, classes)


def mlp(text: str, rest: str, sample: Shape, classes: int) -> nn.Layer:
    """Make linear layers with ReLU between them; images are flattened first."""
    sizes = _sizes(text, rest, 2)
    features = 1
    for axis in sample:
        features *= axis
    if (sizes[0], sizes[-1]) != (features, classes):
        raise TinyclError(
            f"net: {text} goes from {sizes[0]} features to {sizes[-1]} classes; the data have "
            f"{features} and {classes}"
        )
    layers: list[nn.Layer] = [nn.Flatten()] if len(sample) == 3 else []
    for place, (wide, out) in enumerate(zip(sizes, sizes[1:], strict=False)):
        layers += [nn.ReLU()] if place else []
        layers.append(nn.Linear(wide, out))
    return nn.Sequential(*layers)


def conv(text: str, rest: str, sample: Shape, classes: int) -> nn.Layer:
    """Make conv 3x3, depthwise 3x3, pointwise, max pool 2x2, linear, with ReLU between them."""
    sizes = _sizes(text, rest, 2)
    if len(sizes) != 2 or len(sample) != 3 or min(sample[1:]) < 2:
        raise TinyclError(
            f"net: {text}: takes two numbers of channels, such as conv:8-16, and images of 2x2 "
            f"and larger; the data have {sample}"
        )
    channels, rows, columns = sample
    wide, out = sizes
    return nn.Sequential(
        nn.Conv2d(channels, wide, 3, padding=1),
        nn.ReLU(),
        nn.Depthwise(wide, 3, padding=1),
        nn.ReLU(),
        nn.Pointwise(wide, out),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(out * (rows // 2) * (columns // 2), classes),
    )


def digits(text: str, rest: str, sample: Shape, classes: int) -> nn.Layer:
    """Return the digits' net."""
    if rest or sample != models.digits.IMAGE or classes != 10:
        raise TinyclError(
            f"net: {text}: the digits' net takes no sizes, and images of {models.digits.IMAGE} in "
            f"10 classes; the data have {sample} in {classes}. A net like it is conv:8-16"
        )
    return models.digits_net()


def conv_net(text: str, rest: str, sample: Shape, classes: int) -> nn.Layer:
    """Return two convolutions 5x5 and linear layers."""
    if rest or len(sample) != 3 or sample[1] != sample[2] or sample[1] < 16:
        raise TinyclError(
            f"net: {text}: takes no sizes, and square images of 16x16 and larger; the data have "
            f"{sample}"
        )
    return models.conv_net(classes, sample[1], sample[0])


def separable(text: str, rest: str, sample: Shape, classes: int) -> nn.Layer:
    """Return the small depthwise-separable net."""
    if rest or len(sample) != 3 or sample[0] != 1:
        raise TinyclError(
            f"net: {text}: takes no sizes, and images with 1 channel; the data have {sample}"
        )
    return models.separable_net(classes)


def mobilenet_v1(text: str, rest: str, sample: Shape, classes: int) -> nn.Layer:
    """Return MobileNetV1 of some width."""
    _colour(text, sample)
    return models.mobilenet_v1(classes, _width(text, rest, 1.0))


def mobilenet_v2(text: str, rest: str, sample: Shape, classes: int) -> nn.Layer:
    """Return MobileNetV2 of some width."""
    _colour(text, sample)
    return models.mobilenet_v2(classes, _width(text, rest, 1.0))


def phinet(text: str, rest: str, sample: Shape, classes: int) -> nn.Layer:
    """Return PhiNet of some alpha."""
    _colour(text, sample)
    return models.phinet(classes, _width(text, rest, 0.2))


NETS: dict[str, Callable[[str, str, Shape, int], nn.Layer]] = {
    "digits": digits,
    "mlp": mlp,
    "conv": conv,
    "conv_net": conv_net,
    "separable": separable,
    "mobilenet_v1": mobilenet_v1,
    "mobilenet_v2": mobilenet_v2,
    "phinet": phinet,
}


def _sizes(text: str, rest: str, least: int) -> list[int]:
    words = rest.split("-")
    good = all(w.isascii() and w.isdecimal() and len(w) < 10 and int(w) > 0 for w in words)
    if not good or len(words) < least:
        raise TinyclError(f"net: cannot read the sizes of {text!r}; write one such as {FORMS}")
    return [int(word) for word in words]


def _width(text: str, rest: str, default: float) -> float:
    try:
        width = float(rest) if rest else default
    except ValueError:
        width = 0.0
    if not 0.05 <= width <= 16:
        raise TinyclError(f"net: cannot read the width of {text!r}; it is a number 0.05..16")
    return width


def _colour(text: str, sample: Shape) -> None:
    if len(sample) != 3 or sample[0] != 3:
        raise TinyclError(f"net: {text} takes images with 3 channels; the data have {sample}")

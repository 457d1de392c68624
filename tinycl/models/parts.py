"""What the nets are put together from: convolutions with their normalisation, and named parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tinycl import nn
from tinycl.errors import ShapeError

NORMS: dict[str, Callable[[int], nn.Layer] | None] = {
    "none": None,
    "batch": nn.BatchNorm,
    "renorm": nn.BatchRenorm,
}


class Convolutions:
    """Makes convolutions, each with a bias or, without one, with the normalisation behind it.

    Parameters
    ----------
    where : str
        The net, for messages.
    norm : {"none", "batch", "renorm"}

    Raises
    ------
    ShapeError
        No such normalisation.
    """

    def __init__(self, where: str, norm: str) -> None:
        if norm not in NORMS:
            raise ShapeError(f"{where}: there is no norm {norm!r}; choose from {', '.join(NORMS)}")
        self.norm = NORMS[norm]
        self.bias = self.norm is None

    def conv2d(self, channels_in: int, channels_out: int, stride: int = 1) -> list[nn.Layer]:
        """Return a convolution 3x3 that keeps the size, but for its stride."""
        layer = nn.Conv2d(channels_in, channels_out, 3, stride, 1, self.bias)
        return [layer, *self._behind(channels_out)]

    def depthwise(self, channels: int, stride: int = 1) -> list[nn.Layer]:
        """Return a depthwise convolution 3x3 that keeps the size, but for its stride."""
        return [nn.Depthwise(channels, 3, stride, 1, self.bias), *self._behind(channels)]

    def pointwise(self, channels_in: int, channels_out: int) -> list[nn.Layer]:
        """Return a convolution 1x1."""
        return [nn.Pointwise(channels_in, channels_out, self.bias), *self._behind(channels_out)]

    def _behind(self, channels: int) -> list[nn.Layer]:
        return [] if self.norm is None else [self.norm(channels)]


def joined(
    where: str, parts: Mapping[str, list[nn.Layer]], train_from: str | None = None
) -> nn.Sequential:
    """Return the net of named parts, those below one of them frozen.

    Parameters
    ----------
    where : str
        The net, for messages.
    parts : mapping of str to list of Layer
        In forward order.
    train_from : str, optional
        The lowest part that trains.

    Raises
    ------
    ShapeError
        No part of that name above the first.
    """
    names = list(parts)
    if train_from is not None and train_from not in names[1:]:
        raise ShapeError(
            f"{where}: train_from: no part {train_from!r} to train from; there are "
            f"{', '.join(names[1:])}"
        )
    place = 0 if train_from is None else names.index(train_from)
    below = [layer for name in names[:place] for layer in parts[name]]
    above = [layer for name in names[place:] for layer in parts[name]]
    return nn.Sequential(*([nn.Frozen(*below)] if below else []), *above)

"""The frozen stage: the layers below a cut, in float32 or in INT8."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tinycl import nn, quant
from tinycl.bits import Array
from tinycl.cl.session.config import Stage
from tinycl.errors import TinyclError


def cut(net: nn.Layer, below: str) -> tuple[list[nn.Layer], list[nn.Layer]]:
    """Return the layers before the one of a name, and it with those behind it.

    A net that begins with frozen layers (``train_from``) is cut above these, without a name.

    Raises
    ------
    TinyclError
        The net has no such layer at its top level, or nothing is left to freeze; a name for a net
        that says itself what is frozen.
    """
    layers = list(net.layers) if isinstance(net, nn.Sequential) else [net]
    if layers and isinstance(layers[0], nn.Frozen):
        if below:
            raise TinyclError(
                f"stage.below: the net freezes layers itself; leave {below!r} or train_from out"
            )
        return list(layers[0].inner.layers), layers[1:]
    if not below:
        return [], layers
    names = [layer.name for layer in layers]
    if below not in names[1:]:
        raise TinyclError(
            f"stage.below: no layer {below!r} to go on from; there are {', '.join(names[1:])}"
        )
    place = names.index(below)
    return layers[:place], layers[place:]


def frozen_stage(
    stage: Stage,
    below: list[nn.Layer],
    weights: Mapping[str, Array],
    images: Array,
    target: str = "numba",
) -> nn.Layer:
    """Return the stage, whose weights stand under the names of `nn.Thawed`.

    Parameters
    ----------
    stage : Stage
    below : list of Layer
    weights : mapping of str to ndarray
    images : ndarray of float32, shape (n, c, h, w)
        Of the first learning batch.
    target : str
        What computes the ranges of INT8.
    """
    frozen = nn.Frozen(*below)
    nn.Sequential(frozen)  # names the layers as they stand in the net
    if stage.numbers == "f32":
        return frozen

    return quant.calibrate(
        frozen, weights, images[spread(len(images), stage.calibration)], target=target
    )


def spread(count: int, wanted: int) -> NDArray[np.int64]:
    """Return `wanted` places among `count`, evenly spread: data are often sorted by class."""
    wanted = min(count, wanted)
    return np.arange(wanted, dtype=np.int64) * count // wanted

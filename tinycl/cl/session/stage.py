"""The frozen stage: the layers below a cut, in float32 or in INT8."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

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
    stage: Stage, below: list[nn.Layer], weights: Mapping[str, Array], images: Array
) -> nn.Layer:
    """Return the stage, whose weights stand under the names of `nn.Thawed`.

    Parameters
    ----------
    stage : Stage
    below : list of Layer
    weights : mapping of str to ndarray
    images : ndarray of float32, shape (n, c, h, w)
        Of the first learning batch. Ranges are taken from as many as `stage` says, evenly spaced,
        since the samples may be sorted by class or session.
    """
    frozen = nn.Frozen(*below)
    nn.Sequential(frozen)  # names the layers as they stand in the net
    if stage.numbers == "f32":
        return frozen
    count = min(stage.calibration, len(images))
    spaced = np.arange(count) * len(images) // count
    return quant.calibrate(frozen, weights, images[spaced])

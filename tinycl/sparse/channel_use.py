"""Which channels were updated: those that a policy lists in each step, or in a choice for many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycl import nn
from tinycl.bits import Array
from tinycl.sparse.channels import INPUTS, OUTPUTS

KEPT = {
    "kept_outputs": ("output", OUTPUTS),
    "kept_channels": ("channel", OUTPUTS),
    "kept_inputs": ("input", INPUTS),
}
CHOSEN_AT = "choose/step"
ROWS = 200  # of all maps of a run
CELLS = 1_000_000


@dataclass(frozen=True, eq=False)
class ChannelUse:
    """The channels of a layer along one axis of its weight.

    Attributes
    ----------
    side : {"output", "input", "channel"}
        "channel" is that of a depthwise layer, where input and output are the same.
    width : int
        Steps that a row of `updated` stands for; the last row may stand for fewer.
    updated : ndarray of int64, shape (rows, channels)
        In how many of these steps each channel was updated, by whatever sample.
    """

    side: str
    width: int
    updated: Array

    def json(self) -> dict[str, Any]:
        """Return the attributes as plain values."""
        return {"side": self.side, "width": self.width, "updated": self.updated.tolist()}


def choices(outputs: Mapping[str, Array], step: int) -> dict[str, Array]:
    """Return records of what the body ``choose`` of a run chose, to be joined end to end.

    Parameters
    ----------
    outputs : mapping of str to ndarray
        `Result.outputs`.
    step : int
        Steps before it.

    Returns
    -------
    dict of str to ndarray
        ``choose/step`` (1,), and ``choose/<layer>.kept_...`` (1, 1, k); {} where nothing is chosen.
    """
    found = {f"choose/{n}": v[None] for n, v in outputs.items() if n.rpartition(".")[2] in KEPT}
    return {CHOSEN_AT: np.array([step], np.int64), **found} if found else {}


def width_for(layers: list[nn.Weighted], steps: int) -> int:
    """Return the steps a row so that the maps of all layers have at most `CELLS` places."""
    channels = sum(sum(layer.weight_shape[:2]) for layer in layers)
    rows = max(1, min(ROWS, CELLS // max(1, channels)))
    return max(1, -(-steps // rows))


def channel_uses(
    layer: nn.Weighted,
    records: Mapping[str, Array],
    outputs: Mapping[str, Array],
    steps: int,
    width: int,
) -> tuple[ChannelUse, ...]:
    """Return the use of a layer's channels, one entry a side; () where it has no such policy.

    Parameters
    ----------
    layer : Weighted
    records : mapping of str to ndarray
        Of `steps` steps, with those of `choices` if there were several.
    outputs : mapping of str to ndarray
        Their lists are those of all steps if the records have none.
    steps, width : int
    """
    found = []
    for name, (side, axis) in KEPT.items():
        tensor, begins = f"{layer.name}.{name}", records.get(CHOSEN_AT, np.zeros(1))
        lists = records.get(f"choose/{tensor}")
        if lists is None and tensor in outputs:
            lists, begins = outputs[tensor][None], np.zeros(1)
        if lists is not None:
            found.append((side, _by_choice(_listed(lists, layer.weight_shape[axis]), begins)))
    index = records.get(f"train/{layer.name}.index")
    if index is not None:
        side = "channel" if isinstance(layer, nn.Depthwise) else "output"
        found.append((side, lambda a, b: _listed(index[a:b], layer.weight_shape[OUTPUTS])))
    return tuple(ChannelUse(side, width, _counted(mask, steps, width)) for side, mask in found)


def _counted(mask: Callable[[int, int], Array], steps: int, width: int) -> Array:
    """Sum masks (steps, channels) over `width` steps at a time."""
    rows = [mask(first, min(first + width, steps)).sum(axis=0) for first in range(0, steps, width)]
    return np.array(rows, np.int64) if rows else np.zeros((0, mask(0, 0).shape[1]), np.int64)


def _by_choice(chosen: Array, begins: Array) -> Callable[[int, int], Array]:
    """Return what gives the masks of some steps, where each choice lasts until the next."""

    def mask(first: int, stop: int) -> Array:
        place = np.searchsorted(begins, np.arange(first, stop), side="right") - 1
        made: Array = chosen[np.maximum(place, 0)]
        return made

    return mask


def _listed(index: Array, total: int) -> Array:
    """Return lists (steps, ..., cap), -1 where they end, as masks (steps, total)."""
    flat = index.reshape(len(index), -1)
    mask = np.zeros((len(index), total), bool)
    step, place = np.nonzero(flat >= 0)
    mask[step, flat[step, place]] = True
    return mask

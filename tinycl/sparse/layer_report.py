"""What a run with a policy did in one layer, step by step, as arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycl import nn
from tinycl.bits import Array
from tinycl.sparse.channel_use import ChannelUse, channel_uses
from tinycl.sparse.costs import Costs

DIGITS = 6  # of a mean in JSON


@dataclass(frozen=True, eq=False)
class LayerReport:
    """One layer through a run of some steps.

    Attributes
    ----------
    layer, policy : str
    depth : int
        Layers that train after it.
    kept_bytes, dense_kept_bytes : int
        Activations that its gradients read, in each step.
    channels : tuple of ChannelUse
        Which channels were updated, where the policy works by channels.
    ratio : ndarray of float64, shape (steps, samples) or (steps, 1)
        S of TinyProp, a sample each; of other policies the part of dy, or of the weight, that
        survives. 0 where a sample is skipped or nothing trains.
    k : ndarray of int64, shape (steps, samples) or (steps, 1)
        Survivors, a sample each, or one number for all.
    survivors : ndarray of int64, shape (steps,)
        Entries or channels of dy that survived, in the whole batch.
    weight_macs, weight_saved, input_macs, input_saved : ndarray of int64, shape (steps,)
        Done, and saved against dense training.
    """

    layer: str
    policy: str
    depth: int
    kept_bytes: int
    dense_kept_bytes: int
    channels: tuple[ChannelUse, ...]
    ratio: Array
    k: Array
    survivors: Array
    weight_macs: Array
    weight_saved: Array
    input_macs: Array
    input_saved: Array

    @property
    def backward_macs(self) -> int:
        """Multiply-accumulates done in all steps."""
        return int(self.weight_macs.sum() + self.input_macs.sum())

    @property
    def saved_macs(self) -> int:
        """Multiply-accumulates saved in all steps."""
        return int(self.weight_saved.sum() + self.input_saved.sum())

    def series(self) -> dict[str, Array]:
        """Return one number a step of everything: of ratio the mean, of k the bounds."""
        return {
            "ratio": _mean(self.ratio, 1),
            "k_least": self.k.min(axis=1),
            "k_most": self.k.max(axis=1),
            **{name: getattr(self, name) for name in COUNTS},
        }

    def json(self, every: int = 1) -> dict[str, Any]:
        """Return the layer as plain dictionaries, lists and numbers.

        Parameters
        ----------
        every : int
            The series have every so many-th step, from the first on.

        Returns
        -------
        dict
            The attributes that are no arrays; ``channels``; ``means``, over all steps and samples;
            the `series`. Means are rounded to 6 digits; NaN and Inf become None.
        """
        plain = ("layer", "policy", "depth", "kept_bytes", "dense_kept_bytes")
        means = {name: _mean(getattr(self, name)) for name in ("ratio", "k", *COUNTS)}
        return {
            **{name: getattr(self, name) for name in plain},
            "backward_macs": self.backward_macs,
            "saved_macs": self.saved_macs,
            "means": {name: _number(float(value)) for name, value in means.items()},
            "channels": [use.json() for use in self.channels],
            **{
                name: [_number(v) for v in values[::every].tolist()]
                for name, values in self.series().items()
            },
        }


COUNTS = ("survivors", "weight_macs", "weight_saved", "input_macs", "input_saved")
SERIES = len(COUNTS) + 3


def layer_report(
    layer: nn.Weighted,
    used: Costs,
    dense: Costs,
    records: Mapping[str, Array],
    outputs: Mapping[str, Array],
    width: int,
) -> LayerReport:
    """Report what a run did in one layer.

    Parameters
    ----------
    layer : Weighted
    used, dense : Costs
        Of the plan with its policy, and of that without any.
    records, outputs : mapping of str to ndarray
    width : int
        Steps a row of `ChannelUse.updated`.
    """
    steps = len(records["train/loss"])
    gradients = f"{layer.name}.dweight", f"{layer.name}.dx"
    weight, inputs = (used.done(name, records, steps) for name in gradients)
    whole, whole_inputs = (dense.macs(name) for name in gradients)
    ratio, k, survivors = _survivors(layer, used, records, steps)
    return LayerReport(
        layer=layer.name,
        policy=str(layer.update),
        depth=layer.place.depth,
        kept_bytes=used.kept_by(layer),
        dense_kept_bytes=dense.kept_by(layer),
        channels=channel_uses(layer, records, outputs, steps, width),
        ratio=ratio,
        k=k,
        survivors=survivors,
        weight_macs=weight,
        weight_saved=whole - weight,
        input_macs=inputs,
        input_saved=whole_inputs - inputs,
    )


def _survivors(
    layer: nn.Weighted, used: Costs, records: Mapping[str, Array], steps: int
) -> tuple[Array, Array, Array]:
    """Return ratio, k and the survivors of the whole batch, in each step of a layer."""
    y = used.plan.tensors[f"{layer.name}.y"].shape
    counts, ratio = (records.get(f"train/{layer.name}.{name}") for name in ("count", "ratio"))
    if counts is None:
        kept = used.plan.tensors.get(f"{layer.name}.dweight")
        part = 0.0 if kept is None else kept.size / used.plan.tensors[layer.weight].size
        rows = 0 if kept is None else min(kept.shape[0], y[1]) * math.prod(y[2:])
        one = np.full((steps, 1), rows, np.int64)
        return np.full((steps, 1), part), one, one[:, 0] * y[0]
    k = counts.astype(np.int64)
    told = k / math.prod(y[1:]) if ratio is None else ratio.astype(np.float64)
    return told, k, k.sum(axis=1) * (y[0] if k.shape[1] == 1 else 1)


def _mean(values: Array, axis: int | None = None) -> Array:
    """Return the mean: NaN where one is or infinities cancel; 0 over everything of no steps."""
    with np.errstate(invalid="ignore"):
        return np.asarray(values.mean(axis=axis) if values.size or axis else 0.0)


def _number(value: float) -> float | None:
    """Return a value as JSON holds it; whole numbers stay as they are."""
    if isinstance(value, int):
        return value
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None

"""What a run with a policy did: for each step and layer, and in total against dense training.

Multiply-accumulates are those of forward passes and of weight and input gradients; bias gradients,
measures, selection and updates multiply nothing or little and are left out, as in dense training.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycl import nn
from tinycl.bits import Array
from tinycl.errors import ShapeError
from tinycl.sparse.attach import attach
from tinycl.sparse.costs import Costs


@dataclass(frozen=True)
class LayerStep:
    """One layer in one step.

    Attributes
    ----------
    ratio : tuple of float
        S of TinyProp, a sample each; of other policies the part of dy, or of the weight, that
        survives. 0 where a sample is skipped or nothing trains.
    k : tuple of int
        Survivors, a sample each, or one number for all.
    survivors : int
        Entries or channels of dy that survived, in the whole batch.
    weight_macs, weight_saved, input_macs, input_saved : int
        Done, and saved against dense training.
    """

    ratio: tuple[float, ...]
    k: tuple[int, ...]
    survivors: int
    weight_macs: int
    weight_saved: int
    input_macs: int
    input_saved: int


@dataclass(frozen=True)
class LayerReport:
    """One layer through a run.

    Attributes
    ----------
    layer, policy : str
    depth : int
        Layers that train after it.
    kept_bytes, dense_kept_bytes : int
        Activations that its gradients read.
    channels : tuple of tuple of int
        Which channels were updated, where the policy works by channels: those of each step, or of
        all steps in one.
    steps : tuple of LayerStep
    """

    layer: str
    policy: str
    depth: int
    kept_bytes: int
    dense_kept_bytes: int
    channels: tuple[tuple[int, ...], ...]
    steps: tuple[LayerStep, ...]


@dataclass(frozen=True)
class Report:
    """A run.

    Attributes
    ----------
    layers : tuple of LayerReport
        Weighted layers that are not frozen, in forward order.
    trained : tuple of tuple of int
        Where TinyPropv2 decides: for each step and sample, whether it trained.
    backward_macs, dense_backward_macs, forward_macs, choosing_macs : int
        Of all steps; `choosing_macs` of the body ``choose``, once.
    backward_effort, total_effort : float
        Of dense training: backward alone, and forward + backward.
    kept_bytes, dense_kept_bytes : int
        Activations that the forward pass of one step keeps.
    peak_bytes, choosing_peak_bytes, dense_peak_bytes : int
        Arena of a lean run: steps alone, with the body ``choose``, and dense.
    """

    layers: tuple[LayerReport, ...]
    trained: tuple[tuple[int, ...], ...]
    backward_macs: int
    dense_backward_macs: int
    forward_macs: int
    choosing_macs: int
    backward_effort: float
    total_effort: float
    kept_bytes: int
    dense_kept_bytes: int
    peak_bytes: int
    choosing_peak_bytes: int
    dense_peak_bytes: int

    def json(self) -> dict[str, Any]:
        """Return the report as plain dictionaries, lists and numbers; NaN and Inf become None."""
        told: dict[str, Any] = _plain(dataclasses.asdict(self))
        return told


def report(
    training: nn.Training, records: Mapping[str, Array], outputs: Mapping[str, Array] | None = None
) -> Report:
    """Report what a run did.

    Parameters
    ----------
    training : Training
        Whose net has policies attached.
    records : mapping of str to ndarray
        `Result.records` of the run; those of parts of a run may be joined end to end.
    outputs : mapping of str to ndarray, optional
        `Result.outputs`; they tell which channels a subset has.

    Returns
    -------
    Report
        With microbatches, a step is one of them.

    Raises
    ------
    ShapeError
        Records that are not those of this training.
    """
    used = Costs(training.plan(choose=False))
    dense = Costs(dataclasses.replace(training, net=attach(training.net, relu_bits=False)).plan())
    wanted = {f"train/{name}" for name in used.plan.bodies["train"].records}
    if not wanted <= set(records):
        missing = sorted(wanted - set(records))
        raise ShapeError(
            f"report: the records lack {missing}; give Result.records of a run of this training"
        )
    steps = len(records["train/loss"])
    weighted = [part for part in training.net.parts() if isinstance(part, nn.Weighted)]
    layers = tuple(_layer(layer, used, dense, records, outputs or {}) for layer in weighted)
    backward = sum(s.weight_macs + s.input_macs for layer in layers for s in layer.steps)
    saved = sum(s.weight_saved + s.input_saved for layer in layers for s in layer.steps)
    forward = steps * sum(
        dense.plan.op_macs(op) for op in dense.ops if op.kind.endswith("_forward")
    )
    whole = training.plan()
    trained = next((v for k, v in records.items() if k.endswith(".trained")), np.zeros((0, 0)))
    return Report(
        layers=layers,
        trained=tuple(tuple(int(v) for v in step) for step in trained),
        backward_macs=backward,
        dense_backward_macs=backward + saved,
        forward_macs=forward,
        choosing_macs=sum(
            whole.op_macs(op) for b in whole.bodies.values() if b.name == "choose" for op in b.ops
        ),
        backward_effort=_part(backward, backward + saved),
        total_effort=_part(forward + backward, forward + backward + saved),
        kept_bytes=sum(used.kept().values()),
        dense_kept_bytes=sum(dense.kept().values()),
        peak_bytes=used.peak(),
        choosing_peak_bytes=Costs(whole).peak(),
        dense_peak_bytes=dense.peak(),
    )


def _layer(
    layer: nn.Weighted,
    used: Costs,
    dense: Costs,
    records: Mapping[str, Array],
    outputs: Mapping[str, Array],
) -> LayerReport:
    names = f"{layer.name}.dweight", f"{layer.name}.dx"
    steps = len(records["train/loss"])
    done = [used.done(name, records, steps) for name in names]
    full = [dense.macs(name) for name in names]
    return LayerReport(
        layer=layer.name,
        policy=str(layer.update),
        depth=layer.place.depth,
        kept_bytes=used.kept_by(layer),
        dense_kept_bytes=dense.kept_by(layer),
        channels=_channels(layer, records, outputs),
        steps=tuple(
            LayerStep(
                *_survivors(layer, used, records, step),
                weight_macs=weight,
                weight_saved=full[0] - weight,
                input_macs=inputs,
                input_saved=full[1] - inputs,
            )
            for step, (weight, inputs) in enumerate(zip(*done, strict=True))
        ),
    )


def _survivors(
    layer: nn.Weighted, used: Costs, records: Mapping[str, Array], step: int
) -> tuple[tuple[float, ...], tuple[int, ...], int]:
    """Return ratio, k and the survivors of the whole batch, in one step of a layer."""
    y = used.plan.tensors[f"{layer.name}.y"].shape
    counts, ratio = (records.get(f"train/{layer.name}.{name}") for name in ("count", "ratio"))
    if counts is None:
        kept = used.plan.tensors.get(f"{layer.name}.dweight")
        part = 0.0 if kept is None else kept.size / used.plan.tensors[layer.weight].size
        rows = 0 if kept is None else min(kept.shape[0], y[1]) * int(np.prod(y[2:]))
        return (part,), (rows,), rows * y[0]
    k = tuple(int(v) for v in counts[step])
    entries = int(np.prod(y[1:]))
    told = [v / entries for v in k] if ratio is None else ratio[step]
    return tuple(float(v) for v in told), k, sum(k) * (y[0] if len(k) == 1 else 1)


def _channels(
    layer: nn.Weighted, records: Mapping[str, Array], outputs: Mapping[str, Array]
) -> tuple[tuple[int, ...], ...]:
    """Return the channels that were updated: those listed in a state, or step by step."""
    for name in ("kept_outputs", "kept_channels", "kept_inputs"):
        if f"{layer.name}.{name}" in outputs:
            return (tuple(sorted(int(v) for v in outputs[f"{layer.name}.{name}"].flat)),)
    index = records.get(f"train/{layer.name}.index")
    if index is None:
        return ()
    return tuple(tuple(sorted({int(v) for v in step.flat if v >= 0})) for step in index)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _part(done: int, full: int) -> float:
    return done / full if full else 0.0

"""What a run with a policy did: for each step and layer, and in total against dense training.

Multiply-accumulates are those of forward passes and of weight and input gradients; bias gradients,
measures, selection and updates multiply nothing or little and are left out, as in dense training.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycl import nn
from tinycl.bits import Array
from tinycl.errors import ShapeError
from tinycl.sparse.attach import attach
from tinycl.sparse.channel_use import width_for
from tinycl.sparse.costs import Costs
from tinycl.sparse.layer_report import SERIES, LayerReport, layer_report

VALUES = 500_000  # in the series of all layers in JSON, some 8 bytes each


@dataclass(frozen=True, eq=False)
class Report:
    """A run.

    Attributes
    ----------
    steps : int
        With microbatches, a step is one of them.
    layers : tuple of LayerReport
        Weighted layers that are not frozen, in forward order.
    trained : ndarray of int32, shape (steps, samples)
        Where TinyPropv2 decides: whether each sample trained; (0, 0) elsewhere.
    backward_macs, dense_backward_macs, forward_macs, choosing_macs : int
        Of all steps; `choosing_macs` of the body ``choose``, once, and in no effort.
    backward_effort, total_effort : float
        Of dense training: backward alone, and forward + backward.
    kept_bytes, dense_kept_bytes : int
        Activations that the forward pass of one step keeps.
    peak_bytes, choosing_peak_bytes, dense_peak_bytes : int
        Arena of a lean run: steps alone, with the body ``choose``, and dense.
    """

    steps: int
    layers: tuple[LayerReport, ...]
    trained: Array
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
        """Return the report as plain dictionaries, lists and numbers.

        Returns
        -------
        dict
            The numbers among the attributes; ``samples`` of a step, and ``skipped``, how many of
            them in each step, where TinyPropv2 decides (0 and [] elsewhere); ``layers``, see
            `LayerReport.json`; ``every``: the layers' series have every so many-th step, the least
            number that leaves at most `VALUES` values. Totals and means are of all steps.
        """
        every = max(1, -(-len(self.layers) * SERIES * self.steps // VALUES))
        told = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        del told["layers"], told["trained"]
        return {
            **told,
            "every": every,
            "samples": self.trained.shape[1],
            "skipped": (self.trained == 0).sum(axis=1).tolist(),
            "layers": [layer.json(every) for layer in self.layers],
        }


def report(
    training: nn.Training, records: Mapping[str, Array], outputs: Mapping[str, Array] | None = None
) -> Report:
    """Report what a run did.

    Parameters
    ----------
    training : Training
        Whose net has policies attached.
    records : mapping of str to ndarray
        `Result.records` of the run; those of parts of a run may be joined end to end, and those of
        `choices` may be with them.
    outputs : mapping of str to ndarray, optional
        `Result.outputs`; they tell which channels a subset has, where `records` do not.

    Returns
    -------
    Report

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
    about = used, dense, records, outputs or {}, width_for(weighted, steps)
    layers = tuple(layer_report(layer, *about) for layer in weighted)
    backward = sum(layer.backward_macs for layer in layers)
    saved = sum(layer.saved_macs for layer in layers)
    forward = steps * sum(
        dense.plan.op_macs(op) for op in dense.ops if op.kind.endswith("_forward")
    )
    whole = training.plan()
    trained = (v for name, v in records.items() if name.endswith(".trained"))
    return Report(
        steps=steps,
        layers=layers,
        trained=next(trained, np.zeros((0, 0), np.int32)),
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


def _part(done: int, full: int) -> float:
    return done / full if full else 0.0

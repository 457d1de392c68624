"""The layer table of a net, read off the plan of its forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tinycl import nn
from tinycl.errors import ShapeError
from tinycl.nn.builder import Shape
from tinycl.plan import Plan


@dataclass(frozen=True)
class Row:
    """One layer, for one sample.

    Parameters
    ----------
    layer : str
        As in the plan, such as ``residual4.pointwise0``.
    kind : str
        Its operation, without ``_forward``; of several, joined with +.
    shape : tuple of int
        Of its output.
    parameters : int
    macs : int
        Multiply-accumulates, taps outside the image included.
    elements : int
        Of its output.
    """

    layer: str
    kind: str
    shape: Shape
    parameters: int
    macs: int
    elements: int


def forward_plan(net: nn.Layer, sample: Shape) -> Plan:
    """Return the plan of one forward pass of one sample.

    Parameters
    ----------
    net : nn.Layer
    sample : tuple of int
        (c, h, w) or (features,).

    Raises
    ------
    ShapeError
        A sample that the net does not take.
    """
    if len(sample) not in (1, 3) or any(isinstance(s, bool) or s < 1 for s in sample):
        raise ShapeError(
            f"models: a sample is (channels, rows, columns) or (features,), each from 1, got "
            f"{tuple(sample)}"
        )
    b = nn.Builder(training=False)
    whole = net if isinstance(net, nn.Sequential) else nn.Sequential(net)
    x = b.tensor("x", (1, *sample), role="input")
    y = whole.forward(b, x)
    b.close("forward", (x,), (y,))
    return b.plan([("forward", 1)], [])


def layer_table(net: nn.Layer, sample: Shape) -> list[Row]:
    """Return one row for each layer, in forward order.

    Parameters
    ----------
    net : nn.Layer
    sample : tuple of int
        (c, h, w) or (features,).

    Raises
    ------
    ShapeError
        A sample that the net does not take.
    """
    plan = forward_plan(net, sample)
    layers: dict[str, list[int]] = {}
    ops = plan.bodies["forward"].ops
    for place, op in enumerate(ops):
        layers.setdefault(op.writes[0].rpartition(".")[0], []).append(place)
    rows, counted = [], set[str]()
    for name, places in layers.items():
        own = [ops[place] for place in places]
        read = {n for op in own for n in op.reads if plan.tensors[n].role == "weight"}
        out = plan.tensors[own[-1].writes[0]]
        rows.append(
            Row(
                layer=name,
                kind="+".join(op.kind.removesuffix("_forward") for op in own),
                shape=out.shape[1:],
                parameters=sum(plan.tensors[n].size for n in read - counted),
                macs=sum(plan.op_macs(op) for op in own),
                elements=out.size,
            )
        )
        counted |= read
    return rows


def totals(rows: Sequence[Row]) -> dict[str, int]:
    """Return the sums, and the largest output."""
    return {
        "parameters": sum(row.parameters for row in rows),
        "macs": sum(row.macs for row in rows),
        "elements": sum(row.elements for row in rows),
        "largest": max((row.elements for row in rows), default=0),
    }


def as_json(rows: Sequence[Row]) -> dict[str, Any]:
    """Return rows and totals as a document of plain values."""
    return {"layers": [asdict(row) for row in rows], "totals": totals(rows)}

"""Gradients of a layer of which only a part is computed; policies are made of these.

Every tensor is named after its layer: ``<layer>.dweight``, ``<layer>.dx``, and beside each sparse
gradient ``..._effort``, the multiply-accumulates that it did, which the plan records.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tinycl import nn


@dataclass(frozen=True)
class Survivors:
    """Names of the lists of what survives of dy: entries, or whole channels.

    Attributes
    ----------
    count, index : str
        (r,) and (r, cap), int32; r is the batch, or 1 where all samples share one list.
    channels : bool
        What `index` lists. The entries of a linear layer are its channels; there it is False.
    """

    count: str
    index: str
    channels: bool = False


def entries(b: nn.Builder, dy: str) -> int:
    """Entries of dy in one sample."""
    return math.prod(b.shape(dy)[1:])


def select(b: nn.Builder, layer: nn.Weighted, a: str, wanted: str | None, k: int = 0) -> Survivors:
    """Emit the selection of the largest magnitudes in each row of `a`, and record the counts."""
    names = (f"{layer.name}.count", f"{layer.name}.index")
    given = (a,) if wanted is None else (a, wanted)
    b.emit("top_k", given, names, role="gradient", k=k)
    b.record(names[0])
    return Survivors(*names)


def sparse_weight_grad(b: nn.Builder, layer: nn.Weighted, dy: str, survivors: Survivors) -> str:
    """Emit the weight gradient from the survivors of dy, of the dense shape."""
    attrs = {**layer.weight_attrs(), **layer.attrs(), **_channels(layer, survivors)}
    inputs = (layer.kept(b), dy, survivors.count, survivors.index)
    return _counted(b, f"{layer.kind}_sparse_weight_grad", inputs, f"{layer.name}.dweight", attrs)


def sparse_input_grad(b: nn.Builder, layer: nn.Weighted, dy: str, survivors: Survivors) -> str:
    """Emit the input gradient from the survivors of dy."""
    image = b.shape(b.saved(layer.name)["x"])
    attrs = {**layer.input_attrs(image), **layer.attrs(), **_channels(layer, survivors)}
    inputs = (layer.weight, dy, survivors.count, survivors.index)
    return _counted(b, f"{layer.kind}_sparse_input_grad", inputs, f"{layer.name}.dx", attrs)


def learn_bias(
    b: nn.Builder, layer: nn.Weighted, dy: str, survivors: Survivors | None = None
) -> None:
    """Emit the bias gradient, if there is a bias: from survivors, trained samples, or all."""
    if not layer.has_bias:
        return
    names = (f"{layer.name}.dbias",)
    if survivors is not None:
        db = b.emit(
            "sparse_bias_grad",
            (dy, survivors.count, survivors.index),
            names,
            role="gradient",
            channels=int(survivors.channels),
        )
    elif b.trained is not None:
        db = b.emit("sampled_bias_grad", (dy, b.trained), names, role="gradient")
    else:
        db = layer.bias_grad(b, dy)
    b.learn(layer.bias, db)


def _channels(layer: nn.Weighted, survivors: Survivors) -> dict[str, Any]:
    return {} if isinstance(layer, nn.Linear) else {"channels": int(survivors.channels)}


def _counted(
    b: nn.Builder, kind: str, inputs: tuple[str, ...], name: str, attrs: dict[str, Any]
) -> str:
    effort = f"{name}_effort"
    b.emit(kind, inputs, (name, effort), role="gradient", **attrs)
    b.record(effort)
    return name

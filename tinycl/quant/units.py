"""A net cut into what becomes one operation on bytes each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinycl import nn
from tinycl.errors import TinyclError
from tinycl.nn.layer import Layer
from tinycl.nn.normalisation import Normalisation


@dataclass(frozen=True)
class Unit:
    """A layer with the normalisation and the activation behind it, or a sum with inner units.

    Attributes
    ----------
    layer : Layer
        Conv2d, Depthwise, Pointwise, MaxPool2d or Residual.
    inner : tuple of Unit
        Of a Residual.
    norm : BatchNorm or BatchRenorm, optional
        Its moving statistics become part of the weights.
    activation : Layer, optional
        ReLU or ReLU6: the end of the range of bytes does what it does.
    """

    layer: Layer
    inner: tuple[Unit, ...] = ()
    norm: Normalisation | None = None
    activation: Layer | None = None

    @property
    def output(self) -> str:
        """Name of the tensor that leaves, in the plan of the float32 layers."""
        return f"{(self.activation or self.norm or self.layer).name}.y"


CONVOLUTIONS = (nn.Conv2d, nn.Depthwise, nn.Pointwise)


def units(layers: Sequence[Layer]) -> tuple[Unit, ...]:
    """Return the units of layers that follow each other.

    Raises
    ------
    TinyclError
        A layer that has no operation on bytes.
    """
    found: list[Unit] = []
    for layer in layers:
        match layer:
            case nn.Sequential():
                found += units(layer.layers)
            case nn.Frozen():
                found += units(layer.inner.layers)
            case nn.Residual():
                inner = units(layer.inner.layers)
                if not inner:
                    raise TinyclError(f"{layer.name}: a residual without layers in it")
                found.append(Unit(layer, inner))
            case nn.Conv2d() | nn.Depthwise() | nn.Pointwise() | nn.MaxPool2d():
                found.append(Unit(layer))
            case Normalisation():
                found.append(_normalised(found.pop() if found else None, layer))
            case nn.ReLU() | nn.ReLU6():
                found.append(_activated(found.pop() if found else None, layer))
            case _:
                raise TinyclError(
                    f"{layer.name or layer.kind}: {layer.kind} has no operation on bytes; Conv2d, "
                    "Depthwise, Pointwise, BatchNorm, BatchRenorm, MaxPool2d, Residual, ReLU and "
                    "ReLU6 have. Cut the net below it"
                )
    return tuple(found)


def _normalised(unit: Unit | None, layer: Normalisation) -> Unit:
    plain = unit is not None and unit.norm is None and unit.activation is None
    if unit is None or not plain or not isinstance(unit.layer, CONVOLUTIONS):
        raise TinyclError(
            f"{layer.name or layer.kind}: a normalisation must stand directly behind Conv2d, "
            "Depthwise or Pointwise to become part of its weights"
        )
    return replace(unit, norm=layer)


def _activated(unit: Unit | None, layer: Layer) -> Unit:
    takes = (*CONVOLUTIONS, nn.Residual)
    if unit is None or unit.activation is not None or not isinstance(unit.layer, takes):
        raise TinyclError(
            f"{layer.name or layer.kind}: an activation must stand directly behind Conv2d, "
            "Depthwise, Pointwise or Residual to become part of it"
        )
    return replace(unit, activation=layer)


def outputs(found: Sequence[Unit]) -> list[str]:
    """Return the tensors whose ranges are wanted, inner ones first."""
    return [name for unit in found for name in (*outputs(unit.inner), unit.output)]

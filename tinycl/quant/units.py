"""A net cut into what becomes one operation on bytes each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinycl import nn
from tinycl.errors import TinyclError
from tinycl.nn.layer import Layer


@dataclass(frozen=True)
class Unit:
    """A layer and the activation behind it, or a sum of inner units and their input.

    Attributes
    ----------
    layer : Layer
        Conv2d, Depthwise, Pointwise, MaxPool2d or Residual.
    inner : tuple of Unit
        Of a Residual.
    activation : Layer, optional
        ReLU or ReLU6: the end of the range of bytes does what it does.
    """

    layer: Layer
    inner: tuple[Unit, ...] = ()
    activation: Layer | None = None

    @property
    def output(self) -> str:
        """Name of the tensor that leaves, in the plan of the float32 layers."""
        return f"{(self.activation or self.layer).name}.y"


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
            case nn.ReLU() | nn.ReLU6():
                found.append(_activated(found.pop() if found else None, layer))
            case _:
                raise TinyclError(
                    f"{layer.name or layer.kind}: {layer.kind} has no operation on bytes; Conv2d, "
                    "Depthwise, Pointwise, MaxPool2d, Residual, ReLU and ReLU6 have. Cut the net "
                    "below it"
                )
    return tuple(found)


def _activated(unit: Unit | None, layer: Layer) -> Unit:
    takes = (*CONVOLUTIONS, nn.Residual)
    if unit is None or unit.activation is not None or not isinstance(unit.layer, takes):
        raise TinyclError(
            f"{layer.name or layer.kind}: an activation must stand directly behind Conv2d, "
            "Depthwise, Pointwise or Residual to become part of it"
        )
    return Unit(unit.layer, unit.inner, layer)


def outputs(found: Sequence[Unit]) -> list[str]:
    """Return the tensors whose ranges are wanted, inner ones first."""
    return [name for unit in found for name in (*outputs(unit.inner), unit.output)]

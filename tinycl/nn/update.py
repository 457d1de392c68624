"""What a weighted layer does in training: the place where a sparse policy puts its operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinycl.nn.builder import Builder

if TYPE_CHECKING:
    from tinycl.nn.optimisers import Optimiser
    from tinycl.nn.weighted import Weighted


@dataclass(frozen=True)
class Place:
    """Where a weighted layer stands in its net.

    Attributes
    ----------
    depth : int
        Layers that train after this one, along the longest path to the output (p of TinyProp).
    rank : int
        Weighted layers after this one in the order of the forward pass.
    bypassed : bool
        Whether it stands inside a residual branch, so that gradients also flow past it.
    """

    depth: int = 0
    rank: int = 0
    bypassed: bool = False


class Update:
    """Base of the updates; one object may serve many layers and holds no numbers of a run.

    Attributes
    ----------
    gated : bool
        Whether samples that `Builder.trained` leaves out contribute no term.
    relu_bits : bool
        Whether the net's ReLUs should keep one bit an element instead of their input.
    """

    gated = False
    relu_bits = False

    def trains(self, layer: Weighted) -> bool:
        """Whether a weight or the bias of the layer trains."""
        return True

    def check(
        self, layer: Weighted, layers: Sequence[Weighted], optimiser: Optimiser, microbatches: int
    ) -> None:
        """Raise PlanError where this update cannot work.

        Parameters
        ----------
        layer : Weighted
        layers : sequence of Weighted
            All that are not frozen, in the order of the forward pass.
        optimiser : Optimiser
        microbatches : int
        """

    def keep(self, b: Builder, layer: Weighted, x: str) -> str:
        """Emit, in the forward pass, what the backward pass needs of x, and return its name."""
        return x

    def backward(self, b: Builder, layer: Weighted, dy: str, wanted: bool) -> str | None:
        """Emit the gradients that are trained on and hand them to `Builder.learn`.

        Returns
        -------
        str or None
            The gradient with respect to x, if it is `wanted`.
        """
        raise NotImplementedError

    def calibrate(self, b: Builder, layer: Weighted, dy: str, wanted: bool) -> str | None:
        """Emit what the body ``choose`` needs of the layer's dense backward pass; return dx."""
        return layer.input_grad(b, layer.weight, dy) if wanted else None


@dataclass(frozen=True)
class Dense(Update):
    """The whole weight, bias and input gradient."""

    def backward(self, b: Builder, layer: Weighted, dy: str, wanted: bool) -> str | None:
        """Emit dweight, dbias and, if it is wanted, dx."""
        b.learn(layer.weight, layer.weight_grad(b, layer.kept(b), dy))
        if layer.has_bias:
            b.learn(layer.bias, layer.bias_grad(b, dy))
        return layer.input_grad(b, layer.weight, dy) if wanted else None

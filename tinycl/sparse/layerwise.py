"""Layer-wise update: which layers train weights, which only biases, where backward stops.

Source: Lin et al., 2022 (tiny training engine); backward stops below the lowest layer that trains.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinycl import nn
from tinycl.sparse import checks
from tinycl.sparse.gradients import learn_bias


class _Part(nn.Update):
    """Weights or biases or both or neither; dx is dense."""

    gated = True

    def weights_train(self, layer: nn.Weighted) -> bool:
        """Whether the weight of a layer trains."""
        return False

    def biases_train(self, layer: nn.Weighted) -> bool:
        """Whether the bias of a layer, if it has one, trains."""
        return False

    def trains(self, layer: nn.Weighted) -> bool:
        """Whether the weight or the bias trains."""
        return self.weights_train(layer) or (layer.has_bias and self.biases_train(layer))

    def backward(self, b: nn.Builder, layer: nn.Weighted, dy: str, wanted: bool) -> str | None:
        """Emit the gradients that are trained on and, if it is wanted, dx."""
        if self.weights_train(layer):
            b.learn(layer.weight, layer.weight_grad(b, layer.kept(b), dy))
        if self.biases_train(layer):
            learn_bias(b, layer, dy)
        return layer.input_grad(b, layer.weight, dy) if wanted else None


@dataclass(frozen=True)
class Fixed(_Part):
    """Nothing trains; gradients pass through."""


@dataclass(frozen=True)
class BiasOnly(_Part):
    """The bias trains, so that no activation need be kept for the layer."""

    def biases_train(self, layer: nn.Weighted) -> bool:
        """Return True."""
        return True


@dataclass(frozen=True)
class LayerWise(_Part):
    """The last layers train, as far down as is said.

    Parameters
    ----------
    weights : int
        How many of the last weighted layers train their weights.
    biases : int
        How many of the last weighted layers train their biases.

    Raises
    ------
    PlanError
        A number that is negative or not whole.
    """

    gated = False

    weights: int = 1
    biases: int = 1

    def __post_init__(self) -> None:
        checks.whole("LayerWise: weights", self.weights)
        checks.whole("LayerWise: biases", self.biases)

    def weights_train(self, layer: nn.Weighted) -> bool:
        """Whether the layer is one of the last `weights`."""
        return layer.place.rank < self.weights

    def biases_train(self, layer: nn.Weighted) -> bool:
        """Whether the layer is one of the last `biases`."""
        return layer.place.rank < self.biases

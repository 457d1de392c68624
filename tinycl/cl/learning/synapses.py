"""Synaptic Intelligence: weights that mattered are pulled back to where they were.

The first learning batch trains the whole net. It pulls nothing, but its path counts: without it
the second one would be as free as under AR1*free.

Source: Zenke et al., 2017; clipped importances as in AR1 (Maltoni and Lomonaco, 2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tinycl import nn
from tinycl.bits import Array
from tinycl.cl.learning.strategy import Strategy
from tinycl.errors import PlanError


@dataclass(frozen=True)
class Synapses:
    """States of one weight: the path of a learning batch, importance, anchor."""

    weight: str

    @property
    def path(self) -> str:
        """Sum of gradient * change over the steps."""
        return f"{self.weight}.path"

    @property
    def importance(self) -> str:
        """How much the loss depended on the weight."""
        return f"{self.weight}.importance"

    @property
    def anchor(self) -> str:
        """The weight after the last learning batch."""
        return f"{self.weight}.anchor"

    def declare(self, b: nn.Builder) -> None:
        """Declare the states; path and importance begin at +0.0, the anchor where the weight is."""
        for name in (self.path, self.importance, self.anchor):
            b.tensor(name, b.shape(self.weight), role="state")

    def anchored(self, b: nn.Builder) -> None:
        """Emit what a learning batch begins with: the anchor, and no path."""
        b.emit("copy", (self.weight,), (self.anchor,), role="state")
        b.emit("clear", (self.path,), ())

    def step(self, b: nn.Builder, optimiser: nn.Optimiser, gradient: str, s: Strategy) -> None:
        """Emit one update: pull, step, path. The path takes the gradient of the loss alone."""
        if self.weight in b.subsets:
            raise PlanError(
                f"{self.weight}: Synaptic Intelligence needs the whole gradient; take a policy "
                "that keeps no channels, such as TinyProp, or ar1_star_free"
            )
        before = b.emit("copy", (self.weight,), (f"{self.weight}.before",))
        pulled = b.emit("copy", (gradient,), (f"{gradient}.pulled",), role="gradient")
        inputs = (pulled, self.importance, self.weight, self.anchor)
        b.emit("synaptic_pull", inputs, (), strength=s.strength)
        optimiser.update(b, self.weight, pulled)
        b.emit("synaptic_path", (self.path, gradient, before, self.weight), ())

    def consolidate(self, b: nn.Builder, s: Strategy) -> None:
        """Emit the importances after a learning batch."""
        b.emit(
            "synaptic_importance",
            (self.importance, self.path, self.anchor, self.weight),
            (),
            factor=s.importance_factor,
            eps=s.importance_eps,
            clip=s.importance_clip,
        )


@dataclass(frozen=True)
class Traced(nn.SGD):
    """SGD that also adds up the paths of some weights: how the first learning batch trains.

    Parameters
    ----------
    weights : tuple of str
    """

    weights: tuple[str, ...] = ()

    def update(self, b: nn.Builder, weight: str, gradient: str) -> None:
        """Emit the update of one parameter, and its path."""
        if weight not in self.weights:
            super().update(b, weight, gradient)
            return
        before = b.emit("copy", (weight,), (f"{weight}.before",))
        super().update(b, weight, gradient)
        path = b.tensor(Synapses(weight).path, b.shape(weight), role="state")
        b.emit("synaptic_path", (path, gradient, before, weight), ())

    def anchors(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Return the anchors: the weights before the first step."""
        return {Synapses(name).anchor: values[name].copy() for name in self.weights}

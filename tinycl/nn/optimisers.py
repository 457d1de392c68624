"""Optimisers: they emit one update for each parameter, in place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinycl.bits import Array
from tinycl.nn.builder import Builder
from tinycl.num.exact import one_minus_powers


class Optimiser:
    """Base of the optimisers.

    Attributes
    ----------
    counts_steps : bool
        Whether what it streams in depends on the number of the step, so that none can be skipped.
    """

    counts_steps = False

    def keeps_still(self) -> bool:
        """Whether a weight whose gradient is +0.0 stays as it is."""
        return False

    def update(self, b: Builder, weight: str, gradient: str) -> None:
        """Emit the update of one parameter; of its kept part only, where the gradient is compact.

        The kept part is gathered axis by axis, updated with compact state, and scattered back.
        """
        subset, parts = b.subsets.get(weight, ()), [weight]
        for axis, index in subset:
            names = (f"{weight}.kept{len(parts) - 1}",)
            parts.append(b.emit("gather", (parts[-1], index), names, axis=axis))
        self.step(b, weight, parts[-1], gradient)
        for place in reversed(range(len(subset))):
            axis, index = subset[place]
            b.emit("scatter", (parts[place], parts[place + 1], index), (), axis=axis)

    def step(self, b: Builder, weight: str, part: str, gradient: str) -> None:
        """Emit one step of `part`, the parameter `weight` or what is kept of it."""
        raise NotImplementedError

    def streams(self, b: Builder) -> tuple[str, ...]:
        """Declare the tensors that the body of the update streams in."""
        return ()

    def stream_values(self, steps: int, first: int = 1) -> dict[str, Array]:
        """Return the values of these tensors for steps first .. first + steps - 1."""
        return {}


@dataclass(frozen=True)
class SGD(Optimiser):
    """Stochastic gradient descent; see `tinycl.ops.sgd`.

    Parameters
    ----------
    lr, momentum, weight_decay : float
    """

    lr: float
    momentum: float = 0.0
    weight_decay: float = 0.0

    def keeps_still(self) -> bool:
        """Whether there is neither momentum nor decay."""
        return self.momentum == 0 and self.weight_decay == 0

    def step(self, b: Builder, weight: str, part: str, gradient: str) -> None:
        """Emit `sgd`, with a velocity if there is momentum."""
        velocity = None
        if self.momentum:
            velocity = b.tensor(f"{weight}.velocity", b.shape(part), role="state")
        b.emit(
            "sgd",
            (part, gradient, velocity, *_gate(b)),
            (),
            lr=self.lr,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
        )


@dataclass(frozen=True)
class Adam(Optimiser):
    """Adam; see `tinycl.ops.adam`. Its bias corrections are streamed in, one pair a step.

    Parameters
    ----------
    lr, beta1, beta2, eps, weight_decay : float
    """

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.0

    counts_steps = True

    def step(self, b: Builder, weight: str, part: str, gradient: str) -> None:
        """Emit `adam` with its two moments."""
        m = b.tensor(f"{weight}.m", b.shape(part), role="state")
        v = b.tensor(f"{weight}.v", b.shape(part), role="state")
        b.emit(
            "adam",
            (part, gradient, m, v, "adam.correction", *_gate(b)),
            (),
            lr=self.lr,
            beta1=self.beta1,
            beta2=self.beta2,
            eps=self.eps,
            weight_decay=self.weight_decay,
        )

    def streams(self, b: Builder) -> tuple[str, ...]:
        """Declare the bias corrections."""
        return (b.tensor("adam.correction", (2,), role="input"),)

    def stream_values(self, steps: int, first: int = 1) -> dict[str, Array]:
        """Return (1 - beta1^t, 1 - beta2^t), each rounded once from its exact value."""
        last = first + steps - 1
        pair = [one_minus_powers(beta, last)[first - 1 :] for beta in (self.beta1, self.beta2)]
        return {"adam.correction": np.array(pair, np.float32).T.copy()}


def _gate(b: Builder) -> tuple[str, ...]:
    """Return the input that keeps everything as it is where no sample trains, if there is one."""
    return () if b.trained is None else (b.trained,)

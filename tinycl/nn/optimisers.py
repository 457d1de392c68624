"""Optimisers: they emit one update for each parameter, in place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinycl.bits import Array
from tinycl.nn.builder import Builder
from tinycl.num.exact import one_minus_powers


class Optimiser:
    """Base of the optimisers."""

    def update(self, b: Builder, weight: str, gradient: str) -> None:
        """Emit the update of one parameter."""
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

    def update(self, b: Builder, weight: str, gradient: str) -> None:
        """Emit `sgd`, with a velocity if there is momentum."""
        velocity = None
        if self.momentum:
            velocity = b.tensor(f"{weight}.velocity", b.shape(weight), role="state")
        b.emit(
            "sgd",
            (weight, gradient, velocity),
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

    def update(self, b: Builder, weight: str, gradient: str) -> None:
        """Emit `adam` with its two moments."""
        m = b.tensor(f"{weight}.m", b.shape(weight), role="state")
        v = b.tensor(f"{weight}.v", b.shape(weight), role="state")
        b.emit(
            "adam",
            (weight, gradient, m, v, "adam.correction"),
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

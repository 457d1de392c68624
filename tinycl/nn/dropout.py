"""Dropout."""

from __future__ import annotations

import numpy as np

from tinycl.nn.builder import Builder
from tinycl.nn.layer import Layer


class Dropout(Layer):
    """In training each element is dropped at random, or scaled up; elsewhere y is x.

    The state ``turn`` counts forward passes in training, so that each of them draws anew: pass t
    draws from stream + t.

    Parameters
    ----------
    rate : float
        The share that is dropped, at least 0 and below 1.
    seed, stream : int
        Where the numbers come from. Layers of one net take streams that are far apart.
    """

    kind = "dropout"

    def __init__(self, rate: float, seed: int, stream: int) -> None:
        self.rate, self.seed, self.stream = rate, seed, stream

    def forward(self, b: Builder, x: str) -> str:
        """Emit y and the mask."""
        if not b.training:
            b.save(self.name)
            return x
        turn = b.state(f"{self.name}.turn", np.zeros(1, np.int32))
        names = (f"{self.name}.y", f"{self.name}.mask")
        y = b.emit(
            "dropout_forward",
            (x, turn),
            names,
            seed=self.seed,
            stream=self.stream,
            rate=self.rate,
        )
        b.emit("next_turn", (turn,), ())
        b.save(self.name, mask=b.prefix + names[1])
        return y

    def backward(self, b: Builder, dy: str, wanted: bool = True) -> str | None:
        """Emit dx."""
        mask = b.saved(self.name).get("mask")
        if mask is None or not wanted:
            return dy if wanted else None
        return b.emit("mul", (dy, mask), (f"{self.name}.dx",), role="gradient")

"""Latent replay: a memory of N latents, what goes into it, and what is taken out.

The memory is ``replay.latents``, (N, c, h, w) in float32 or (N, bytes) in Q bits without gaps, and
``replay.labels`` (N,), -1 where a place is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tinycl import nn
from tinycl.cl.learning.streams import STORE, stream
from tinycl.errors import PlanError
from tinycl.sparse import checks

if TYPE_CHECKING:
    from tinycl.cl.learning.sizes import Sizes

LATENTS, LABELS = "replay.latents", "replay.labels"
LARGEST, SCALE = "replay.largest", "replay.scale"
RULES = ("random", "reservoir", "balanced")
FREE = -1
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Replay:
    """A memory of latents.

    Parameters
    ----------
    slots : int
        N.
    bits : int
        32 keeps float32; 4 to 8 pack quantised latents.
    rule : {"random", "reservoir", "balanced"}
        What is replaced: ``random``: h = min(N/(i+1), n) random entries; ``reservoir`` keeps each
        sample seen with the same probability (Vitter, 1985); ``balanced`` keeps as many of each
        class.

    Raises
    ------
    PlanError
        A value out of range.

    Notes
    -----
    Pellegrini et al., 2020 (latent replay, algorithm 1); Ravaglia et al., 2021 (quantised latents).
    """

    slots: int = 1500
    bits: int = 8
    rule: str = "random"

    def __post_init__(self) -> None:
        checks.whole("Replay: slots", self.slots)
        checks.whole("Replay: bits", self.bits)
        checks.one_of("Replay: rule", self.rule, RULES)
        if self.slots < 1:
            raise PlanError(f"Replay: slots must be at least 1, got {self.slots}")
        if self.bits not in (*range(4, 9), 32):
            raise PlanError(f"Replay: bits must be 4 to 8, or 32 for float32, got {self.bits}")

    @property
    def packs(self) -> bool:
        """Whether latents are quantised."""
        return self.bits < 32

    def stored(self, counts: Sequence[int]) -> int:
        """Return h of the last of some learning batches under the rule ``random``."""
        return min(self.slots // len(counts), counts[-1])

    def filled(self, counts: Sequence[int]) -> int:
        """Return how many places are filled after learning batches of so many new samples."""
        if self.rule == "random":
            parts = (self.stored(counts[: i + 1]) for i in range(len(counts)))
            return min(self.slots, sum(parts))
        return min(self.slots, sum(counts))

    def row(self, latent: Shape) -> Shape:
        """Return the shape of one entry."""
        elements = int(np.prod(latent))
        return (-(-elements * self.bits // 8),) if self.packs else latent

    def bytes(self, latent: Shape) -> int:
        """Return the bytes of all latents."""
        elements = int(np.prod(latent))
        return self.slots * (self.row(latent)[0] if self.packs else 4 * elements)

    def declare(self, b: nn.Builder, latent: Shape) -> None:
        """Declare the memory, free everywhere, and what the quantiser knows."""
        shape = (self.slots, *self.row(latent))
        b.state(LATENTS, np.zeros(shape, np.uint8 if self.packs else np.float32))
        b.state(LABELS, np.full(self.slots, FREE, np.int32))
        if self.packs:
            b.state(LARGEST, np.zeros(1, np.float32))
            b.state(SCALE, np.zeros(1, np.float32))

    def calibrate(self, b: nn.Builder, latents: str) -> None:
        """Emit the running maximum of the latents that the quantiser's range is made of."""
        if self.packs:
            b.emit("largest", (latents, LARGEST), ())

    def scale(self, b: nn.Builder) -> None:
        """Emit the quantiser's step, once the largest latent is known."""
        if self.packs:
            b.emit("latent_scale", (LARGEST,), (SCALE,), role="state", bits=self.bits)

    def take(self, b: nn.Builder, index: str, latent: Shape) -> tuple[str, str]:
        """Emit entries of the memory as float32 latents; return them and their labels."""
        labels = b.emit("gather_labels", (LABELS, index), ("old.labels",))
        if not self.packs:
            return b.emit("gather", (LATENTS, index), ("old.x",), axis=0), labels
        packed = b.emit("gather_bytes", (LATENTS, index), ("old.packed",))
        names = ("old.x",)
        x = b.emit("dequantise_latents", (packed, SCALE), names, bits=self.bits, image=latent)
        return x, labels

    def put(
        self, b: nn.Builder, sizes: Sizes, latents: str, labels: str, seed: int, classes: int
    ) -> None:
        """Emit what becomes of the memory after a learning batch."""
        places = self._places(b, sizes, labels, seed, classes)
        if self.packs:
            rows = b.emit("quantise_latents", (latents, SCALE), ("new.packed",), bits=self.bits)
            b.emit("put_bytes", (LATENTS, rows, places), ())
        else:
            b.emit("put_rows", (LATENTS, latents, places), ())
        b.emit("put_labels", (LABELS, labels, places), ())

    def _places(self, b: nn.Builder, sizes: Sizes, labels: str, seed: int, classes: int) -> str:
        draw: dict[str, Any] = {"seed": seed, "stream": stream(STORE, sizes.number)}
        names = ("new.places",)
        if self.rule == "balanced":
            attrs = {**draw, "filled": sizes.filled, "classes": classes}
            return b.emit("balanced_places", (LABELS, labels), (*names, "new.held"), **attrs)
        attrs = {**draw, "slots": self.slots, "count": sizes.new}
        if self.rule == "reservoir":
            return b.emit("reservoir_places", (), names, seen=sizes.seen, **attrs)
        attrs |= {"filled": sizes.filled, "stored": self.stored(sizes.counts)}
        return b.emit("random_places", (), names, **attrs)

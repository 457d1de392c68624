"""What a scenario asks of labelled data, held in memory or read a learning batch at a time."""

from __future__ import annotations

from typing import Protocol

from tinycl.bits import Array

Shape = tuple[int, ...]


class Samples(Protocol):
    """Labels of all samples, and samples by index: `Dataset` is one, CORe50's folder another."""

    @property
    def name(self) -> str:
        """Name of the data set."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""

    @property
    def sample_shape(self) -> Shape:
        """Shape of one sample: (c, h, w) or (features,)."""

    @property
    def train_y(self) -> Array:
        """Classes of the samples to train with, int32 (n,)."""

    @property
    def test_y(self) -> Array:
        """Classes of the samples to test with, int32 (n,)."""

    @property
    def train_session(self) -> Array | None:
        """Session of each sample to train with, int32 (n,); None where there are none."""

    @property
    def digest(self) -> str:
        """SHA-256 over all that a run depends on, hexadecimal."""

    def train(self, index: Array) -> Array:
        """Return samples to train with by index, float32 (k, *sample_shape)."""

    def test(self, index: Array) -> Array:
        """Return samples to test with by index, float32 (k, *sample_shape)."""

"""The sizes of a learning batch: known beforehand, so that its schedule is part of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tinycl.cl.learning.replay import Replay
from tinycl.errors import PlanError

MOST_CHUNK = 32


@dataclass(frozen=True)
class Sizes:
    """Sizes of one learning batch.

    Parameters
    ----------
    counts : tuple of int
        New samples of each learning batch up to this one.
    replay : Replay, optional
        The memory; without it nothing is replayed.
    cumulative : bool
        Whether all samples so far are new ones again.

    Raises
    ------
    PlanError
        A learning batch without a sample.
    """

    counts: tuple[int, ...]
    replay: Replay | None = None
    cumulative: bool = False

    def __post_init__(self) -> None:
        if not self.counts or min(self.counts) < 1:
            raise PlanError(f"learning batches of {self.counts} samples: each needs one or more")

    @property
    def number(self) -> int:
        """Number of the learning batch; 0 is the first, which the net was trained with whole."""
        return len(self.counts) - 1

    @property
    def new(self) -> int:
        """New samples, n."""
        return sum(self.counts) if self.cumulative else self.counts[-1]

    @property
    def seen(self) -> int:
        """New samples of all batches before."""
        return sum(self.counts[:-1])

    @property
    def filled(self) -> int:
        """Replays in the memory before this batch."""
        return 0 if self.replay is None else self.replay.filled(self.counts[:-1])

    @property
    def chunk(self) -> int:
        """Samples that pass the frozen stage at a time: the largest divisor of n up to 32."""
        return max(c for c in range(1, MOST_CHUNK + 1) if self.new % c == 0)

    def mix(self, minibatch: int) -> tuple[int, int]:
        """Return how many new samples and how many replays make a minibatch.

        Parameters
        ----------
        minibatch : int

        Returns
        -------
        (int, int)
            round(minibatch * n/(n + N)) new ones, half to even and at least one, and replays for
            the rest, where N counts the replays there are; never more than there are.
        """
        whole = min(minibatch, self.new + self.filled)
        new = max(1, round(Fraction(whole * self.new, self.new + self.filled)))
        return min(new, self.new), min(whole - new, self.filled)

    def steps(self, minibatch: int) -> int:
        """Return the steps of an epoch: as many as take no new sample twice."""
        return self.new // self.mix(minibatch)[0]

"""Strategies: what trains, how the head is kept, and what holds the rest in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tinycl.errors import PlanError
from tinycl.sparse import Dense, checks

KINDS = ("fine_tuning", "cumulative", "cwr_star", "ar1_star", "ar1_star_free")


@dataclass(frozen=True)
class Strategy:
    """How a net learns a batch.

    Parameters
    ----------
    kind : {"fine_tuning", "cumulative", "cwr_star", "ar1_star", "ar1_star_free"}
        ``fine_tuning``: all that is adaptive trains on the new samples. ``cumulative``: on all
        samples seen so far. ``cwr_star``: the head alone trains, its rows are consolidated.
        ``ar1_star_free``: the rest trains too. ``ar1_star``: as that, with Synaptic Intelligence.
    epochs : int
        1 to 255.
    minibatch : int
        Samples of a step, new and replayed.
    lr, momentum, weight_decay : float
        Of the adaptive layers.
    head_lr : float
        Times `lr`: the rate of the head.
    train_depthwise : bool
        Whether depthwise filters train; in the papers they do not after the first batch.
    policy : Update
        The sparse policy of the layers that train, the head included.
    layers : mapping of str to Update
        Layers by name with policies of their own.
    rechoose : bool
        Whether a policy that chooses channels does so in each learning batch, or in the first only.
    renorm_rmax, renorm_dmax, renorm_rate : float
        Of batch renormalisations after the first learning batch. With ``cwr_star`` normalisations
        keep their statistics.
    strength, importance_factor, importance_clip, importance_eps : float
        Of Synaptic Intelligence. Importances begin with the training of the whole net, where there
        is a session; a `Learner` alone begins with those that it is given, or none.

    Raises
    ------
    PlanError
        A kind that does not exist, a number out of range.

    Notes
    -----
    Lomonaco et al., 2020 (CWR*, AR1*); Pellegrini et al., 2020 (AR1*free, latent replay); Zenke et
    al., 2017 (Synaptic Intelligence).
    """

    kind: str = "ar1_star_free"
    epochs: int = 4
    minibatch: int = 128
    lr: float = 3e-4
    momentum: float = 0.9
    weight_decay: float = 5e-4
    head_lr: float = 1.0
    train_depthwise: bool = False
    policy: Any = field(default_factory=Dense)
    layers: Mapping[str, Any] = field(default_factory=dict)
    rechoose: bool = True
    renorm_rmax: float = 1.25
    renorm_dmax: float = 0.5
    renorm_rate: float = 5e-5
    strength: float = 1.0
    importance_factor: float = 1.0
    importance_clip: float = 1e-3
    importance_eps: float = 1e-7

    def __post_init__(self) -> None:
        checks.one_of("Strategy: kind", self.kind, KINDS)
        checks.whole("Strategy: epochs", self.epochs)
        checks.whole("Strategy: minibatch", self.minibatch)
        checks.flag("Strategy: train_depthwise", self.train_depthwise)
        checks.flag("Strategy: rechoose", self.rechoose)
        if not 1 <= self.epochs <= 255:
            raise PlanError(f"Strategy: epochs must be 1..255, got {self.epochs}")
        if self.minibatch < 1:
            raise PlanError(f"Strategy: minibatch must be at least 1, got {self.minibatch}")
        for name in ("lr", "momentum", "weight_decay", "head_lr", "strength", "importance_factor"):
            checks.number(f"Strategy: {name}", getattr(self, name), 0, checks.LARGEST)
        for name in ("importance_clip", "importance_eps", "renorm_dmax", "renorm_rate"):
            checks.number(f"Strategy: {name}", getattr(self, name), 0, checks.LARGEST)
        checks.number("Strategy: renorm_rmax", self.renorm_rmax, 1, checks.LARGEST)

    @property
    def consolidates(self) -> bool:
        """Whether the head's rows are kept apart and consolidated, as in CWR*."""
        return self.kind in ("cwr_star", "ar1_star", "ar1_star_free")

    @property
    def trains_body(self) -> bool:
        """Whether more than the head trains."""
        return self.kind != "cwr_star"

    @property
    def holds(self) -> bool:
        """Whether Synaptic Intelligence holds important weights."""
        return self.kind == "ar1_star"

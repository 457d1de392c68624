"""A net that learns batch after batch: from sizes to the plan of one learning batch.

The bodies of a plan, in the order of the schedule:

==========  ==========================================================================
``take``    some new samples pass the frozen stage; their latents are kept
``open``    the head's rows are loaded, velocities cleared, anchors set
``epoch``   new samples and replays are shuffled
``choose``  policies choose what they keep
``step``    one minibatch: mix, forward, backward, update
``close``   the head is consolidated, replays are replaced
==========  ==========================================================================

What one body leaves for another is a state, so that the schedule can be cut anywhere. Everything is
drawn where the plan runs.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from tinycl import nn, sparse
from tinycl.bits import DTYPES, Array
from tinycl.cl.learning import head as heads
from tinycl.cl.learning.bodies import (
    emit_choice,
    emit_close,
    emit_epoch,
    emit_open,
    emit_step,
    emit_take,
    held_weights,
)
from tinycl.cl.learning.replay import Replay
from tinycl.cl.learning.signs import check_latents
from tinycl.cl.learning.sizes import Sizes
from tinycl.cl.learning.strategy import Strategy
from tinycl.errors import PlanError
from tinycl.plan import Plan

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Learner:
    """A net, split into a stage that is frozen and layers that learn.

    Parameters
    ----------
    net : Sequential
        Its first layer is the frozen stage where that has no part that could train, such as
        `nn.Frozen`; otherwise latents are the images themselves. Its last is the head.
    image : tuple of int
        Shape of one sample, (c, h, w).
    strategy : Strategy
    replay : Replay, optional
    seed : int
        Of every draw; from 0 to 2^31 - 1.

    Raises
    ------
    PlanError
        A net whose last layer is not a linear one without a bias, where the head is consolidated;
        replay together with the cumulative strategy; quantised replays of a stage whose latents
        may be below 0; a policy that does not fit.
    """

    net: nn.Sequential
    image: Shape
    strategy: Strategy
    replay: Replay | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.image) != 3:
            raise PlanError(
                f"Learner: an image has three axes (c, h, w), got {self.image}; store features as "
                "(n, 1, f), which are read as images of one row"
            )
        if self.strategy.kind == "cumulative" and self.replay is not None:
            raise PlanError("Learner: cumulative training has all samples; it takes no replay")
        if not 0 <= self.seed < 1 << 31:
            raise PlanError(f"Learner: seed must be 0..2^31-1, got {self.seed}")
        head = heads.head_of(self.net)
        if self.strategy.consolidates and head.has_bias:
            raise PlanError(
                f"Learner: {self.strategy.kind} keeps the head class by class; end the net in "
                "Linear(..., bias=False)"
            )
        object.__setattr__(self, "net", self._attached())
        if self.replay is not None and self.stage is not None:
            check_latents(self.replay, self.stage)

    @property
    def stage(self) -> nn.Layer | None:
        """The frozen stage, if there is one."""
        first = self.net.layers[0]
        return None if any(True for _ in first.parts()) else first

    @property
    def adaptive(self) -> nn.Sequential:
        """The layers that learn; their names are those of the whole net."""
        layers = self.net.layers[0 if self.stage is None else 1 :]
        part = nn.Sequential()
        part.layers = layers
        return part

    @property
    def head(self) -> nn.Linear:
        """The last layer."""
        return heads.head_of(self.net)

    @property
    def classes(self) -> int:
        """Rows of the head."""
        return self.head.weight_shape[0]

    def sizes(self, counts: tuple[int, ...]) -> Sizes:
        """Return the sizes of the learning batch that ends a list of their new samples."""
        return Sizes(counts, self.replay, self.strategy.kind == "cumulative")

    @functools.cached_property
    def latent(self) -> Shape:
        """Shape of one latent, (c, h, w)."""
        if self.stage is None:
            return self.image
        b = nn.Builder(training=False)
        x = b.tensor("x", (1, *self.image), role="input")
        shape = b.shape(self.stage.forward(b, x))[1:]
        if len(shape) != 3:
            raise PlanError(f"Learner: latents have shape {shape}; cut the net before it flattens")
        return shape

    def schedule(self, sizes: Sizes, first: bool, choose: bool) -> list[tuple[str, int]]:
        """Return the schedule of a learning batch.

        Parameters
        ----------
        sizes : Sizes
        first : bool
            Whether it only fills the memory and the head, since the net was trained with this
            batch as a whole.
        choose : bool
            Whether policies choose what they keep, by the first minibatch.
        """
        schedule = [("take", sizes.new // sizes.chunk), ("open", 1)]
        if not first:
            epoch = [("epoch", 1), ("step", sizes.steps(self.strategy.minibatch))]
            schedule += epoch * self.strategy.epochs
            if choose:
                schedule.insert(3, ("choose", 1))
        return [*schedule, ("close", 1)]

    def builder(self, sizes: Sizes, first: bool = False) -> nn.Builder:
        """Return the bodies of a learning batch."""
        b = nn.Builder()
        latent = self.latent
        if not first:
            emit_step(b, self, sizes, latent)
            emit_epoch(b, self, sizes)
            if self.chooses(sizes) and b.choosers:
                emit_choice(b, self, sizes, latent)
        emit_take(b, self, sizes, latent, first)
        emit_open(b, self, sizes, first)
        emit_close(b, self, sizes, latent, first)
        return b

    def plan(self, sizes: Sizes, first: bool = False) -> Plan:
        """Return the plan of a learning batch.

        Streams: ``take.x``, (new/chunk, chunk, c, h, w). Inputs: ``new.labels`` (new,), weights and
        states. Records: ``step/loss``. Outputs: weights and states.
        """
        b = self.builder(sizes, first)
        lasting = [n for n, t in b.tensors.items() if t.role in ("weight", "state")]
        return b.plan(self.schedule(sizes, first, "choose" in b.bodies), lasting)

    def chooses(self, sizes: Sizes) -> bool:
        """Whether policies choose in this learning batch: in each, or in the first that trains."""
        return self.strategy.rechoose or sizes.number <= 1

    def evaluation(self, batch: int, batches: int) -> Plan:
        """Return a plan that records the scores, ``evaluate/...``, of `batches` times `batch`."""
        b = nn.Builder(prefix="evaluate.", training=False)
        x = b.tensor("evaluate.x", (batch, *self.image), role="input")
        b.close("evaluate", (x,), (self.net.forward(b, x),))
        return b.plan([("evaluate", batches)], ())

    def values(
        self, sizes: Sizes, weights: Mapping[str, Array], first: bool = False
    ) -> dict[str, Array]:
        """Return first values: weights as given, constants of the stage, states mostly +0.0."""
        b = self.builder(sizes, first)
        missing = [name for name in b.parameters if name not in weights]
        if missing:
            raise PlanError(f"Learner: no value for the weight {missing[0]}")
        others = {
            n: b.initial.get(n, np.zeros(t.shape, DTYPES[t.dtype])).copy()
            for n, t in b.tensors.items()
            if t.role in ("weight", "state") and n not in b.parameters
        }
        return {name: np.asarray(weights[name]) for name in b.parameters} | others

    def _attached(self) -> nn.Sequential:
        """Return the net with the strategy's policy; what does not train is fixed."""
        own = dict(self.strategy.layers)
        weighted = [part for part in self.net.parts() if isinstance(part, nn.Weighted)]
        for layer in weighted:
            fixed = layer is not weighted[-1] and not self.strategy.trains_body
            fixed |= isinstance(layer, nn.Depthwise) and not self.strategy.train_depthwise
            if fixed:
                own[layer.name] = sparse.Fixed()
        net = sparse.attach(self.net, self.strategy.policy, own)
        for part in net.parts():
            if isinstance(part, nn.BatchRenorm):
                s = self.strategy
                part.rmax, part.dmax, part.rate = s.renorm_rmax, s.renorm_dmax, s.renorm_rate
            if isinstance(part, (nn.BatchNorm, nn.BatchRenorm)) and not self.strategy.trains_body:
                part.frozen, part.trained = True, False
        return net

    def norms(self) -> set[str]:
        """Return the weights of the normalisations that train."""
        found = (p for p in self.net.parts() if isinstance(p, (nn.BatchNorm, nn.BatchRenorm)))
        return {name for part in found for name in (part.gamma, part.beta)}

    def held(self) -> tuple[str, ...]:
        """Return the weights that Synaptic Intelligence holds; none under other strategies."""
        return held_weights(self, self.sizes((1,)), self.latent)

    def optimisers(self) -> tuple[nn.SGD, nn.SGD]:
        """Return the optimiser of the layers below the head, and the head's."""
        s = self.strategy
        body = nn.SGD(s.lr, s.momentum, s.weight_decay)
        return body, replace(body, lr=s.lr * s.head_lr)

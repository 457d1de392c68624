"""The bodies of a learning batch, as `Learner.plan` puts them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinycl import nn
from tinycl.cl.learning import head as heads
from tinycl.cl.learning.replay import LABELS as REPLAYED
from tinycl.cl.learning.sizes import Sizes
from tinycl.cl.learning.streams import NEW, OLD, stream
from tinycl.cl.learning.synapses import Synapses

if TYPE_CHECKING:
    from tinycl.cl.learning.learner import Learner

LATENTS, LABELS = "new.latents", "new.labels"
NEW_ORDER, OLD_ORDER = "new.order", "old.order"
TURNS = ("take.turn", "epoch.turn", "step.turn")
PASSING = (LATENTS, NEW_ORDER, OLD_ORDER, *TURNS)  # states that end with their learning batch
Shape = tuple[int, ...]


def _turn(b: nn.Builder, body: str) -> str:
    """Declare the count of a body's runs in this learning batch."""
    return b.state(f"{body}.turn", np.zeros(1, np.int32))


def _declare(b: nn.Builder, learner: Learner, sizes: Sizes, latent: Shape) -> None:
    """Declare what lasts beyond a body."""
    b.tensor(LATENTS, (sizes.new, *latent), role="state")
    b.tensor(LABELS, (sizes.new,), "i32", role="input")
    if learner.replay is not None:
        learner.replay.declare(b, latent)
    if learner.strategy.consolidates:
        heads.declare(b, learner.head)


def emit_take(b: nn.Builder, learner: Learner, sizes: Sizes, latent: Shape, first: bool) -> None:
    """``take``: a chunk of new samples passes the frozen stage."""
    _declare(b, learner, sizes, latent)
    turn = _turn(b, "take")
    b.prefix, b.training = "take.", False
    x = b.tensor("take.x", (sizes.chunk, *learner.image), role="input")
    z = x if learner.stage is None else learner.stage.forward(b, x)
    if first and learner.replay is not None:
        learner.replay.calibrate(b, z)
    places = b.emit("turn_places", (turn,), ("places",), count=sizes.chunk)
    b.emit("put_rows", (LATENTS, z, places), ())
    b.emit("next_turn", (turn,), ())
    b.prefix, b.training = "", True
    b.close("take", (x,))


def emit_open(b: nn.Builder, learner: Learner, sizes: Sizes, first: bool) -> None:
    """``open``: rows of the head, velocities, anchors."""
    if learner.strategy.consolidates:
        labels = LABELS
        if sizes.filled and learner.replay is not None:
            labels = b.emit("concat_labels", (LABELS, REPLAYED), ("open.labels",))
        heads.count(b, labels, learner.classes)
        if not first:
            heads.load(b, learner.head)
    if first and learner.replay is not None:
        learner.replay.scale(b)
    for name in [n for n, t in b.tensors.items() if t.role == "state" and of_optimiser(n)]:
        b.emit("clear", (name,), ())
    for synapses in [] if first else _held(b, learner):
        synapses.anchored(b)
    b.close("open")


def emit_epoch(b: nn.Builder, learner: Learner, sizes: Sizes) -> None:
    """``epoch``: the order of the new samples and of the replays."""
    turn = _turn(b, "epoch")
    orders = ((NEW_ORDER, NEW, sizes.new), (OLD_ORDER, OLD, sizes.filled))
    for name, room, count in orders:
        if count:
            attrs = {"seed": learner.seed, "stream": stream(room, sizes.number), "count": count}
            b.emit("random_permutation", (turn,), (name,), role="state", **attrs)
    b.emit("next_turn", (turn,), ())
    b.close("epoch")


def emit_step(b: nn.Builder, learner: Learner, sizes: Sizes, latent: Shape) -> None:
    """``step``: one minibatch."""
    _declare(b, learner, sizes, latent)
    x, labels = _mix(b, learner, sizes, latent)
    b.emit("next_turn", (_turn(b, "step"),), ())
    batch = b.shape(x)[0]
    loss = nn.SoftmaxCrossEntropy()
    y = learner.adaptive.forward(b, x)
    mean = loss.forward(b, y, labels, batch)
    learner.adaptive.backward(b, loss.backward(b, batch), wanted=False)
    held = {s.weight: s for s in _held(b, learner)}
    below, above = learner.optimisers()
    for weight, gradient in b.gradients.items():
        if weight in held:
            held[weight].declare(b)
            held[weight].step(b, below, gradient, learner.strategy)
        else:
            of_head = weight == learner.head.weight
            (above if of_head else below).update(b, weight, gradient)
    b.close("step", (), (mean, *b.recorded))


def _mix(b: nn.Builder, learner: Learner, sizes: Sizes, latent: Shape) -> tuple[str, str]:
    """Emit the next minibatch: new samples first, then replays."""
    new, old = sizes.mix(learner.strategy.minibatch)
    turn = _turn(b, "step")
    order = b.tensor(NEW_ORDER, (sizes.new,), "i32", role="state")
    index = b.emit("take_turn", (order, turn), ("new.index",), count=new)
    x = b.emit("gather", (LATENTS, index), ("new.x",), axis=0)
    labels = b.emit("gather_labels", (LABELS, index), ("new.y",))
    if old and learner.replay is not None:
        order = b.tensor(OLD_ORDER, (sizes.filled,), "i32", role="state")
        index = b.emit("take_turn", (order, turn), ("old.index",), count=old)
        z, replayed = learner.replay.take(b, index, latent)
        x = b.emit("concat_rows", (x, z), ("mixed.x",))
        labels = b.emit("concat_labels", (labels, replayed), ("mixed.y",))
    return x, labels


def emit_choice(b: nn.Builder, learner: Learner, sizes: Sizes, latent: Shape) -> None:
    """``choose``: what policies keep, by the minibatch that the first step will take."""

    def minibatch() -> tuple[str, str, tuple[str, ...]]:
        return *_mix(b, learner, sizes, latent), ()

    nn.emit_choose(b, learner.adaptive, nn.SoftmaxCrossEntropy(), minibatch)


def emit_close(b: nn.Builder, learner: Learner, sizes: Sizes, latent: Shape, first: bool) -> None:
    """``close``: the head's rows, importances, replays."""
    if learner.strategy.consolidates:
        b.parameter(learner.head.weight, learner.head.weight_shape, learner.head.fan_in)
        heads.consolidate(b, learner.head)
    for synapses in _traced(b, learner, sizes, latent) if first else _held(b, learner):
        synapses.consolidate(b, learner.strategy)
    if learner.replay is not None:
        learner.replay.put(b, sizes, LATENTS, LABELS, learner.seed, learner.classes)
    b.close("close")


def _held(b: nn.Builder, learner: Learner) -> list[Synapses]:
    """Weights that Synaptic Intelligence holds: not the head's, nor those of normalisations."""
    if not learner.strategy.holds:
        return []
    free = {learner.head.weight, *learner.norms()}
    return [Synapses(w) for w in b.gradients if w not in free]


def _traced(b: nn.Builder, learner: Learner, sizes: Sizes, latent: Shape) -> list[Synapses]:
    """Declare the weights that later batches hold, with path and anchor of the first training."""
    step = nn.Builder()
    if learner.strategy.holds:
        emit_step(step, learner, sizes, latent)
    found = _held(step, learner)
    for synapses in found:
        known = step.parameters[synapses.weight]
        b.parameter(synapses.weight, step.shape(synapses.weight), known.fan_in, known.first)
        synapses.declare(b)
    return found


def held_weights(learner: Learner, sizes: Sizes, latent: Shape) -> tuple[str, ...]:
    """Return the names of the weights that Synaptic Intelligence holds."""
    return tuple(s.weight for s in _traced(nn.Builder(), learner, sizes, latent))


def of_optimiser(name: str) -> bool:
    """Whether a state is the optimiser's, which forgets at each learning batch."""
    return name.endswith(".velocity")

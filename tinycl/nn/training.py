"""From a net, a loss and an optimiser to the plan of a training run, and its first values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tinycl.bits import DTYPES, Array
from tinycl.errors import PlanError, ShapeError
from tinycl.nn.builder import Builder, Parameter, Shape
from tinycl.nn.choose import emit_choose
from tinycl.nn.containers import Sequential
from tinycl.nn.layer import Layer
from tinycl.nn.losses import Loss
from tinycl.nn.optimisers import Optimiser
from tinycl.nn.weighted import Weighted
from tinycl.num.generator import uniform
from tinycl.plan import Plan


@dataclass(frozen=True)
class Training:
    """A training run, ready to be made into a plan of any length.

    Parameters
    ----------
    net : Layer
    loss : Loss
    optimiser : Optimiser
    input_shape : tuple of int
        Of one microbatch, the samples first: (n, c, h, w) or (n, features).
    microbatches : int
        Gradients of so many microbatches are accumulated before each update.
    """

    net: Layer
    loss: Loss
    optimiser: Optimiser
    input_shape: Shape
    microbatches: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.net, Sequential):
            object.__setattr__(self, "net", Sequential(self.net))

    def plan(self, steps: int = 1, evaluations: int = 0, choose: bool = True) -> Plan:
        """Return the plan.

        Parameters
        ----------
        steps : int
            Updates. With one microbatch each is one run of the body ``train``; with more it is
            ``clear``, ``train`` for each microbatch, ``update``.
        evaluations : int
            Runs of the body ``evaluate`` behind them: a forward pass that records its output.
        choose : bool
            Whether policies choose anew what they keep, in the body ``choose``, which runs first.
            A run that resumes or continues another does not.

        Returns
        -------
        Plan
            Streams: ``x`` and ``target``, for evaluations ``evaluate.x``, the optimiser's own, and
            those of `calibration`. Records: ``train/loss`` and what policies report,
            ``evaluate/evaluate.scores``. Outputs: parameters and states.

        Raises
        ------
        PlanError
            No layer trains; a policy that does not go with the net, the optimiser or microbatches.
        """
        b = self._build(evaluations > 0, choose)
        states = [n for n, t in b.tensors.items() if t.role == "state"]
        if self.microbatches == 1:
            schedule = [("train", steps)]
        else:
            one = [("clear", 1), ("train", self.microbatches), ("update", 1)]
            schedule = one * steps
        if "choose" in b.bodies:
            schedule.insert(0, ("choose", 1))
        if evaluations:
            schedule.append(("evaluate", evaluations))
        return b.plan(schedule, [*b.parameters, *states])

    def _build(self, evaluate: bool, choose: bool = False) -> Builder:
        self._check()
        b = Builder()
        whole_batch = self.input_shape[0] * self.microbatches
        x = b.tensor("x", self.input_shape, role="input")
        y = self.net.forward(b, x)
        shape = self.loss.target_shape(b.shape(y))
        target = b.tensor("target", shape, self.loss.target_dtype, role="input")
        loss = self.loss.forward(b, y, target, whole_batch)
        self.net.backward(b, self.loss.backward(b, whole_batch), wanted=False)
        if not b.gradients:
            raise PlanError("training: no layer of the net trains; let a weight or a bias train")
        if self.microbatches == 1:
            constants = self.optimiser.streams(b)
            for weight, gradient in b.gradients.items():
                self.optimiser.update(b, weight, gradient)
            b.close("train", (x, target, *constants), (loss, *b.recorded))
        else:
            self._accumulate(b, (x, target), loss)
        if choose and b.choosers:
            emit_choose(b, self.net, self.loss, self.input_shape)
        if evaluate:
            b.prefix, b.training = "evaluate.", False
            image = b.tensor("evaluate.x", self.input_shape, role="input")
            b.close("evaluate", (image,), (self.net.forward(b, image),))
        return b

    def _check(self) -> None:
        layers = [part for part in self.net.parts() if isinstance(part, Weighted)]
        for layer in layers:
            layer.update.check(layer, layers, self.optimiser, self.microbatches)

    def _accumulate(self, b: Builder, streams: tuple[str, ...], loss: str) -> None:
        totals = {}
        for weight, gradient in b.gradients.items():
            totals[weight] = b.tensor(f"{gradient}.total", b.shape(gradient), role="state")
            b.emit("accumulate", (totals[weight], gradient), ())
        b.close("train", streams, (loss, *b.recorded))
        for total in totals.values():
            b.emit("clear", (total,), ())
        b.close("clear")
        constants = self.optimiser.streams(b)
        for weight, total in totals.items():
            self.optimiser.update(b, weight, total)
        b.close("update", constants)

    def values(self, seed: int) -> dict[str, Array]:
        """Return the first value of every parameter, state (mostly +0.0) and constant.

        Those of parameters are `initial_values`.
        """
        b = self._build(evaluate=False)
        states = {
            n: b.initial.get(n, np.zeros(t.shape, DTYPES[t.dtype])).copy()
            for n, t in b.tensors.items()
            if t.role == "state" or n in b.initial
        }
        shapes = {name: b.shape(name) for name in b.parameters}
        return initial_values(b.parameters, shapes, seed) | states

    def stream(self, images: Array, targets: Array, steps: int, first: int = 0) -> dict[str, Array]:
        """Cut data into the slices of `steps` updates, from update `first` on.

        Parameters
        ----------
        images, targets : ndarray, samples first
            Taken in order; the samples of update i are the i-th whole batch.
        steps, first : int

        Returns
        -------
        dict of str to ndarray
            ``x``, ``target`` and the optimiser's streams.

        Raises
        ------
        ShapeError
            Fewer samples than that takes.
        """
        batch, micro = self.input_shape[0], self.microbatches
        start, stop = first * batch * micro, (first + steps) * batch * micro
        if len(images) < stop or len(targets) < stop:
            raise ShapeError(
                f"stream: {steps} updates from update {first} on take {stop} samples; there are "
                f"{len(images)} images and {len(targets)} targets"
            )
        shape = (steps * micro, batch)
        return {
            "x": images[start:stop].reshape(*shape, *images.shape[1:]),
            "target": targets[start:stop].reshape(*shape, *targets.shape[1:]),
            **self.optimiser.stream_values(steps, first + 1),
        }

    def calibration(self, images: Array, targets: Array) -> dict[str, Array]:
        """Return the streams of the body ``choose``, {} where it takes none.

        Parameters
        ----------
        images, targets : ndarray, samples first
            The first microbatch is what policies choose by, if any chooses by its gradients.

        Returns
        -------
        dict of str to ndarray

        Raises
        ------
        ShapeError
            Fewer samples than that takes.
        """
        b = self._build(evaluate=False, choose=True)
        if "choose" not in b.bodies or not b.bodies["choose"].streams:
            return {}
        batch = self.input_shape[0]
        if min(len(images), len(targets)) < batch:
            raise ShapeError(
                f"calibration: takes {batch} samples, one microbatch; there are {len(images)} "
                f"images and {len(targets)} targets"
            )
        return {"choose.x": images[None, :batch], "choose.target": targets[None, :batch]}


def initial_values(
    parameters: Mapping[str, Parameter], shapes: Mapping[str, Shape], seed: int
) -> dict[str, Array]:
    """Draw weights from the specified generator, one stream a parameter in the order of the net.

    Parameters
    ----------
    parameters : mapping of str to Parameter
    shapes : mapping of str to tuple of int
    seed : int

    Returns
    -------
    dict of str to ndarray of float32
        ``(u + u - 1) * bound``, each operation rounded, u uniform in [0, 1); the bound is
        sqrt(6/fan_in) for weights (He et al., 2015) and sqrt(1/fan_in) for biases, rounded once.
        A parameter with a `first` value is full of that, and its stream is not drawn from.
    """
    values = {}
    for stream, (name, parameter) in enumerate(parameters.items()):
        shape = shapes[name]
        if parameter.first is not None:
            values[name] = np.full(shape, parameter.first, np.float32)
            continue
        gain = 6 if len(shape) > 1 else 1
        bound = np.float32(math.sqrt(gain / parameter.fan_in))
        u = uniform(seed, stream, 0, math.prod(shape)).reshape(shape)
        values[name] = (u + u - np.float32(1)) * bound
    return values

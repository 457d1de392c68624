"""Channel subsets: only some input or output channels of a layer are trained.

Input channels (Lin et al., 2022): only these are kept of x, and only these columns of the weight
gradient are computed. Output channels: only these rows, from these channels of dy. Everything
compact is gathered from, and scattered to, the places that the state ``<layer>.kept_...`` lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycl import nn
from tinycl.errors import PlanError
from tinycl.sparse import checks
from tinycl.sparse.gradients import Survivors, sparse_input_grad

OUTPUTS, INPUTS = 0, 1  # axes of a weight
STREAM = 1 << 16  # where the streams of random choices begin, behind those of the first weights


@dataclass(frozen=True)
class Channels(nn.Update):
    """Train max(1, int(channels * ratio)) channels of each layer.

    Parameters
    ----------
    ratio : float
        From 0 to 1.
    side : {"input", "output", "both"}
        Of a depthwise layer, input and output channels are the same. With "input" dx and all
        biases are as in dense training; otherwise the biases of the kept output channels train.
    by : {"weight", "gradient", "random"} or sequence of int
        The largest norms of the weight, or of its gradient over the batch ``choose.x``; drawn from
        the specified generator; or given: the channels themselves, for "both" also as (input
        channels, output channels), and `ratio` has no meaning.
    seed : int
        Of the random choice.
    restrict_input_grad : bool
        Whether dx too is computed from the kept output channels only.

    Notes
    -----
    Each plan chooses anew unless it is told not to (`Training.plan`), and a new choice begins with
    new states of the optimiser; Adam's corrections then begin anew too, from step 0.

    Raises
    ------
    PlanError
        A value out of range; channels that a layer has not, or named twice.
    """

    relu_bits = True

    ratio: float = 0.5
    side: str = "input"
    by: str | tuple[Any, ...] = "weight"
    seed: int = 0
    restrict_input_grad: bool = True

    def __post_init__(self) -> None:
        checks.number("Channels: ratio", self.ratio, 0, 1)
        checks.one_of("Channels: side", self.side, ("input", "output", "both"))
        checks.whole("Channels: seed", self.seed)
        checks.flag("Channels: restrict_input_grad", self.restrict_input_grad)
        if isinstance(self.by, str):
            checks.one_of("Channels: by", self.by, ("weight", "gradient", "random"))
        else:
            object.__setattr__(self, "by", _tuples("Channels: by", self.by))
            if self._pair() and self.side != "both":
                raise PlanError("Channels: by names two lists of channels, which takes side='both'")

    def keep(self, b: nn.Builder, layer: nn.Weighted, x: str) -> str:
        """Emit the kept input channels of x."""
        index = self._list(b, layer, INPUTS)
        if index is None:
            return x
        return b.emit("gather", (x, index), (f"{layer.name}.x_kept",), axis=1)

    def backward(self, b: nn.Builder, layer: nn.Weighted, dy: str, wanted: bool) -> str | None:
        """Emit the gradients of the kept part and, if it is wanted, dx."""
        inputs, outputs = (self._list(b, layer, axis) for axis in (INPUTS, OUTPUTS))
        part: str = dy
        subset: tuple[tuple[int, str], ...] = ()
        if outputs is not None:
            part = _gather(b, dy, outputs, f"{layer.name}.dy_kept", 1)
            subset = ((0, outputs),)
        dw = layer.weight_grad(b, layer.kept(b), part)
        if inputs is None or isinstance(layer, nn.Depthwise):
            b.learn(layer.weight, dw, subset)
        else:
            b.learn(layer.weight, dw, (*subset, (1, inputs)))
        all_outputs = outputs is None or self.side == "input"
        if layer.has_bias:
            db = layer.bias_grad(b, dy if all_outputs else part)
            b.learn(layer.bias, db, () if all_outputs else subset)
        if not wanted:
            return None
        if all_outputs or outputs is None or not self.restrict_input_grad:
            return layer.input_grad(b, layer.weight, dy)
        if isinstance(layer, nn.Depthwise):
            return sparse_input_grad(b, layer, dy, Survivors(_count(outputs), outputs, True))
        weight = _gather(b, layer.weight, outputs, f"{layer.name}.w_kept", 0)
        return layer.input_grad(b, weight, part)

    def calibrate(self, b: nn.Builder, layer: nn.Weighted, dy: str, wanted: bool) -> str | None:
        """Emit the dense weight gradient that the choice is made by, and dx."""
        if layer.name in b.calibrated:
            b.calibrated[layer.name] = layer.weight_grad(b, layer.kept(b), dy)
        return super().calibrate(b, layer, dy, wanted)

    def _pair(self) -> bool:
        return not isinstance(self.by, str) and any(isinstance(part, tuple) for part in self.by)

    def _list(self, b: nn.Builder, layer: nn.Weighted, axis: int) -> str | None:
        """Name of the list of kept channels along an axis of the weight; None: all are kept."""
        name, given = f"{layer.name}.kept_{'inputs' if axis == INPUTS else 'outputs'}", None
        if isinstance(layer, nn.Depthwise):
            name, axis = f"{layer.name}.kept_channels", OUTPUTS
        elif self.side == ("output" if axis == INPUTS else "input"):
            return None
        total = layer.weight_shape[axis]
        k = max(1, int(total * self.ratio))
        if not isinstance(self.by, str):
            given = self.by[0 if axis == INPUTS else 1] if self._pair() else self.by
            _check_given(layer, name, given, total)
            k = len(given)
        elif k == total:
            return None
        if name not in b.initial:
            b.state(_count(name), np.array([k], np.int32))
            b.state(name, np.array([range(k) if given is None else given], np.int32))
            if self.by == "gradient":
                b.calibrated[layer.name] = ""
            if given is None:
                b.choosers.append(lambda: self._choose(b, layer, axis, name, k))
        return name

    def _choose(self, b: nn.Builder, layer: nn.Weighted, axis: int, name: str, k: int) -> None:
        """Emit the choice: the k largest squared norms along the axis."""
        source, squares = layer.weight, f"{name}.squares"
        if self.by == "random":
            source = b.emit(
                "random_uniform",
                (),
                (f"{name}.random",),
                seed=self.seed,
                stream=STREAM + 2 * layer.place.rank + axis,
                start=0,
                count=layer.weight_shape[axis],
            )
            axis = 0
        elif self.by == "gradient":
            source = b.calibrated[layer.name]
        b.emit("axis_squares", (source,), (squares,), axis=axis)
        b.emit("top_k", (squares,), (_count(name), name), role="state", k=k)


def _count(name: str) -> str:
    return f"{name}.count"


def _gather(b: nn.Builder, source: str, index: str, name: str, axis: int) -> str:
    return b.emit("gather", (source, index), (name,), role="gradient", axis=axis)


def _tuples(where: str, value: Any) -> tuple[Any, ...]:
    """Return a sequence, or two, as tuples of distinct whole numbers in ascending order."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, Iterable):
        raise PlanError(f"{where} must be a word or whole numbers, got {value!r}")
    parts = tuple(int(part) if isinstance(part, np.integer) else part for part in value)
    if len(parts) == 2 and not any(isinstance(part, (int, str)) for part in parts):
        return tuple(_tuples(where, part) for part in parts)
    for part in parts:
        checks.whole(where, part)
    if not parts or len(set(parts)) != len(parts):
        raise PlanError(f"{where} must name at least one channel, and each once, got {parts}")
    return tuple(sorted(parts))


def _check_given(layer: nn.Weighted, name: str, given: tuple[int, ...], total: int) -> None:
    if max(given) >= total:
        raise PlanError(
            f"{name}: the layer ({layer.kind}) has channels 0 to {total - 1}, got {max(given)}; "
            "give the layer a policy of its own"
        )

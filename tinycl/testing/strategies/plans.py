"""Whole training plans with their inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tinycl import nn, sparse
from tinycl.plan import Plan
from tinycl.testing.strategies.lists import labels
from tinycl.testing.strategies.nets import Net, nets
from tinycl.testing.strategies.values import F32Array, Shape, arrays

TILE = 31  # values of a larger tensor repeat, with a period that no side divides

POLICIES = (
    None,
    sparse.BiasOnly(),
    sparse.TopK(k=1),
    sparse.TopK(ratio=0.5, unified=True),
    sparse.TinyProp(s_min=0.1, s_max=0.9, zeta=0.5),
)


@dataclass(frozen=True)
class Work:
    """A training plan and what goes in.

    Attributes
    ----------
    plan : Plan
    inputs : mapping of str to ndarray
        Parameters, states and streams.
    training : Training
        What the plan was made of, for plans of more steps or with evaluations.
    about : str
        In words: net, loss, optimiser, steps, policy.
    """

    plan: Plan
    inputs: Mapping[str, Any]
    training: nn.Training
    about: str

    def __repr__(self) -> str:
        return f"<Work {self.about}>"


def _filled(draw: st.DrawFn, shape: Shape, hard: bool | None) -> F32Array:
    """Draw a tensor; a large one repeats itself, so that it shrinks and is drawn fast."""
    if math.prod(shape) <= TILE:
        return draw(arrays(shape, hard=hard))
    return np.resize(draw(arrays((TILE,), hard=hard)), shape)


def _optimiser(draw: st.DrawFn) -> nn.Optimiser:
    decay = draw(st.sampled_from((0.0, 0.01)))
    if draw(st.booleans()):
        return nn.Adam(lr=draw(st.sampled_from((0.125, 0.001))), weight_decay=decay)
    momentum = draw(st.sampled_from((0.0, 0.9)))
    return nn.SGD(draw(st.sampled_from((1.0, 0.1))), momentum, decay)


@st.composite
def plans(
    draw: st.DrawFn,
    *,
    net: st.SearchStrategy[Net] | None = None,
    steps: int = 2,
    policies: bool = True,
    hard: bool | None = None,
) -> Work:
    """Generate training plans: net, loss, optimiser, steps, and every tensor that goes in.

    Parameters
    ----------
    net : strategy of Net, optional
        `nets()` if left out.
    steps : int
        Most updates.
    policies : bool
        Also sparse backpropagation: biases only, top-k, TinyProp.
    hard : bool, optional
        Of the data, as in `arrays`; parameters start as `Training.values` says, or like the data.

    Returns
    -------
    Work
    """
    chosen = draw(nets() if net is None else net)
    optimiser, count = _optimiser(draw), draw(st.integers(1, steps))
    micro = draw(st.integers(1, 2))
    policy = draw(st.sampled_from(POLICIES)) if policies else None
    body = chosen.net
    biased = any(getattr(part, "has_bias", False) for part in body.parts())
    if policy is not None and (biased or policy != sparse.BiasOnly()):
        body = sparse.attach(body, policy)
    classes = len(chosen.output_shape) == 2 and draw(st.sampled_from((True, False)))
    loss: nn.Loss = nn.SoftmaxCrossEntropy() if classes else nn.MeanSquaredError()
    training = nn.Training(body, loss, optimiser, chosen.input_shape, micro)
    plan = training.plan(count)
    samples = count * micro * chosen.input_shape[0]
    x = _filled(draw, (samples, *chosen.input_shape[1:]), hard)
    if classes:
        target: Any = draw(labels(samples, chosen.output_shape[1]))
    else:
        target = _filled(draw, (samples, *chosen.output_shape[1:]), hard)
    inputs = training.values(draw(st.integers(0, 3)))
    if draw(st.booleans()):
        inputs |= {
            name: _filled(draw, inputs[name].shape, hard)
            for name, tensor in plan.tensors.items()
            if tensor.role == "weight"
        }
    inputs |= training.stream(x, target, count)
    about = f"{chosen}, {type(loss).__name__}, {optimiser}, {count} steps"
    about += f" of {micro} microbatches" if micro > 1 else ""
    about += f", {policy}" if body is not chosen.net else ""
    return Work(plan, inputs, training, about)

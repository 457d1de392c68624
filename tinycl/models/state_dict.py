"""Weights from a PyTorch ``state_dict`` and back, as NumPy arrays; torch itself is not needed.

Both sides list their parameters in the order in which the layers run, so they are matched by place
and shape, or by the names given. Layouts differ in axes of length 1 only:

| layer | here | in torch |
|---|---|---|
| conv2d | (co, ci, kh, kw) | the same |
| depthwise | (c, kh, kw) | (c, 1, kh, kw) |
| pointwise | (co, ci) | (co, ci, 1, 1) |
| linear | (fo, fi) | the same |
| bias | (co,) | the same |
| norm: gamma, beta | (c,) | weight, bias |
| norm: moving_mean, moving_var | (c,) | running_mean, running_var |

Batch renormalisation has ``moving_std``, sqrt(running_var + eps): it is computed in float64 and
rounded, and back as max(moving_std^2 - eps, 0). An entry of torch whose name ends in ``std`` is
taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinycl import nn
from tinycl.bits import Array
from tinycl.errors import ShapeError
from tinycl.models.table import forward_plan
from tinycl.nn.builder import Shape

COUNTERS = "num_batches_tracked"


class Entry(NamedTuple):
    """A parameter or a moving statistic: its name, its shape here, its shape in torch.

    `eps` is given for standard deviations, in whose place torch has variances.
    """

    name: str
    shape: Shape
    torch: Shape
    eps: float | None = None


def from_state_dict(
    net: nn.Layer,
    sample: Shape,
    state: Mapping[str, Any],
    names: Mapping[str, str] | None = None,
) -> dict[str, Array]:
    """Return the net's parameters and moving statistics from the arrays of a state_dict.

    Parameters
    ----------
    net : nn.Layer
    sample : tuple of int
        (c, h, w) or (features,).
    state : mapping of str to array_like
        In torch's order, such as ``{k: v.numpy() for k, v in model.state_dict().items()}``, or
        `read_weights` of a ``.npz`` that holds it. Counters (``num_batches_tracked``) are left out.
    names : mapping of str to str, optional
        Parameter or moving statistic to the name in `state`, for all; the order then means nothing,
        and other entries are left out.

    Returns
    -------
    dict of str to ndarray of float32
        Own copies, rounded from other floating-point types.

    Raises
    ------
    ShapeError
        The first entry that does not fit, is missing, or is left over; variances below 0.
    """
    entries = parameters(net, sample)
    keys = [key for key in state if key.rpartition(".")[2] != COUNTERS]
    if names is not None:
        lost = [e.name for e in entries if e.name not in names]
        if lost:
            raise ShapeError(f"state_dict: names has no entry for the parameter {lost[0]!r}")
        keys = [names[e.name] for e in entries]
    found = {}
    for place, entry in enumerate(entries):
        if place >= len(keys) or keys[place] not in state:
            key = repr(keys[place]) if place < len(keys) else f"entry {place}"
            raise ShapeError(
                f"state_dict: there is no {key}; parameter {place}, {entry.name}, takes one of "
                f"{entry.torch}"
            )
        found[entry.name] = _fitted(entry, place, keys[place], state[keys[place]])
    if len(keys) > len(entries):
        raise ShapeError(
            f"state_dict: {keys[len(entries)]!r} is left over: the net has {len(entries)} "
            "parameters. Is it of another net, or are there layers that this one has not?"
        )
    return found


def to_state_dict(
    net: nn.Layer, sample: Shape, weights: Mapping[str, Array], names: Sequence[str] = ()
) -> dict[str, Array]:
    """Return the net's parameters and moving statistics in torch's layout and order.

    Parameters
    ----------
    net : nn.Layer
    sample : tuple of int
    weights : mapping of str to ndarray of float32
        Parameters and moving statistics; other entries, such as velocities, are left out.
    names : sequence of str, optional
        Torch's names in order, such as ``list(model.state_dict())``; counters are left out.

    Raises
    ------
    ShapeError
        A parameter that is missing or has another shape; another number of names, or one twice.
    """
    entries = parameters(net, sample)
    keys = [name for name in names if name.rpartition(".")[2] != COUNTERS]
    if keys and len(keys) != len(entries):
        raise ShapeError(f"state_dict: {len(keys)} names for {len(entries)} parameters")
    twice = [key for key in keys if keys.count(key) > 1]
    if twice:
        raise ShapeError(f"state_dict: the name {twice[0]!r} is given twice; names are different")
    made = {}
    for place, entry in enumerate(entries):
        value = weights.get(entry.name)
        if value is None or np.shape(value) != entry.shape:
            told = "missing" if value is None else f"of shape {np.shape(value)}"
            raise ShapeError(f"state_dict: {entry.name} is {told}; it needs {entry.shape}")
        key = keys[place] if keys else entry.name
        if entry.eps is not None and not key.endswith("std"):
            variance = np.maximum(value.astype(np.float64) ** 2 - entry.eps, 0)
            value = variance.astype(np.float32)
        made[key] = value.reshape(entry.torch).copy()
    return made


def parameters(net: nn.Layer, sample: Shape) -> list[Entry]:
    """Return parameters and moving statistics in forward order, those of a norm in torch's."""
    plan = forward_plan(net, sample)
    norms = {norm.gamma: norm for norm in _norms(net)}
    found: dict[str, Entry] = {}
    for op in plan.bodies["forward"].ops:
        for name in op.reads:
            if plan.tensors[name].role == "weight" and name not in found:
                shape = plan.tensors[name].shape
                found[name] = Entry(name, shape, _torch_shape(op.kind, shape))
        for norm in (norms[name] for name in op.reads if name in norms):
            shape, deviates = (norm.channels,), isinstance(norm, nn.BatchRenorm)
            last = Entry(f"{norm.name}.moving_std", shape, shape, norm.eps)
            mean = Entry(f"{norm.name}.moving_mean", shape, shape)
            variance = Entry(f"{norm.name}.moving_var", shape, shape)
            found |= {entry.name: entry for entry in (mean, last if deviates else variance)}
    return list(found.values())


def _norms(layer: nn.Layer) -> Iterator[nn.BatchNorm | nn.BatchRenorm]:
    """Yield the norms of a net, frozen ones too."""
    if isinstance(layer, (nn.BatchNorm, nn.BatchRenorm)):
        yield layer
    inner = getattr(layer, "inner", None)
    for part in (*getattr(layer, "layers", ()), *([] if inner is None else [inner])):
        yield from _norms(part)


def _torch_shape(kind: str, shape: Shape) -> Shape:
    if len(shape) == 1:
        return shape
    if kind == "depthwise_forward":
        return (shape[0], 1, *shape[1:])
    return (*shape, 1, 1) if kind == "pointwise_forward" else shape


def _fitted(entry: Entry, place: int, key: str, value: Any) -> Array:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ShapeError(f"state_dict: {key!r} is no array: {error}") from error
    if array.shape not in (entry.torch, entry.shape) or array.dtype.kind != "f":
        raise ShapeError(
            f"state_dict: {key!r} is {array.dtype} {array.shape}; parameter {place}, {entry.name}, "
            f"takes float {entry.torch}"
        )
    if entry.eps is not None and not key.endswith("std"):
        if (array < 0).any():
            raise ShapeError(f"state_dict: {key!r} are variances, and one of them is below 0")
        array = np.sqrt(array.astype(np.float64) + entry.eps)
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinity
        return array.astype(np.float32).reshape(entry.shape).copy()

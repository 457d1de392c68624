"""A policy is attached to a net in one line; layers may have different ones."""

from __future__ import annotations

import copy
from collections.abc import Mapping

from tinycl import nn
from tinycl.errors import PlanError
from tinycl.sparse import checks


def attach(
    net: nn.Layer,
    policy: nn.Update | None = None,
    layers: Mapping[str, nn.Update] | None = None,
    relu_bits: bool | None = None,
) -> nn.Sequential:
    """Return a copy of a net whose weighted layers train as a policy says.

    Parameters
    ----------
    net : Layer
    policy : Update, optional
        Of every weighted layer that is not frozen; left out: dense.
    layers : mapping of str to Update, optional
        Layers by name, such as ``linear2``, with policies of their own.
    relu_bits : bool, optional
        Whether ReLUs keep one bit an element. Left out: where a policy wants it.

    Returns
    -------
    Sequential
        p of TinyProp, `Place.depth`, counts the layers that train, by whatever policy, along the
        longest path to the output; layers that do not train are not counted.

    Raises
    ------
    PlanError
        A name that no trainable layer has; something that is not a net or not a policy.
    """
    _check_kinds(net, layers, relu_bits)
    copied = copy.deepcopy(net)
    whole = copied if isinstance(copied, nn.Sequential) else nn.Sequential(copied)
    weighted = [part for part in whole.parts() if isinstance(part, nn.Weighted)]
    own = dict(layers or {})
    _check(own, policy, [layer.name for layer in weighted])
    for place, layer in enumerate(weighted):
        layer.update = own.get(layer.name, policy or nn.Dense())
        layer.place = nn.Place(rank=len(weighted) - 1 - place)
    _descend(whole, 0, False)
    if relu_bits is None:
        relu_bits = any(layer.update.relu_bits for layer in weighted)
    for part in whole.parts():
        if isinstance(part, (nn.ReLU, nn.ReLU6)):
            part.bits = relu_bits
    return whole


def _descend(layer: nn.Layer, depth: int, bypassed: bool) -> int:
    """Give places to the layers inside one whose output has `depth`; return its input's."""
    if isinstance(layer, (nn.Residual, nn.SqueezeExcite)):
        return _descend(layer.inner, depth, True)  # the branch is never shorter than its bypass
    if isinstance(layer, nn.Sequential):
        for inner in reversed(layer.layers):
            depth = _descend(inner, depth, bypassed)
        return depth
    if not isinstance(layer, nn.Weighted):
        return depth
    layer.place = nn.Place(depth, layer.place.rank, bypassed)
    return depth + layer.trains()


def _check_kinds(net: object, layers: object, relu_bits: object) -> None:
    if not isinstance(net, nn.Layer):
        raise PlanError(f"attach: {net!r} is not a net; give a layer, such as nn.Sequential(...)")
    if layers is not None and not isinstance(layers, Mapping):
        raise PlanError(
            f"attach: layers must map names to policies, such as {{'linear2': TinyProp()}}, got "
            f"{layers!r}"
        )
    if relu_bits is not None:
        checks.flag("attach: relu_bits", relu_bits)


def _check(own: Mapping[str, nn.Update], policy: nn.Update | None, names: list[str]) -> None:
    unknown = sorted(map(str, set(own) - set(names)))
    if unknown:
        raise PlanError(
            f"attach: no layer {', '.join(unknown)} that could train; there are {', '.join(names)}"
        )
    for given in (*own.values(), *(() if policy is None else (policy,))):
        if not isinstance(given, nn.Update):
            raise PlanError(
                f"attach: {given!r} is not a policy; take one of tinycl.sparse, such as TinyProp()"
            )

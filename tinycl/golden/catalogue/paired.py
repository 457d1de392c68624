"""The plain and the hard case of an operation that multiplies and adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tinycl.bits import Array
from tinycl.contract import DEFAULT, Contract
from tinycl.golden.catalogue.case import Case, Inputs, one_operation
from tinycl.golden.catalogue.values import REGIMES, Shape, hard, plain
from tinycl.plan import Plan


def nothing(seed: int) -> dict[str, Array]:
    """Return no inputs."""
    return {}


def paired(
    kind: str,
    label: str,
    shapes: Mapping[str, Shape],
    attrs: Mapping[str, Any],
    place: int,
    whole: Callable[[int], Mapping[str, Array]] = nothing,
    contract: Contract = DEFAULT,
) -> list[Case]:
    """Return two cases of one operation that multiplies and adds.

    Parameters
    ----------
    kind : str
        Name in `tinycl.ops.TABLE`.
    label : str
        Of the shapes.
    shapes : mapping of str to tuple of int
        The float32 inputs. The first is the one that may hold Inf and NaN: the one of which an
        element reaches few outputs.
    attrs : mapping
    place : int
        Chooses the regime of the hard case: neighbours in a list get different ones.
    whole : callable
        Takes the seed, returns the int32 inputs, drawn or fixed.
    contract : Contract
    """
    regime = REGIMES[place % len(REGIMES)]

    def make_plain(seed: int) -> tuple[Plan, Inputs]:
        inputs = {n: plain(seed, i, shape) for i, (n, shape) in enumerate(shapes.items())}
        return one_operation(kind, {**inputs, **whole(seed)}, attrs)

    def make_hard(seed: int) -> tuple[Plan, Inputs]:
        inputs = {}
        for stream, (name, shape) in enumerate(shapes.items()):
            # a bias of the size of the sums, which underflow to subnormals
            mild = "subnormal" if name == "bias" and regime == "underflow" else regime
            inputs[name] = hard(seed, stream, shape, mild)
        return one_operation(kind, {**inputs, **whole(seed)}, attrs)

    return [
        Case(f"{kind}/{label}_plain", make_plain, contract),
        Case(f"{kind}/{label}_hard", make_hard, contract),
    ]

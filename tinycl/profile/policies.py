"""The policies that a profile compares, by name."""

from __future__ import annotations

from collections.abc import Sequence

from tinycl import nn, sparse
from tinycl.errors import TinyclError

DENSE = "dense"
POLICIES: dict[str, nn.Update] = {
    DENSE: sparse.Dense(),
    "layerwise": sparse.LayerWise(weights=2, biases=4),
    "bias-only": sparse.BiasOnly(),
    "channels-50": sparse.Channels(0.5),
    "channels-25": sparse.Channels(0.25),
    "channels-25-output": sparse.Channels(0.25, side="output"),
    "topk-10": sparse.TopK(ratio=0.1),
    "tinyprop": sparse.TinyProp(),
    "tinypropv2": sparse.TinyPropV2(),
}


def choose(names: Sequence[str]) -> tuple[str, ...]:
    """Return the policies that were asked for, once each, in the order of the table.

    Parameters
    ----------
    names : sequence of str
        Empty: all.

    Raises
    ------
    TinyclError
        A name that does not exist.
    """
    for name in names:
        if name not in POLICIES:
            raise TinyclError(f"profile: no policy {name!r}; choose from {', '.join(POLICIES)}")
    return tuple(name for name in POLICIES if name in names or not names)

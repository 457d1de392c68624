"""Closed formulas of effort: what the counters inside the kernels must add up to."""

from __future__ import annotations

import math

from tinycl.bits import Array


def effort(
    kind: str, weight: tuple[int, ...], dy: tuple[int, ...], counts: Array, channels: bool = False
) -> int:
    """Return the multiply-accumulates of a sparse weight gradient, or of a sparse input gradient.

    Parameters
    ----------
    kind : {"conv2d", "depthwise", "pointwise", "linear"}
    weight : tuple of int
        Shape of the weight: (co, ci, kh, kw), (c, kh, kw), (co, ci) or (fo, fi).
    dy : tuple of int
        (n, co, ho, wo) or (n, fo).
    counts : ndarray of int
        Survivors of each sample, (n,), or of all alike, (1,).
    channels : bool
        Whether the survivors are channels.

    Returns
    -------
    int
        survivors * (entries of a survivor) * (input channels of a filter) * kh * kw, the taps that
        fall outside the image included. With all survivors it is the cost of the dense gradient.
    """
    survivors = int(counts.sum()) * (dy[0] if len(counts) == 1 else 1)
    each = math.prod(dy[2:]) if channels else 1
    return survivors * each * math.prod(weight[1:])

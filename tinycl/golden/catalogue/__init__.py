"""The catalogue of cases, one small file a family. Goldens are made from it and never by hand."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence

from tinycl.errors import FileError
from tinycl.golden.catalogue import (
    activations,
    chance,
    conv2d,
    depthwise,
    dropout,
    flatten,
    integers,
    linear,
    losses,
    measures,
    norm_steps,
    normalise,
    optimisers,
    pointwise,
    pooling,
    primitives,
    selection,
    sparse,
    sparse_steps,
    steps,
    tinyprop,
)
from tinycl.golden.catalogue.case import Case

FAMILIES = (
    primitives,
    chance,
    conv2d,
    depthwise,
    pointwise,
    linear,
    activations,
    pooling,
    flatten,
    normalise,
    dropout,
    losses,
    optimisers,
    integers,
    measures,
    tinyprop,
    selection,
    sparse,
    steps,
    norm_steps,
    sparse_steps,
)

__all__ = ["Case", "catalogue", "select"]


def catalogue() -> dict[str, Case]:
    """Return every case by name, in a fixed order; nothing is computed."""
    return {case.name: case for family in FAMILIES for case in family.cases()}


def select(patterns: Sequence[str]) -> dict[str, Case]:
    """Return the cases whose names match one of some globs; all, if there are none.

    Raises
    ------
    FileError
        A glob that matches nothing.
    """
    cases = catalogue()
    for pattern in patterns:
        if not fnmatch.filter(cases, pattern):
            raise FileError(f"no case matches {pattern!r}; `tinycl golden list` names them all")
    wanted = {n for p in patterns for n in fnmatch.filter(cases, p)}
    return {n: c for n, c in cases.items() if not patterns or n in wanted}

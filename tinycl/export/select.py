"""The tensors of a golden that are exported, each as it lies in memory."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass

from tinycl.bits import Array, canonical, crc32
from tinycl.errors import FileError
from tinycl.golden.layout import axis_order, leading_axes, to_layout
from tinycl.golden.schema import Golden
from tinycl.parity.axes import input_axes, result_axes


@dataclass(frozen=True, eq=False)
class Item:
    """One tensor.

    Attributes
    ----------
    name : str
        As in `Golden.everything`: ``output/y``, ``trace/0/main/00.conv2d_forward/y``.
    value : ndarray of float32, int32, uint8 or int8
        Contiguous, in `layout`, every NaN 7fc00000.
    axes : tuple of str
        Names of its axes, in the order of `value`.
    layout : {"chw", "hwc"}
    """

    name: str
    value: Array
    axes: tuple[str, ...]
    layout: str

    @property
    def crc32(self) -> int:
        """CRC-32 of the bits, in the order of `value`."""
        return crc32(self.value)


def names_matching(names: Sequence[str], globs: Sequence[str]) -> list[str]:
    """Return the names that one of some globs matches, in their order; all, without globs.

    Raises
    ------
    FileError
        A glob that matches nothing.
    """
    for glob in globs:
        if not any(fnmatch.fnmatchcase(name, glob) for name in names):
            raise FileError(
                f"no tensor matches {glob!r}; there are {', '.join(names[:6])}"
                f"{', ...' if len(names) > 6 else ''}: `tinycl golden show` names them all"
            )
    return [n for n in names if not globs or any(fnmatch.fnmatchcase(n, g) for g in globs)]


def select(golden: Golden, globs: Sequence[str] = (), layout: str = "chw") -> list[Item]:
    """Return tensors of a golden.

    Parameters
    ----------
    golden : Golden
    globs : sequence of str
        Of names; all tensors if there are none.
    layout : {"chw", "hwc"}

    Raises
    ------
    FileError
        A glob that matches nothing.
    """
    everything = golden.everything
    plan = golden.plan
    axes = {f"input/{n}": v for n, v in input_axes(plan).items()} | result_axes(plan)
    found = []
    for name in names_matching(list(everything), globs):
        value, leading = everything[name], leading_axes(plan, name)
        stored = to_layout(canonical(value), layout, leading)
        order = axis_order(value.ndim, layout, leading)
        found.append(Item(name, stored, tuple(axes[name][i] for i in order), layout))
    return found

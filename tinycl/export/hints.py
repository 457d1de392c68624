"""Why a tensor of a dump differs, where it is only read in the wrong order."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from tinycl.bits import Array, equal
from tinycl.export.read import Expected
from tinycl.golden.layout import LAYOUTS, from_layout, layout_shape, to_layout


def misread(expected: Expected, got: Mapping[str, Array], layout: str) -> dict[str, str]:
    """Return, for each tensor that would be equal if it were read in another way, which way.

    Parameters
    ----------
    expected : Expected
        Of a golden.
    got : mapping of str to ndarray
        Tensors that differ, in the order of the plan, with the shapes that are expected.
    layout : {"chw", "hwc"}
        That they were read in.
    """
    found = {}
    for name, value in got.items():
        like, leading = expected.values[name], expected.leading.get(name, 0)
        flat = to_layout(value, layout, leading).reshape(-1)
        kinds = (layout, *(kind for kind in LAYOUTS if kind != layout))
        for swapped, kind in product((False, True), kinds):
            raw = flat.byteswap() if swapped else flat
            shape = layout_shape(like.shape, kind, leading)
            if equal(from_layout(raw.reshape(shape), kind, leading), like):
                found[name] = _told(kind if kind != layout else "", swapped)
                break
    return found


def _told(layout: str, swapped: bool) -> str:
    ways = [f"--layout {layout}"] if layout else []
    ways += ["the bytes of each word in the other order"] if swapped else []
    return f"equal with {' and '.join(ways)}"

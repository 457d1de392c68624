"""`.npz`: one array a tensor under its name, and ``layout``, a text."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinycl.bits import Array
from tinycl.errors import FileError
from tinycl.export.select import Item
from tinycl.golden.layout import LAYOUTS

DAMAGE = (
    *(OSError, ValueError, LookupError, EOFError, RuntimeError, TypeError, SyntaxError),
    *(MemoryError, ArithmeticError, zipfile.BadZipFile, zlib.error),
)
LAYOUT = "layout"


def npz_bytes(items: Sequence[Item]) -> bytes:
    """Return the bytes of the file."""
    made = io.BytesIO()
    arrays = {item.name: item.value for item in items}
    np.savez(made, allow_pickle=False, **arrays, **{LAYOUT: np.array(_layout(items))})
    return made.getvalue()


def read_npz(path: Path) -> tuple[dict[str, Array], str | None]:
    """Return the arrays by name and the layout, if the file says it.

    Raises
    ------
    FileError
        Not an .npz, damaged, or with objects in it.
    """
    arrays: dict[str, Array] = {}
    try:
        with path.open("rb") as stream:  # of its own: numpy.load leaves damaged ones open
            file = np.load(stream, allow_pickle=False)
            if not isinstance(file, np.ndarray):
                arrays = {name: np.asarray(file[name]) for name in file.files}
    except DAMAGE as error:
        raise FileError(
            f"{path}: not an .npz, or damaged or cut short ({error}); write it again"
        ) from error
    if isinstance(file, np.ndarray):
        raise FileError(f"{path}: one array and no names; write it with numpy.savez")
    layout = arrays.pop(LAYOUT, None)
    if layout is not None and str(layout) not in LAYOUTS:
        raise FileError(f"{path}: layout is {layout!s}; it is one of {', '.join(LAYOUTS)}")
    return arrays, None if layout is None else str(layout)


def _layout(items: Sequence[Item]) -> str:
    return items[0].layout if items else LAYOUTS[0]

"""Raw `.bin`, one tensor after the other, and an index in JSON beside it."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinycl.bits import DTYPES, Array, little
from tinycl.errors import FileError
from tinycl.export.select import Item
from tinycl.golden.layout import LAYOUTS

KINDS = {np.dtype(kind).name: np.dtype(kind).newbyteorder("<") for kind in DTYPES.values()}
MOST_AXES = 8


def bin_bytes(items: Sequence[Item]) -> bytes:
    """Return the data: each tensor's elements, least significant byte first, without gaps."""
    return b"".join(little(item.value) for item in items)


def index_json(items: Sequence[Item], file: str) -> str:
    """Return the index of the data in `file`."""
    offset, entries = 0, []
    for item in items:
        entries.append(
            {
                "name": item.name,
                "dtype": str(item.value.dtype),
                "shape": list(item.value.shape),
                "layout": item.layout,
                "offset": offset,
                "bytes": item.value.nbytes,
                "crc32": f"{item.crc32:08x}",
            }
        )
        offset += item.value.nbytes
    page = {"file": file, "byte_order": "little", "bytes": offset, "tensors": entries}
    return json.dumps(page, indent=1) + "\n"


def index_of(path: Path) -> Path:
    """Return where the index of a .bin lies."""
    return path.with_suffix(".json")


def read_bin(path: Path) -> dict[str, tuple[Array, str]]:
    """Return each tensor, as it lies in memory, and its layout, by name.

    Parameters
    ----------
    path : Path
        The ``.bin`` or its index.

    Raises
    ------
    FileError
        One of the two is missing or damaged, or they do not belong together.
    """
    index, path = index_of(path), path.with_suffix(".bin")
    page = _page(index)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}; {index} needs it") from error
    if page.get("byte_order") != "little":
        raise FileError(f"{index}: byte_order is {page.get('byte_order')!r}; write it 'little'")
    if page.get("bytes") != len(data):
        raise FileError(
            f"{path}: {len(data)} bytes; its index says {page.get('bytes')!r}: was it cut short?"
        )
    found: dict[str, tuple[Array, str]] = {}
    for place, entry in enumerate(page["tensors"]):
        name, value, layout = _entry(f"{index}: tensor {place}", entry, data)
        if name in found:
            raise FileError(f"{index}: tensor {place}: {name!r} is there twice; remove one")
        found[name] = (value, layout)
    return found


def _page(index: Path) -> dict[str, Any]:
    try:
        page = json.loads(index.read_text("utf-8"))
    except OSError as error:
        raise FileError(
            f"{index}: cannot be read: {error.strerror}. A .bin is read with its index; one "
            "without is read as the words of one tensor with --tensor NAME"
        ) from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{index}: not JSON ({error}); export it again") from error
    if not isinstance(page, dict) or not isinstance(page.get("tensors"), list):
        raise FileError(f"{index}: not the index of a .bin: it has no list 'tensors'")
    return page


def _entry(where: str, entry: Any, data: bytes) -> tuple[str, Array, str]:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise FileError(f"{where}: has no name; export it again")
    where = f"{where} ({entry['name']})"
    shape, kind = entry.get("shape"), KINDS.get(str(entry.get("dtype")))
    if kind is None:
        raise FileError(f"{where}: dtype {entry.get('dtype')!r} is not one of {', '.join(KINDS)}")
    if not isinstance(shape, list) or len(shape) > MOST_AXES or not all(map(_count, shape)):
        raise FileError(f"{where}: shape {shape!r} is not a list of whole numbers")
    if entry.get("layout") not in LAYOUTS:
        raise FileError(
            f"{where}: layout {entry.get('layout')!r} is not one of {', '.join(LAYOUTS)}"
        )
    offset, size = entry.get("offset"), entry.get("bytes")
    if not _count(offset) or not _count(size) or size != kind.itemsize * math.prod(shape):
        raise FileError(f"{where}: offset {offset!r}, {size!r} bytes do not fit shape {shape}")
    part = data[offset : offset + size]
    if len(part) != size:
        raise FileError(f"{where}: ends at byte {offset + size} of {len(data)}; export it again")
    if entry.get("crc32") != f"{zlib.crc32(part):08x}":
        raise FileError(
            f"{where}: its words have CRC-32 {zlib.crc32(part):08x}, the index says "
            f"{entry.get('crc32')}: altered after it was written"
        )
    value = np.frombuffer(part, kind).reshape(shape)
    return entry["name"], value.astype(kind.newbyteorder("=")), entry["layout"]


def _count(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0

"""Files as bytes: found, unpacked and read whole, or an error that says which and why not."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinycl.bits import Array
from tinycl.errors import FileError


def folder(path: Path) -> Path:
    """Return a folder that is there.

    Raises
    ------
    FileError
        It is not.
    """
    if not path.is_dir():
        raise FileError(f"{path}: there is no such folder; give the one that holds the data set")
    return path


def find(place: Path, names: Sequence[str]) -> Path:
    """Return the first of some files that a folder holds.

    Raises
    ------
    FileError
        It holds none of them.
    """
    for name in names:
        if (place / name).is_file():
            return place / name
    raise FileError(
        f"{place}: holds no file {' or '.join(names)}; give the folder with the files as published"
    )


def content(path: Path) -> bytes:
    """Return the bytes of a file; of one that ends in ``.gz``, unpacked.

    Raises
    ------
    FileError
        Not there, not readable, or a packed file that is damaged or cut short.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from error
    if path.suffix != ".gz":
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise FileError(
            f"{path}: not a gzip file, or damaged or cut short ({error}); fetch it again"
        ) from error


def lines(path: Path) -> list[str]:
    """Return the lines of a text file, each of which must end.

    Raises
    ------
    FileError
        As `content`; not UTF-8; empty; or its last line does not end.
    """
    data = content(path)
    if not data.endswith(b"\n"):
        raise FileError(
            f"{path}: empty, or its last line does not end in a newline: cut short? Fetch it again"
        )
    try:
        return data.decode().splitlines()
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: not text in UTF-8 ({error}); fetch it again") from error


def levels(values: Array) -> Array:
    """Return bytes 0..255 as float32 level / 255, each division rounded once."""
    scaled: Array = values.astype(np.float32) / np.float32(255)
    return scaled

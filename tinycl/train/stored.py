"""Arrays and a head of text in one HDF5 file, written whole or not at all, with a digest."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tinycl.bits import Array, digest
from tinycl.errors import FileError
from tinycl.files import write_whole

Groups = Mapping[str, Mapping[str, Array]]


def write(path: Path, form: int, head: str, groups: Groups) -> None:
    """Write a file.

    Parameters
    ----------
    path : Path
    form : int
        Number of the format.
    head : str
    groups : mapping of str to mapping of str to ndarray

    Raises
    ------
    FileError
        The place cannot be written.
    """
    made = io.BytesIO()
    with h5py.File(made, "w") as file:
        file.attrs["format"] = form
        file["head"] = np.bytes_(head.encode())
        for group, arrays in groups.items():
            for name, value in arrays.items():
                file[f"{group}/{name}"] = value
        file.attrs["digest"] = np.bytes_(_digest(head, groups))
    write_whole(path, made.getvalue())


def read(
    path: Path, form: int, names: Sequence[str], what: str
) -> tuple[str, dict[str, dict[str, Array]]]:
    """Read what `write` wrote.

    Parameters
    ----------
    path : Path
    form : int
    names : sequence of str
        Of the groups.
    what : str
        What the file is, for messages.

    Raises
    ------
    FileError
        Of another format, damaged, or altered.
    """
    try:
        with h5py.File(path, "r", locking=False) as file:
            if file.attrs["format"] != form:
                raise FileError(
                    f"its format is {file.attrs['format']}; this tinycl reads {form}. Use the "
                    "tinycl that wrote it"
                )
            head = bytes(file["head"][()]).decode()
            groups = {group: _arrays(file, group) for group in names}
            known = bytes(file.attrs["digest"]).decode()
        if _digest(head, groups) != known:
            raise FileError("its content does not have the digest beside it: it was altered")
        return head, groups
    except FileError as error:
        raise FileError(f"{path}: {error}") from error
    except Exception as error:  # HDF5 raises what it likes on damaged files
        raise damaged(path, what, error) from error


def damaged(path: Path, what: str, error: Exception) -> FileError:
    """Return the error of a file that does not hold what it should."""
    return FileError(
        f"{path}: not {what}, or damaged or cut short ({str(error) or type(error).__name__}); "
        "begin another run with another --out"
    )


def _arrays(file: Any, group: str) -> dict[str, Array]:
    """Return all arrays of a group by name; those in groups of it have names with slashes."""
    found: dict[str, Array] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = np.asarray(item[()])

    if group in file:
        file[group].visititems(visit)
    return found


def _digest(head: str, groups: Groups) -> str:
    told = [
        f"{group}/{name} {digest(value)}\n"
        for group, arrays in groups.items()
        for name, value in sorted(arrays.items())
    ]
    return hashlib.sha256("".join((head, "\n", *told)).encode()).hexdigest()

"""The folder of golden files: where a case lies, what is missing, what is unused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import tinycl
from tinycl.errors import FileError


@dataclass(frozen=True)
class Census:
    """Which cases have no file, and which files have no case."""

    missing: tuple[str, ...]
    unused: tuple[str, ...]


def default_folder() -> Path:
    """Return ``golden`` in the checkout that tinycl comes from, else in the current folder."""
    checkout = Path(tinycl.__file__).parents[1]
    return checkout / "golden" if (checkout / "setup.cfg").is_file() else Path("golden")


def existing_folder(given: Path | None) -> Path:
    """Return the folder given, or the default one.

    Raises
    ------
    FileError
        It is not there.
    """
    folder = given or default_folder()
    if not folder.is_dir():
        raise FileError(
            f"{folder}: there is no such folder; `tinycl golden make --out {folder}` makes it"
        )
    return folder


def path_of(folder: Path, name: str) -> Path:
    """Return where the golden file of a case lies."""
    return folder / f"{name}.h5"


def names_in(folder: Path) -> list[str]:
    """Names of the golden files in a folder, sorted."""
    return sorted(p.relative_to(folder).as_posix()[:-3] for p in folder.rglob("*.h5"))


def census(folder: Path, names: Iterable[str]) -> Census:
    """Compare a folder with the names of the catalogue."""
    wanted, there = set(names), set(names_in(folder))
    return Census(tuple(sorted(wanted - there)), tuple(sorted(there - wanted)))

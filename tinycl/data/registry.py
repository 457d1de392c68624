"""The data sets by name."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinycl.data.dataset import Dataset
from tinycl.data.samples import Samples
from tinycl.errors import FileError, ShapeError, TinyclError

READERS = {
    "digits": "digits:digits_dataset",
    "mnist": "idx:mnist",
    "fashion": "idx:fashion",
    "cifar10": "cifar:cifar10",
    "cifar100": "cifar:cifar100",
    "har": "har:har",
    "speech": "features:features",
    "dcase": "features:features",
    "features": "features:features",
    "flowers": "images:images",
    "food": "images:images",
    "images": "images:images",
}
LAZY = {"core50": "core50:core50"}


def load(name: str, path: str | Path | None = None, **options: Any) -> Dataset:
    """Read a data set.

    Parameters
    ----------
    name : str
        One of `READERS`.
    path : str or Path, optional
        Where its files are; ``digits`` needs none.
    **options
        What its reader takes besides, such as ``size`` for images.

    Returns
    -------
    Dataset

    Raises
    ------
    TinyclError
        No data set of that name, or it takes no such option.
    FileError
        A file that is missing, cut short, or not what it should be.
    """
    if name in LAZY:
        raise TinyclError(
            f"data: {name} is too large to be read whole; a scenario opens it with "
            "tinycl.data.open_samples"
        )
    made: Dataset = _read(name, READERS, path, options)
    return made


def open_samples(name: str, path: str | Path | None = None, **options: Any) -> Samples:
    """Open a data set for a scenario: read whole, or, of those in `LAZY`, as it is asked for.

    Parameters
    ----------
    name : str
        One of `READERS` or `LAZY`.
    path, **options
        As for `load`.

    Returns
    -------
    Samples

    Raises
    ------
    TinyclError, FileError
        As `load`.
    """
    made: Samples = _read(name, READERS | LAZY, path, options)
    return made


def _read(
    name: str, readers: Mapping[str, str], path: str | Path | None, options: Mapping[str, Any]
) -> Any:
    if name not in readers:
        raise TinyclError(f"data: there is no data set {name!r}; choose from {', '.join(readers)}")
    module, _, function = readers[name].partition(":")
    reader = getattr(importlib.import_module(f"tinycl.data.{module}"), function)
    taken = inspect.signature(reader).parameters
    unknown = sorted(set(options) - set(taken))
    if unknown:
        known = ", ".join(p for p in taken if p != "path") or "none"
        raise TinyclError(f"data: {name} takes no option {unknown[0]!r}; options: {known}")
    if "path" not in taken:
        if path is not None:
            raise TinyclError(f"data: {name} comes with a library; it takes no path")
        return reader(**options)
    if path is None:
        raise TinyclError(f"data: {name} needs a path to its files")
    try:
        return reader(Path(path), **options)
    except ShapeError as error:
        told = str(error)
        raise FileError(told if str(path) in told else f"{path}: {told}") from error
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from error

"""Files that are written whole or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tinycl.errors import FileError


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place, bring it to the disk, and put it there in one step.

    A process that is killed at any moment leaves the old file or the new one.

    Raises
    ------
    FileError
        The place cannot be written; what was there is still there.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _sync(path.parent)
    except OSError as error:
        raise FileError(
            f"{path}: cannot be written: {error.strerror or error}; what was there before is kept"
        ) from error


def _sync(folder: Path) -> None:
    """Bring the folder's new entry to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear_parts(folder: Path) -> None:
    """Remove what killed processes left behind."""
    for part in folder.glob(".*.part"):
        part.unlink(missing_ok=True)


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep the folder of a run for this process: made, and rid of what killed ones left behind.

    The claim lies on the folder itself and ends with the process, whatever ends it. A file system
    without locks leaves it to the user.

    Raises
    ------
    FileError
        It cannot be made, or another process is at work in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise _not_made(folder, error) from error
    try:
        _lock(folder, handle)
        clear_parts(folder)
        yield
    finally:
        os.close(handle)


def _lock(folder: Path, handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise FileError(
            f"{folder}: another process is at work in it; wait for its end, or give another --out"
        ) from error
    except OSError:  # no locks here
        return


def _not_made(folder: Path, error: OSError) -> FileError:
    return FileError(f"{folder}: cannot be made: {error.strerror or error}; give another --out")

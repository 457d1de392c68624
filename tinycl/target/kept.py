"""Objects of the reference, kept for the next build with other kernels of the caller's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

WRITTEN = ("operations.inc", "weak.h")  # what make would write, older than all objects


def fetch(kept: Path, scratch: Path) -> bool:
    """Copy what an earlier build kept, with its times, so that make need not do it again."""
    if not kept.is_dir():
        return False
    shutil.copytree(kept, scratch, dirs_exist_ok=True)
    return True


def keep(kept: Path, scratch: Path, platform: str) -> None:
    """Keep a build's objects, all or none.

    Not those of the caller's kernels, and no lists of what was included: they name the scratch
    folder, and the name of `kept` stands for everything that a compiler reads.
    """
    new = kept.with_name(f"{kept.name}.{os.getpid()}")
    left_out = shutil.ignore_patterns("own", "*.d")
    shutil.copytree(scratch / platform, new / platform, ignore=left_out)
    for name in WRITTEN:
        shutil.copy2(scratch / name, new / name)
    try:
        new.rename(kept)
    except OSError:  # another process was first
        shutil.rmtree(new)

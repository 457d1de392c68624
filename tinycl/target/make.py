"""Runs make on c_ref."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

MOST_LINES = 12  # of what a compiler says


def make(
    goal: str, folder: Path, variables: Sequence[str], scratch: str
) -> subprocess.CompletedProcess[str]:
    """Make a goal of the Makefile in a folder, with its output in another one."""
    jobs = f"-j{os.cpu_count() or 1}"
    command = ["make", "-s", jobs, "-C", str(folder), goal, f"BUILD={scratch}"]
    return subprocess.run(
        [*command, *variables, f"PYTHON={sys.executable}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )

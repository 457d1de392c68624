"""GVSoC on this machine: where it is, and which one. It is not installed by this project."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from tinycl.errors import TargetMissing

NAME = "gvsoc"
VARIABLE = "TINYCL_GVSOC"
PLACES = (NAME, f"bin/{NAME}", f"install/bin/{NAME}")
ENGINE = ("bin/gvsoc_launcher", "lib/libpulpvp.so")  # beside the folder of the script
ADVICE = (
    "build GVSoC (github.com/gvsoc/gvsoc) for its target pulp-open, then put "
    f"{NAME} on PATH or set {VARIABLE} to it or to its folder"
)
SECONDS = 10


def find_simulator() -> Path:
    """Return the executable that ``$TINYCL_GVSOC`` names, or ``gvsoc`` on PATH.

    Raises
    ------
    TargetMissing
        There is none, or what is named is none.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        found = shutil.which(NAME)
        if found is None:
            raise TargetMissing(f"{NAME} is not on PATH and {VARIABLE} is not set; {ADVICE}")
        return Path(found).absolute()
    path = Path(named).expanduser().absolute()
    if path.is_dir():
        inside = [path / place for place in PLACES if (path / place).is_file()]
        if not inside:
            raise TargetMissing(
                f"{VARIABLE} is {named}, a folder without {', '.join(PLACES)}; {ADVICE}"
            )
        path = inside[0]
    if not path.is_file():
        raise TargetMissing(f"{VARIABLE} is {named}, which is not there; {ADVICE}")
    if not os.access(path, os.X_OK):
        raise TargetMissing(f"{VARIABLE} is {named}, but {path} is not executable; chmod +x it")
    return path


def revision(script: Path) -> str:
    """Return ``git describe`` of the folder around the simulator, else a hash of its programs.

    A script of the user's that starts it somewhere else is told by its own hash.
    """
    script = script.resolve()
    programs = [p for name in ENGINE if (p := script.parent.parent / name).is_file()]
    if not programs:
        return f"script sha256:{hashlib.sha256(script.read_bytes()).hexdigest()[:12]}"
    try:
        told = subprocess.run(
            ["git", "-C", str(script.parent), "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if told.returncode == 0 and told.stdout.strip():
            return told.stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        pass
    digest = hashlib.sha256()
    for program in programs:
        digest.update(program.read_bytes())
    return f"sha256:{digest.hexdigest()[:12]}"

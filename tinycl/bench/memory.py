"""Peak resident memory of one training step, each side in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tinycl.bench import steps
from tinycl.errors import TargetError


def peak_megabytes(side: str, name: str, batch: int) -> float:
    """Return the peak of a fresh process that does three steps.

    Parameters
    ----------
    side : {"ours", "theirs"}
    name : str
        Of a step.
    batch : int

    Returns
    -------
    float
        Megabytes, the interpreter and its libraries included.
    """
    command = [sys.executable, "-m", "tinycl.bench.memory", side, name, str(batch)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TargetError(f"bench: {' '.join(command[1:])} failed:\n{done.stderr[-800:]}")
    return float(done.stdout)


def main(side: str, name: str, batch: str) -> None:
    """Do three steps and print the peak."""
    step = next(s for s in steps.steps() if s.name == name and s.shape[0] == int(batch))
    job = steps.ours(step, 1)[0] if side == "ours" else steps.theirs(step, 1)
    for _ in range(3):
        job()
    print(high_water_megabytes())


def high_water_megabytes() -> float:
    """Return this process's own peak; `getrusage` would begin with that of the parent (Linux)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])

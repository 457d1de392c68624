"""Executors that say what each operation took."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Any

from tinycl.errors import TargetError, TargetMissing
from tinycl.profile.model import ALL, IN_PLACE
from tinycl.target.build import find_compiler
from tinycl.target.c_target import CTarget
from tinycl.target.registry import TARGETS, with_options

PLACES = {"gvsoc": (IN_PLACE, ALL), "qemu": (IN_PLACE,)}  # where nothing else is asked for
TOLD = {
    "gvsoc": "cycles and instructions, 1 to 8 cores",
    "qemu": "instructions, 1 core",
}


def counting(name: str, local: int = IN_PLACE, kernels: Sequence[str] = ()) -> CTarget:
    """Return an executor of its own that counts; close it after use.

    Parameters
    ----------
    name : str
    local : int
        Bytes of local memory for tiles; 0: in place; -1: all of it.
    kernels : sequence of str
        C files with kernels in place of the reference's.

    Raises
    ------
    TargetError
        A target that counts nothing, or does not exist.
    TargetMissing
        It does not work on this machine.
    """
    if name not in TARGETS:
        raise TargetError(f"target {name!r} does not exist; choose from {', '.join(TARGETS)}")
    if name not in PLACES:
        counters = "; ".join(f"--target {n} counts {what}" for n, what in TOLD.items())
        raise TargetError(f"target {name} counts nothing, so that it has no profile; {counters}")
    made = with_options(name, kernels=kernels, local=local, count=True)
    reason = made.available()
    if reason is not None:
        raise TargetMissing(f"target {name} is not available: {reason}")
    return made


def facts(executor: Any) -> dict[str, Any]:
    """Return what an executor tells about its simulator and its compiler."""
    told: dict[str, Any] = {}
    simulator = getattr(executor, "simulator", None)
    if simulator is not None:
        told["simulator"] = {k: v for k, v in simulator().items() if k != "path"}
    recipe = getattr(executor, "recipe", None)
    if recipe is not None:
        told["compiler"] = _version(find_compiler(recipe))
    return told


def _version(compiler: str) -> str:
    """Return the first line of what a compiler says about itself."""
    done = subprocess.run(
        [compiler, "--version"], capture_output=True, text=True, errors="replace", check=False
    )
    return next(iter(done.stdout.splitlines()), "unknown")

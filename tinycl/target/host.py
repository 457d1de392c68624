"""The C reference on this machine: a worker process, `cores` threads."""

from __future__ import annotations

from tinycl.target.build import Recipe
from tinycl.target.c_target import CTarget


class HostTarget(CTarget):
    """Runs plans with c_ref, built by this machine's C compiler.

    Parameters
    ----------
    recipe : Recipe, optional
        Another compiler, optimisation or instruction set than the default.
    count : bool
        Return how many tiles each operation was cut into; nothing else is counted here.
    local : int
        Bytes that tiles may take, of 1 MiB at most; see `CTarget`.
    """

    name = "host"
    most_cores = 16
    advice = ". Run it under a debugger, or build it with -fsanitize=address"

    def __init__(self, recipe: Recipe | None = None, count: bool = False, local: int = 0) -> None:
        super().__init__(recipe or Recipe("host"), count, local)

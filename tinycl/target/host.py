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
    """

    name = "host"
    most_cores = 16

    def __init__(self, recipe: Recipe | None = None) -> None:
        super().__init__(recipe or Recipe("host"))

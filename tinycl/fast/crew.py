"""The threads that share a program's work: started once a process, asleep between calls."""

from __future__ import annotations

import functools
import os
import threading
from typing import Any

import numpy as np

from tinycl.fast import registry
from tinycl.fast.run import BED, CREW, EAR, MOUTH


class Crew:
    """`cores` threads, the caller's included; one program at a time."""

    def __init__(self, cores: int) -> None:
        self.cores = cores
        self.lock = threading.Lock()
        self.block = np.zeros(CREW + BED * cores, np.int64)
        if cores > 1:
            serve = registry.interpreter("serve")
            serve.compile("void(intp, intp)")
            for core in range(1, cores):
                own = self.block[CREW + BED * core :]
                own[EAR], own[MOUTH] = os.pipe()
                args = (core, self.block.ctypes.data)
                threading.Thread(
                    target=serve, args=args, daemon=True, name=f"tinycl-{core}"
                ).start()

    def run(self, program: Any, times: int) -> None:
        """Run a program on all cores; return when it is done."""
        with self.lock:
            lead = registry.interpreter("lead")
            lead(program, times, self.cores, self.block.ctypes.data)


def crew(cores: int) -> Crew:
    """Return this process's crew of so many; a child of `fork` has none of its parent's threads."""
    return _crew(cores, os.getpid())


@functools.cache
def _crew(cores: int, process: int) -> Crew:
    return Crew(cores)

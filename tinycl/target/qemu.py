"""The C reference on RV32IMAFC without an operating system, under QEMU; `cores` harts.

Requests and replies go through QEMU's standard input and output, which the program opens by
semihosting. The serial port and the monitor, which would take them, are off.
"""

from __future__ import annotations

import shutil

from tinycl.errors import TargetMissing
from tinycl.target.build import Recipe
from tinycl.target.c_target import CTarget

QEMU = "qemu-system-riscv32"
INSTALL = f"install {QEMU} (Debian: apt install qemu-system-misc)"


class QemuTarget(CTarget):
    """Runs plans with c_ref on QEMU's board `virt`.

    Parameters
    ----------
    recipe : Recipe, optional
        Another compiler or optimisation than the default.
    memory : int
        MiB of the board, at most 2047.
    threads : bool
        Give each hart a thread of this machine. Otherwise QEMU takes the harts in turn, which hands
        work over some ten times as fast, and is slower only where many processors are idle and
        operations are large.
    count : bool
        Count instructions, exactly, on a board with one hart: `Result.costs`.
    local : int
        Bytes that tiles may take, of 256 KiB at most; see `CTarget`.
    """

    name = "qemu"
    most_cores = 8

    def __init__(
        self,
        recipe: Recipe | None = None,
        memory: int = 512,
        threads: bool = False,
        count: bool = False,
        local: int = 0,
    ) -> None:
        super().__init__(recipe or Recipe("qemu"), count, local)
        self._memory, self._threads = memory, threads
        self.most_cores = 1 if count else QemuTarget.most_cores

    def command(self) -> list[str]:
        """Return the command line that starts the runner; builds it."""
        program = shutil.which(QEMU)
        if program is None:
            raise TargetMissing(f"qemu: {INSTALL}")
        off = ("-display", "none", "-serial", "none", "-monitor", "none", "-nodefaults")
        return [
            *(program, "-M", "virt", "-smp", str(self.most_cores), "-m", f"{self._memory}M"),
            *("-accel", f"tcg,thread={'multi' if self._threads else 'single'}"),
            *(("-icount", "shift=0") if self.counts else ()),
            *("-bios", "none", *off),
            *("-semihosting-config", "enable=on,target=native"),
            *("-kernel", *super().command()),
        ]

    def available(self) -> str | None:
        """Return None if the target works here, else what to install."""
        return INSTALL if shutil.which(QEMU) is None else super().available()

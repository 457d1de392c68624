"""A whole library: one sweep a kernel, findings saved, contracts named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinycl.errors import ExitCode
from tinycl.validate.client import Client
from tinycl.validate.effort import Effort, Sweep
from tinycl.validate.kinds import Finding
from tinycl.validate.library import exported
from tinycl.validate.save import save
from tinycl.validate.sweep import sweep

DEFAULT_EFFORT = Effort()
TIMEOUT = 5.0


@dataclass(frozen=True)
class Report:
    """What a library was tried with, and what was found.

    Attributes
    ----------
    library : str
    sweeps : tuple of Sweep
    """

    library: str
    sweeps: tuple[Sweep, ...]

    @property
    def findings(self) -> list[Finding]:
        """All findings, gravest kernels as they come."""
        return [finding for one in self.sweeps for finding in one.findings]

    @property
    def exit_code(self) -> ExitCode:
        """DIFFERENT where anything is held against a kernel."""
        fault = any(finding.fault for finding in self.findings)
        return ExitCode.DIFFERENT if fault else ExitCode.EQUAL


def validate(
    library: Path,
    *,
    only: Sequence[str] = (),
    effort: Effort = DEFAULT_EFFORT,
    seed: int = 0,
    timeout: float = TIMEOUT,
    out: Path | None = None,
    progress: Callable[[str], None] = lambda name: None,
) -> Report:
    """Check the kernels of a library.

    Parameters
    ----------
    library : Path
        A shared library with functions of ``tinycl_validate.h``.
    only : sequence of str
        Kernels; all if empty.
    effort : Effort
        For each kernel.
    seed : int
    timeout : float
        Seconds for the calls of one case, after which the kernel hangs.
    out : Path, optional
        Folder for golden files of findings.
    progress : callable
        Called with the name of each kernel before its sweep.

    Returns
    -------
    Report

    Raises
    ------
    TargetError
        The library cannot be loaded, or has nothing to validate.
    """
    sweeps = []
    with Client(library, timeout) as client:
        for name, about in exported(client, library, only).items():
            progress(name)
            done = sweep(client, name, about, effort, seed)
            if out is not None:
                done.findings = [save(found, out) for found in done.findings]
            sweeps.append(done)
    return Report(str(library), tuple(sweeps))

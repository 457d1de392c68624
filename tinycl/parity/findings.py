"""What a suite runs on, and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tinycl.bits import Array
from tinycl.contract import Contract
from tinycl.errors import ExitCode
from tinycl.parity.compare import Difference
from tinycl.plan import Plan


class Known(Protocol):
    """A case with what must come out of it; `tinycl.golden.schema.Golden` is one."""

    @property
    def plan(self) -> Plan:
        """The computation."""

    @property
    def inputs(self) -> Mapping[str, Array]:
        """What goes in."""

    @property
    def tensors(self) -> Mapping[str, Array]:
        """What must come out, named as in `Result.tensors`."""

    @property
    def contract(self) -> Contract:
        """How it rounds and adds."""

    @property
    def altered(self) -> tuple[str, ...]:
        """Tensors whose data do not have their digest."""

    @property
    def runnable(self) -> bool:
        """Whether plan and inputs are as they were made."""


@dataclass(frozen=True)
class Finding:
    """One tensor of one run that differs. `altered`: the golden's own digest does not match."""

    case: str
    cores: int
    mode: str
    tensor: str
    difference: Difference
    altered: bool


@dataclass
class Report:
    """What a suite found.

    Attributes
    ----------
    target : str
    cores : tuple of int
    modes : tuple of str
    cases, runs, tensors, elements, different : int
        Cases run; runs of them; tensors and elements compared; elements that differ.
    seconds : float
    findings : list of Finding
    altered : dict of str to tuple of str
        Cases whose golden was altered, and which of its tensors.
    not_run : list of str
        Those of them whose plan or inputs were altered.
    unreadable, failed : dict of str to str
        Cases whose golden cannot be read, or on which the target failed; and why.
    given_up : list of str
        Cases not run, because the target had not answered in time too often.
    missing, unused : tuple of str
        Cases without a file, files without a case.
    kernels : dict of str to str
        The caller's own kernels that ran in place of the reference's, and their files.
    calling : tuple of int, optional
        How many cases call `kernels`, and of how many.
    mac : str, optional
        The target's multiply-add, if it is not the goldens': then they were computed anew by the
        specification.
    changed : int
        Tensors of the goldens that this changed.
    """

    target: str
    cores: tuple[int, ...]
    modes: tuple[str, ...]
    cases: int = 0
    runs: int = 0
    tensors: int = 0
    elements: int = 0
    different: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    altered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    not_run: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    kernels: dict[str, str] = field(default_factory=dict)
    calling: tuple[int, int] | None = None
    mac: str | None = None
    changed: int = 0

    @property
    def exit_code(self) -> ExitCode:
        """EQUAL only if everything was compared and nothing is wrong; USAGE if files are."""
        if self.unreadable or self.failed:
            return ExitCode.USAGE
        if self.findings or self.altered or self.missing or self.unused or not self.runs:
            return ExitCode.DIFFERENT
        return ExitCode.EQUAL

"""How long to look at a kernel, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tinycl.validate.about import About
from tinycl.validate.case import Case
from tinycl.validate.kinds import Finding


@dataclass(frozen=True)
class Effort:
    """How long to look: until one of these is reached.

    Attributes
    ----------
    seconds : float
    cases : int
    findings : int
        Kinds of faults.
    shrink : float
        Seconds, at most, to make the case of a finding smaller.
    """

    seconds: float = 60.0
    cases: int = 1 << 30
    findings: int = 4
    shrink: float = 8.0


@dataclass
class Sweep:
    """What was tried, and what was found.

    Attributes
    ----------
    name : str
    about : About
    findings : list of Finding
    after : dict of str to int
        Cases that were run before a kind was first seen.
    cases, seconds : int, float
    covered : Counter
        Cases by what they had: ``cores 3``, ``hard``, ``stride``, ``padding``, ``bias`` ...
    """

    name: str
    about: About
    findings: list[Finding] = field(default_factory=list)
    after: dict[str, int] = field(default_factory=dict)
    cases: int = 0
    seconds: float = 0.0
    covered: Counter[str] = field(default_factory=Counter)

    def count(self, case: Case) -> None:
        """Count one case."""
        self.cases += 1
        size = case.size
        told = [f"cores {case.cores}", case.values]
        told += ["bias"] if case.kernel.optional and case.optional else []
        told += ["stride"] if size.get("stride_h", 1) > 1 or size.get("stride_w", 1) > 1 else []
        told += ["padding"] if any(v for n, v in case.sizes if n.startswith("pad_")) else []
        self.covered.update(told)

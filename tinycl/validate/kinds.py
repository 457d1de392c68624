"""The kinds of findings, gravest first, and what each means."""

from __future__ import annotations

from dataclasses import dataclass, field

from tinycl.validate.case import Case
from tinycl.validate.judge import Verdict

KINDS = {
    "crash": "the kernel crashes",
    "hang": "the kernel does not return",
    "barrier": "some cores wait at a barrier that others never reach",
    "scratch": "its scratch function returns no size",
    "limit": "a declared limit is not refused",
    "refusal": "it refuses what no declared limit rules out",
    "outside": "it writes outside of its output",
    "input": "it changes an input",
    "state": "it remembers something of an earlier call",
    "reads-output": "its result depends on what the output held before",
    "reads-scratch": "its result depends on what the scratch memory held before",
    "reads-outside": "its result depends on memory beside its buffers",
    "accumulates": "it adds to what the output held, and does not declare it",
    "overwrites": "it declares that it adds to the output, and does not",
    "race": "its result depends on the order in which the cores run",
    "unstable": "two equal calls give different results",
    "cores": "values are wrong on some numbers of cores only",
    "wrong": "values are wrong, beyond what rounding can explain",
    "nan": "a NaN is lost, or made",
    "zero": "zeros have the wrong sign",
    "contract": "other bits, as another order or rounding gives: another contract",
}


@dataclass(frozen=True)
class Finding:
    """What is wrong with a kernel, and the smallest case that shows it.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    case : Case
    told : str
        What was seen: tensor, element, values, buffer, cores.
    verdict : Verdict or None
    needs : str
        From which sizes on, and on which cores; empty until `tinycl.validate.describe` fills it.
    contract : str
        What `infer` says, of kind ``contract``.
    path : str
        The golden file that replays it; empty until it is written.
    """

    kind: str
    case: Case
    told: str
    verdict: Verdict | None = field(default=None, compare=False)
    needs: str = ""
    contract: str = ""
    path: str = ""

    @property
    def fault(self) -> bool:
        """Whether it is held against the kernel: a contract that has a name is not."""
        return self.kind != "contract" or not self.contract or self.contract.startswith("no")

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        parts = [f"{self.case.name}: {KINDS[self.kind]}", self.told, self.needs, self.contract]
        return "; ".join(part for part in parts if part)

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
    "unwritten": "it leaves elements of the output unwritten",
    "reads-output": "its result depends on what the output held before",
    "reads-scratch": "its result depends on what the scratch memory held before",
    "reads-outside": "its result depends on memory beside its buffers",
    "accumulates": "it adds to what the output held, and does not declare it",
    "overwrites": "it declares that it adds to the output, and does not",
    "race": "its cores write one element, or need an order that nothing keeps",
    "unstable": "two equal calls give different results",
    "cores": "values are wrong on some numbers of cores only",
    "wrong": "values are wrong, beyond what rounding can explain",
    "nan": "a NaN is lost, or made",
    "zero": "zeros have the wrong sign",
    "departs": "no contract explains all of it: other bits than the one that most cases keep",
    "contract": "other bits, which another order or rounding explains: another contract",
}

_VALUES = ("wrong", "nan", "zero", "departs", "contract")
_STALE = dict.fromkeys(
    ("state", "unwritten", "accumulates", "reads-output", "reads-scratch", "reads-outside"),
    ("cores", "unstable", *_VALUES),
)
FOLLOWS = {  # what a kind brings along, not told beside it unless it is a contract with a name
    **_STALE,
    "unwritten": ("accumulates", "reads-output", *_STALE["unwritten"]),
    "accumulates": ("unwritten", "reads-output", *_STALE["accumulates"]),
    "race": ("cores", "unstable", *_VALUES),
    "unstable": ("race", "cores", *_STALE, *_VALUES),
    "cores": _VALUES,
    "wrong": ("nan", "zero", "departs", "contract"),
    "nan": ("departs", "contract"),
    "zero": ("departs", "contract"),
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
        What `infer` says, of kinds ``contract`` and ``departs``.
    named : bool
        Whether there is a contract under which all bits are right.
    path : str
        The golden file that replays it; empty until it is written.
    """

    kind: str
    case: Case
    told: str
    verdict: Verdict | None = field(default=None, compare=False)
    needs: str = ""
    contract: str = ""
    named: bool = False
    path: str = ""

    @property
    def fault(self) -> bool:
        """Whether it is held against the kernel: a contract that has a name is not."""
        return self.kind != "contract" or not self.named

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        parts = [f"{self.case.name}: {KINDS[self.kind]}", self.told, self.needs, self.contract]
        return "; ".join(part for part in parts if part)

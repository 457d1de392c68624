"""What an inference says, and how it says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.infer.observed import Observed
from tinycl.ops import TABLE
from tinycl.parity.compare import Difference, axis_names, compare

MOST_APART = 3  # other contracts that a sentence names


@dataclass(frozen=True)
class Rest:
    """What a contract leaves unexplained.

    Attributes
    ----------
    differing, total : int
        Elements that differ, of how many.
    kind, tensor : str
        Operation and output of the first difference; empty if there is none.
    difference : Difference or None
    """

    differing: int
    total: int
    kind: str = ""
    tensor: str = ""
    difference: Difference | None = None

    @property
    def place(self) -> str:
        """Where the first element is that differs, and both its values."""
        if self.difference is None:
            return "-"
        if self.difference.first is None:
            return f"{self.kind}, which the specification refuses: {self.difference.told}"
        first = self.difference.first
        return (
            f"{self.kind} {self.tensor} {self.difference.place(first)}: {first.expected_hex} "
            f"({first.expected}) by the contract, {first.got_hex} ({first.got}) came"
        )


@dataclass(frozen=True)
class Inferred:
    """The answer of a search.

    Attributes
    ----------
    contract : Contract or None
        The simplest one that gives every bit; None if none does.
    certain : bool
        Whether chance is ruled out: so many contracts were tried that a few elements with few
        possible values each would be met by one of them anyway.
    evidence : float
        Bits that the cases say: 0 where every contract gives the same.
    others : tuple of Contract
        Some that give every bit, too.
    open : mapping of str to tuple of str
        By field: (some) other values that fit, the rest being as it is.
    nearest : Contract or None
        Where no contract was found: the one with the fewest differences.
    rest : Rest or None
        What remains under `nearest`.
    tried : int
        Contracts.
    untried : str
        What was left out for want of time; empty if nothing was.
    """

    contract: Contract | None
    certain: bool = False
    evidence: float = 0.0
    others: tuple[Contract, ...] = ()
    open: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nearest: Contract | None = None
    rest: Rest | None = None
    tried: int = 0
    untried: str = ""

    @property
    def free(self) -> str:
        """The fields that are not told, with the reductions that would fit as well."""
        words = [name for name in self.open if name != "reduction"]
        sums = self.open.get("reduction", ())
        return ", ".join([*words, *([f"reduction may be {' or '.join(sums)}"] if sums else [])])

    @property
    def apart(self) -> tuple[Contract, ...]:
        """Those of `others` that differ in more than the fields that are not told one by one."""
        if self.contract is None:
            return ()
        return tuple(c for c in self.others if not self._is_open(c))

    def _is_open(self, other: Contract) -> bool:
        """Whether a contract differs in fields of `open` alone, and has a reduction named there."""
        for name in (f.name for f in fields(Contract)):
            ours, theirs = str(getattr(self.contract, name)), str(getattr(other, name))
            known = self.open.get(name, ())
            if ours != theirs and (theirs not in known if name == "reduction" else not known):
                return False
        return True

    @property
    def told(self) -> str:
        """The answer in one sentence."""
        late = f" ({self.untried})" if self.untried else ""
        if self.contract is None:
            assert self.rest is not None
            near = "" if self.nearest == DEFAULT else f", nearest is {self.nearest}"
            return (
                f"no contract explains it: {self.rest.differing} of {self.rest.total} elements "
                f"remain, first at {self.rest.place}{near}{late}"
            )
        if not self.evidence:
            return f"{self.contract} fits, and so does every other contract: the data tell nothing"
        also = " or ".join(map(str, self.apart[:MOST_APART]))
        if not self.certain:
            so = f", and so does {also}" if also else ""
            return f"{self.contract} fits{so}, but too few elements tell it from chance"
        free = f" (not told by these data: {self.free})" if self.free else ""
        return f"every bit is explained by {self.contract}{free}" + (
            f", and as well by {also}" if also else ""
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        rest = self.rest
        return {
            "contract": None if self.contract is None else str(self.contract),
            "certain": self.certain,
            "others": [str(c) for c in self.others],
            "open": {name: list(values) for name, values in self.open.items()},
            "nearest": None if self.nearest is None else str(self.nearest),
            "remaining": 0 if rest is None else rest.differing,
            "first": None if rest is None else rest.place,
            "tried": self.tried,
            "untried": self.untried,
            "told": self.told,
        }


def rest_under(cases: Sequence[Observed], contract: Contract) -> Rest:
    """Return what a contract leaves of some cases."""
    differing = total = 0
    first: Rest | None = None
    for case in cases:
        row = TABLE[case.kind].outputs
        try:
            made = case.under(contract)
        except ShapeError as error:
            size = sum(got.size for got in case.outputs if got is not None)
            refused = Difference("refused", size, size, told=str(error))
            first = first or Rest(0, 0, case.kind, row[0].name, refused)
            differing, total = differing + size, total + size
            continue
        for arg, ours, got in zip(row, made, case.outputs, strict=True):
            if ours is None or got is None:
                continue
            total += got.size
            found = compare(ours, got, axis_names(arg.axes, got.ndim))
            if found is not None:
                differing += found.differing
                first = first or Rest(0, 0, case.kind, arg.name, found)
    if first is None:
        return Rest(0, total)
    return Rest(differing, total, first.kind, first.tensor, first.difference)

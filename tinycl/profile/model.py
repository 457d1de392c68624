"""What a profile is: operations, and what each took in every setting.

All numbers are whole and are sums over the profiled steps, so that two profiles are equal or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

IN_PLACE, ALL = 0, -1


class Setting(NamedTuple):
    """How a plan was run: cores; bytes of local memory for tiles (0: in place; -1: all of it)."""

    cores: int
    local: int

    def __str__(self) -> str:
        return f"{self.placement}, {self.cores} core{'s' if self.cores > 1 else ''}"

    @property
    def placement(self) -> str:
        """Name of the placement alone."""
        if self.local == IN_PLACE:
            return "in place"
        return "tiles" if self.local == ALL else f"tiles in {self.local:,} B"


@dataclass(frozen=True)
class Operation:
    """One operation of a plan, by its place in its body.

    Attributes
    ----------
    body : str
    place : int
    kind : str
        Name in `tinycl.ops.TABLE`.
    tensor : str
        The first tensor that it writes.
    direction : str
        One of `tinycl.profile.operations.DIRECTIONS`.
    macs : int
        Multiply-accumulates of all steps, as sparse operations counted them.
    """

    body: str
    place: int
    kind: str
    tensor: str
    direction: str
    macs: int


@dataclass(frozen=True)
class Measured:
    """What the operations of a plan took in one setting, each a sum over all steps."""

    setting: Setting
    cycles: tuple[int, ...]
    instructions: tuple[int, ...]
    tiles: tuple[int, ...]

    @property
    def cost(self) -> tuple[int, ...]:
        """Cycles; instructions where the target counts no cycles."""
        return self.cycles if any(self.cycles) else self.instructions


@dataclass(frozen=True)
class Profile:
    """One plan in all its settings.

    Attributes
    ----------
    name : str
        Of the policy, or of the golden case.
    steps : int
        By which the sums are divided.
    operations : tuple of Operation
    runs : tuple of Measured
        In one order of operations.
    digests : mapping of str to str
        SHA-256 of each output and record, the same in every setting.
    different : tuple of str
        Tensors whose bits are not those of the specification in some setting.
    """

    name: str
    steps: int
    operations: tuple[Operation, ...]
    runs: tuple[Measured, ...]
    digests: Mapping[str, str]
    different: tuple[str, ...] = ()

    def total(self, run: Measured, directions: Sequence[str] = ()) -> int:
        """Return the cost of a setting, of some directions only if they are named."""
        pairs = zip(self.operations, run.cost, strict=True)
        return sum(
            c for operation, c in pairs if not directions or operation.direction in directions
        )

    def find(self, cores: int, local: int) -> Measured | None:
        """Return what was measured in a setting, if it was."""
        return next((r for r in self.runs if r.setting == Setting(cores, local)), None)

    def base(self, run: Measured) -> Measured:
        """Return the run on the fewest cores in the same placement."""
        same = [r for r in self.runs if r.setting.local == run.setting.local]
        return min(same, key=lambda r: r.setting.cores)


@dataclass(frozen=True)
class Report:
    """Profiles of one target, and what they were made with.

    Attributes
    ----------
    target : str
    what : str
        Net and data, or golden cases.
    contract : str
        Text of the contract whose bits the target computes.
    facts : mapping
        Of simulator and compiler, as the target tells them.
    profiles : tuple of Profile
    """

    target: str
    what: str
    contract: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()

    @property
    def unit(self) -> str:
        """What costs are counted in."""
        counted = any(any(run.cycles) for p in self.profiles for run in p.runs)
        return "cycles" if counted else "instructions"

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings by placement, in place first and all local memory last, then by cores."""
        found = {run.setting for p in self.profiles for run in p.runs}
        return tuple(sorted(found, key=lambda s: (s.local < 0, s.local, s.cores)))

    @property
    def locals(self) -> tuple[int, ...]:
        """The placements, in that order."""
        return tuple(dict.fromkeys(s.local for s in self.settings))

    @property
    def cores(self) -> tuple[int, ...]:
        """The numbers of cores, ascending."""
        return tuple(sorted({s.cores for s in self.settings}))

    @property
    def different(self) -> tuple[str, ...]:
        """Names of tensors that differ from the specification, with their profile's."""
        return tuple(f"{p.name}: {key}" for p in self.profiles for key in p.different)

    def untiled(self) -> Iterator[int]:
        """Yield the placements with local memory in which no operation was cut into tiles."""
        for local in self.locals:
            runs = [r for p in self.profiles for r in p.runs if r.setting.local == local]
            if local != IN_PLACE and not any(any(run.tiles) for run in runs):
                yield local

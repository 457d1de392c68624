"""A log against the hashes of a golden: the first that differs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tinycl.errors import ExitCode
from tinycl.trace.expected import Hash
from tinycl.trace.line import Line, lines_in

ANY = "*"
_PLACED = re.compile(r"(\d+)\.(.+)")


@dataclass(frozen=True)
class Mismatch:
    """A line that is not what it should be. `expected` is the first of those it may mean."""

    expected: Hash
    line: Line
    told: str


@dataclass
class Findings:
    """What a log says.

    Attributes
    ----------
    read : int
        Whole lines in the log, repeated ones counted once.
    repeated, damaged : int
        Lines that were there before; lines that begin and are not whole.
    lost : int
        Numbers that a core's lines skip: printed, and not in the log.
    matched, inputs : int
        Lines that are as the golden has them; those of them that tell what goes in.
    unknown : list of Line
        Of an operation, tensor or step that the golden does not have.
    mismatches : list of Mismatch
        In the order of execution.
    expected : int
        Hashes of the golden, without what goes in.
    missing : list of Hash
        Those of them that no line tells, in the order of execution.
    ambiguous : int
        Lines matched that could mean several places of one step.
    cores : tuple of int
        Which printed.
    """

    read: int = 0
    repeated: int = 0
    damaged: int = 0
    lost: int = 0
    matched: int = 0
    inputs: int = 0
    unknown: list[Line] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)
    expected: int = 0
    missing: list[Hash] = field(default_factory=list)
    ambiguous: int = 0
    cores: tuple[int, ...] = ()

    @property
    def first(self) -> Mismatch | None:
        """The first in the order of execution that differs."""
        return self.mismatches[0] if self.mismatches else None

    @property
    def missing_before(self) -> int:
        """Hashes that are missing before `first`: it may have begun in one of them."""
        if self.first is None:
            return 0
        at = (self.first.expected.step, self.first.expected.place)
        return sum((h.step, h.place) < at for h in self.missing)

    @property
    def exit_code(self) -> ExitCode:
        """USAGE if nothing that was computed could be compared: that is no pass."""
        if self.mismatches:
            return ExitCode.DIFFERENT
        return ExitCode.EQUAL if self.matched > self.inputs else ExitCode.USAGE


def compare(log: bytes, hashes: Sequence[Hash]) -> Findings:
    """Compare a log with what is expected.

    Lines may come in any order and from several cores, be lost, repeated, cut or mixed with others.
    The operation is ``linear_forward``, or ``07.linear_forward`` with its place in the body; where
    a body has several of one kind that write one tensor, only the second says which.

    Parameters
    ----------
    log : bytes
    hashes : sequence of Hash
        `tinycl.trace.expected`.
    """
    known: dict[tuple[int, str, str], list[Hash]] = {}
    for hash_ in hashes:
        for operation in _names(hash_):
            known.setdefault((hash_.step, operation, hash_.tensor), []).append(hash_)
    found = Findings(expected=sum(not h.optional for h in hashes))
    order = {id(h): place for place, h in enumerate(hashes)}
    told: set[int] = set()
    for line in _once(log, found):
        meant = known.get((line.step, _plain_place(line.operation), line.tensor))
        if meant is None and (placed := _PLACED.fullmatch(line.operation)):
            meant = known.get((line.step, f"{ANY}.{placed[2]}", line.tensor))
        if meant is None:
            found.unknown.append(line)
            continue
        wrong = _wrong(line, meant)
        if wrong:
            found.mismatches.append(Mismatch(meant[0], line, wrong))
            told.update(id(h) for h in meant)
            continue
        found.matched += 1
        found.inputs += meant[0].optional
        found.ambiguous += len(meant) > 1
        told.update(id(h) for h in meant if h.crc32 == line.crc32)
    found.mismatches.sort(key=lambda m: order[id(m.expected)])
    found.missing = [h for h in hashes if id(h) not in told and not h.optional]
    return found


def _once(log: bytes, found: Findings) -> list[Line]:
    """Return the whole lines of a log, each once; count the others."""
    lines: dict[Line, None] = {}
    for line in lines_in(log):
        if line is None:
            found.damaged += 1
        elif line in lines:
            found.repeated += 1
        else:
            lines[line] = None
    found.read = len(lines)
    sequences: dict[int, set[int]] = {}
    for line in lines:
        sequences.setdefault(line.core, set()).add(line.sequence)
    found.lost = sum(max(seen) + 1 - len(seen) for seen in sequences.values())
    found.cores = tuple(sorted(sequences))
    return list(lines)


def _names(hash_: Hash) -> list[str]:
    """Return what lines may call the operation; ``*.relu`` is ``relu`` at a place unknown here."""
    if hash_.counted:
        return [hash_.operation, f"{hash_.place:02d}.{hash_.operation}"]
    placed = _PLACED.fullmatch(hash_.operation)
    if placed:
        return [_plain_place(hash_.operation), placed[2]]
    return [hash_.operation, f"{ANY}.{hash_.operation}"]


def _plain_place(operation: str) -> str:
    """Return ``7.relu`` and ``007.relu`` as ``07.relu``, and what has no place as it is."""
    placed = _PLACED.fullmatch(operation)
    return f"{int(placed[1]):02d}.{placed[2]}" if placed else operation


def _wrong(line: Line, meant: Sequence[Hash]) -> str:
    """Say what is wrong with a line; nothing if one of those it may mean is so."""
    if any((h.words, h.crc32) == (line.words, line.crc32) for h in meant):
        return ""
    if all(h.words != line.words for h in meant):
        return f"{meant[0].words} words expected, got {line.words}"
    crcs = " or ".join(dict.fromkeys(f"{h.crc32:08x}" for h in meant))
    return f"CRC-32 {crcs} expected, got {line.crc32:08x}"

"""Dumps of memory: an address, groups of digits, perhaps characters, as tools and debuggers print.

``xxd``, ``hexdump``, ``od``; ``x/4xw`` of GDB, ``mdw`` of OpenOCD, ``mem32`` of J-Link, ``md`` of
U-Boot; bytes without addresses, as loggers of Zephyr and ESP-IDF print them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

_MARKED = re.compile(r"\s*((?:0[xX])?[0-9a-fA-F]{1,16})(?:\s*<[^<>]*>)?\s*[:=]\s*(\S.*)")
_UNMARKED = re.compile(r"\s*((?:0[xX])?[0-9a-fA-F]{6,16})\s+(\S.*)")
_BYTES = re.compile(r"\s*((?:[0-9a-fA-F]{2}\s+)+[0-9a-fA-F]{2})\s*(?:\|.*)?")
_END = re.compile(r"\s*((?:0[xX])?[0-9a-fA-F]{6,16})\s*")
_GROUP = re.compile(r"(0[xX])?([0-9a-fA-F]{2}|[0-9a-fA-F]{4}|[0-9a-fA-F]{8}|[0-9a-fA-F]{16})")
_CHARACTERS_AFTER_GAP = re.compile(r"\s{2,}")
_CHARACTERS_IN_BARS = re.compile(r"\s+[|>]")
WORD = 8  # digits
UNITS = ((16, 1), (16, 4), (10, 1), (10, 4), (8, 1))  # base of an address, bytes it counts
FOLDED = "*"
ORDERS = ("memory", "numbers")


class BrokenDump(ValueError):
    """Rows that do not belong together; the reason."""


@dataclass(frozen=True)
class Row:
    """One line: where it begins, if it says so, its groups, and the characters behind them."""

    address: str | None
    digits: tuple[str, ...]
    prefixed: bool
    characters: str


def row_of(line: str) -> Row | None:
    """Return what a line holds if it is one of a dump of memory and of nothing else."""
    if match := _MARKED.fullmatch(line):
        groups, *rest = _CHARACTERS_AFTER_GAP.split(match[2], maxsplit=1)
        return _row(match[1], groups, rest)
    if match := _BYTES.fullmatch(line):
        return _row(None, match[1], [])
    if match := _UNMARKED.fullmatch(line):
        groups, *rest = _CHARACTERS_IN_BARS.split(match[2], maxsplit=1)
        row = _row(match[1], groups, rest)
        # eight digits and then eight are two words
        if row and (len(row.digits[0]) != WORD or len(match[1]) < WORD):
            return row
    return None


def _row(address: str | None, groups: str, rest: list[str]) -> Row | None:
    found = [_GROUP.fullmatch(token) for token in groups.replace(",", " ").split()]
    matched = [group for group in found if group]
    shapes = {(bool(group[1]), len(group[2])) for group in matched}
    if len(matched) != len(found) or len(shapes) != 1:
        return None
    characters = rest[0].rstrip().rstrip("|<").strip() if rest else ""
    return Row(address, tuple(g[2] for g in matched), shapes.pop()[0], characters)


@dataclass
class MemoryDump:
    """Rows of one tensor of `most` bytes, one after the other.

    The digits of a group are a number, or bytes as they lie in memory. The characters behind them
    tell which; where there are none, it is a number.
    """

    most: int
    folded: bool = False
    numbers: bytearray = field(default_factory=bytearray)
    memory: bytearray = field(default_factory=bytearray)
    _orders: frozenset[str] = frozenset(ORDERS)
    _told: bool = False
    _width: int = 0
    _last: str | None = None
    _length: int = 0
    _units: tuple[tuple[int, int], ...] = UNITS

    @property
    def size(self) -> int:
        """Bytes so far."""
        return len(self.memory)

    def take(self, row: Row) -> None:
        """Add a row.

        Raises
        ------
        BrokenDump
            Its address or its groups do not follow those of the row before.
        """
        width = len(row.digits[0])
        if self._width not in (0, width):
            raise BrokenDump(f"groups of {width} digits after groups of {self._width}")
        self._width = width
        self._follow(row.address)
        both = {
            "memory": bytes.fromhex("".join(row.digits)),
            "numbers": b"".join(bytes.fromhex(group)[::-1] for group in row.digits),
        }
        if row.characters and not row.prefixed:
            self._told = True
            fits = {how for how, raw in both.items() if _characters(raw) == row.characters}
            self._orders = self._orders & fits if fits else self._orders
        self.memory += both["memory"]
        self.numbers += both["numbers"]
        self._length = len(both["memory"])

    def ends(self, line: str) -> bool:
        """Whether a line is nothing but the address behind the last row; takes what was folded."""
        match = _END.fullmatch(line)
        if match is None or self._last is None:
            return False
        try:
            self._follow(match[1])
        except BrokenDump:
            if self.folded:
                raise
            return False
        self._length = 0
        return True

    def words(self) -> list[int]:
        """Return the words.

        Raises
        ------
        BrokenDump
            No whole number of words, or nothing tells the order of their bytes.
        """
        if self.size % 4:
            raise BrokenDump(f"{self.size} bytes are no whole number of words")
        if self._told and len(self._orders) != 1 and self.memory != self.numbers:
            raise BrokenDump(
                "the characters do not tell the order of the bytes in a group; print single "
                "bytes, as `xxd -g1` and `hexdump -C` do"
            )
        data = self.memory if self._orders == {"memory"} else self.numbers
        return [int(word) for word in np.frombuffer(bytes(data), "<u4")]

    def _follow(self, address: str | None) -> None:
        """Check an address, and repeat the row before as often as it was folded."""
        if (address is None) != (self._last is None) and self.size:
            raise BrokenDump("some rows have an address and others have none")
        if self.size and address is not None and self._last is not None:
            steps = {unit: _step(self._last, address, *unit) for unit in self._units}
            steps = {unit: step for unit, step in steps.items() if self._is_right(step)}
            if not steps:
                raise BrokenDump(f"address {address} does not follow {self._last}: a line is lost")
            if len(set(steps.values())) > 1:
                raise BrokenDump("rows are folded into '*'; print them all: `-v`")
            self._units = tuple(steps)
            self._repeat(next(iter(steps.values())) - self._length)
        self._last, self.folded = address, False

    def _is_right(self, step: int) -> bool:
        if not self.folded or not self._length:
            return step == self._length
        left = self.most - self.size
        return step > 0 and step % self._length == 0 and step - self._length <= left

    def _repeat(self, size: int) -> None:
        for data in (self.memory, self.numbers):
            data += data[len(data) - self._length :] * (size // self._length if size else 0)


def _step(last: str, address: str, base: int, unit: int) -> int:
    try:
        return (int(address, base) - int(last, base)) * unit
    except ValueError:
        return -1


def _characters(raw: bytes) -> str:
    return "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in raw).strip()

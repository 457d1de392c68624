"""Hex dumps: ``name: 3f800000 ...``, ``name[16] = { 0x3f800000, ... }``, with noise around."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tinycl.errors import FileError
from tinycl.export.memory_dump import FOLDED, BrokenDump, MemoryDump, row_of
from tinycl.export.names import c_name, unique_c_names
from tinycl.export.words_in_text import Kind, Piece, clean, without_tags, words_of

_ASSIGNED = re.compile(r"[:=]")
_SIZES = re.compile(r"\s*(?:[\[(][^\[\]()]*[\])]\s*)+$")
_BEGINS_ANOTHER = re.compile(r"[:={]\s*$")
_SHORT = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
_WHOLE = re.compile(r"\b(?:int32|u?int8)_t\b")
_IN_NAMES = re.compile(r"[\w/.\-]")
_ELEMENT = re.compile(r"\[\s*([0-9]{1,9})\s*\]\s*[:=]")
ORDER = ("output", "record", "input", "trace")


def aliases(names: Sequence[str], prefix: str = "") -> dict[str, str]:
    """Return what firmware may call each tensor: its name, its name in C, or the last part of it.

    The last part stands for the output of that name, else the record, else the input, else the
    only tensor of the trace; it is of letters, digits, ``_`` and ``.``. What could be several
    tensors is none.

    Parameters
    ----------
    names : sequence of str
        Of all tensors.
    prefix : str
        Of names in C, which are known without it too.
    """
    found: dict[str, str] = {}
    for group in ORDER:
        short: dict[str, set[str]] = {}
        for name in names:
            last = name.rpartition("/")[2]
            if name.startswith(f"{group}/") and _SHORT.fullmatch(last):
                for made in (last, c_name(last)):
                    short.setdefault(made, set()).add(name)
        for made, meant in short.items():
            found.setdefault(made, min(meant) if len(meant) == 1 else "")
    for given in ("", prefix):
        found.update({made: name for name, made in unique_c_names(names, given).items()})
    found.update({name: name for name in names})
    return {made: name for made, name in found.items() if name}


@dataclass
class _Tensor:
    name: str
    line: int
    decimal: bool
    words: list[int] = field(default_factory=list)
    rows: MemoryDump | None = None
    by_element: bool = False


@dataclass
class _Reader:
    """Goes through the lines; `done` holds words and the first line of each whole tensor."""

    where: str
    sizes: Mapping[str, int]
    names: Mapping[str, str]
    current: _Tensor | None = None
    done: dict[str, tuple[list[int], int]] = field(default_factory=dict)

    @cached_property
    def longest(self) -> int:
        """Characters of the longest name."""
        return max(map(len, self.names), default=0)

    def line(self, number: int, text: str) -> None:
        """Take one line."""
        line = clean(text)
        if self.current is not None and self._row(number, without_tags(line)):
            return
        for name, rest, decimal in self._headers(line):
            piece = words_of(rest, decimal)
            if piece.kind is not Kind.NOISE:
                if self._element(number, name, line, piece):
                    return
                self.end()
                self.current = _Tensor(name, number, decimal)
                self._take(number, piece)
                return
        if self.current is None:
            return
        piece = words_of(without_tags(line), self.current.decimal)
        whole = self._is_whole(self.current)
        ends = self.names and (whole or _BEGINS_ANOTHER.search(line))  # no names: words alone
        if piece.kind is Kind.NOISE and ends:
            self.end()
        elif piece.kind is Kind.WORDS or (piece.kind is Kind.DAMAGED and not whole):
            self._take(number, piece)

    def end(self) -> None:
        """Close the tensor that is being read."""
        tensor, self.current = self.current, None
        if tensor is None:
            return
        if tensor.rows is not None:
            try:
                tensor.words = tensor.rows.words()
            except BrokenDump as error:
                raise FileError(
                    f"{self.where}: line {tensor.line}: {tensor.name}: {error}"
                ) from error
        name, got, wanted = tensor.name, len(tensor.words), self.sizes[tensor.name]
        if got != wanted:
            raise FileError(
                f"{self.where}: line {tensor.line}: {name} has {got} of {wanted} words; was the "
                "dump cut short? Print it again, whole"
            )
        words, line = self.done.setdefault(name, (tensor.words, tensor.line))
        if words != tensor.words:
            raise FileError(
                f"{self.where}: {name} is there twice with different words, in lines {line} and "
                f"{tensor.line}; print one, or give each its whole name, such as "
                f"{next(iter(self.sizes))}"
            )

    def _is_whole(self, tensor: _Tensor) -> bool:
        words = len(tensor.words) if tensor.rows is None else tensor.rows.size // 4
        return words == self.sizes[tensor.name]

    def _row(self, number: int, line: str) -> bool:
        """Take a line of a dump of memory; False if it is none."""
        tensor = self.current
        assert tensor is not None
        if tensor.words:
            return False
        try:
            if tensor.rows is not None:
                if line.strip() == FOLDED:
                    tensor.rows.folded = True
                    return True
                if tensor.rows.ends(line):
                    return True
            row = row_of(line)
            if row is None or row.address in self.names:
                return False
            tensor.rows = tensor.rows or MemoryDump(4 * self.sizes[tensor.name])
            tensor.rows.take(row)
        except BrokenDump as error:
            raise FileError(f"{self.where}: line {number}: {tensor.name}: {error}") from error
        self._too_long(number, tensor.name, tensor.rows.size / 4)
        return True

    def _element(self, number: int, name: str, line: str, piece: Piece) -> bool:
        """Take ``y[3] = 0x3f800000`` after ``y[2]``; False where the line is nothing like it."""
        tensor, match = self.current, _ELEMENT.search(line)
        if match is None or piece.kind is not Kind.WORDS or len(piece.words) != 1:
            return False
        place = int(match[1])
        if tensor is None or tensor.name != name or tensor.rows is not None:
            return False
        done = len(tensor.words)
        if done == self.sizes[name] or not (tensor.by_element or done == 1):
            return False
        if place != done:
            raise FileError(
                f"{self.where}: line {number}: {name}[{place}] after {name}[{done - 1}]; a line is "
                "lost. Print the tensor again"
            )
        tensor.by_element = True
        self._take(number, piece)
        return True

    def _too_long(self, number: int, name: str, words: float) -> None:
        if words > self.sizes[name]:
            raise FileError(
                f"{self.where}: line {number}: more words than the {self.sizes[name]} of {name}; "
                "is it another tensor, or another shape?"
            )

    def _take(self, number: int, piece: Piece) -> None:
        assert self.current is not None
        name = self.current.name
        if self.current.rows is not None and piece.kind is Kind.WORDS:
            raise FileError(
                f"{self.where}: line {number}: words of {name} without an address, after rows with "
                "addresses or of bytes; print the tensor again"
            )
        if piece.kind is Kind.DAMAGED:
            raise FileError(
                f"{self.where}: line {number}: {piece.damaged[:40]!r} among the words of {name}; "
                "a word is 3f800000 or 0x3f800000. Print the tensor again"
            )
        self.current.words += piece.words
        self._too_long(number, name, len(self.current.words))

    def _headers(self, line: str) -> Iterator[tuple[str, str, bool]]:
        """Yield each known name before ``:`` or ``=``: its tensor, and the rest of the line.

        Lengths may stand between the two: ``y[16] =``, ``y (2x8):``. The rest is of whole numbers
        where ``int32_t``, ``int8_t`` or ``uint8_t`` stands before the name.
        """
        for match in _ASSIGNED.finditer(line):
            before = line[: match.start()]
            for text in dict.fromkeys((before, before.rstrip(), _SIZES.sub("", before))):
                for start in range(max(0, len(text) - self.longest), len(text)):
                    inside = start and _IN_NAMES.match(text[start - 1])
                    if not inside and text[start:] in self.names:
                        whole = bool(_WHOLE.search(text[:start]))
                        yield self.names[text[start:]], line[match.end() :], whole


def read_dump(
    text: str, where: str, sizes: Mapping[str, int], names: Mapping[str, str]
) -> dict[str, list[int]]:
    """Return the words of each tensor that a dump holds, by name.

    Parameters
    ----------
    text : str
    where : str
        The file, for messages.
    sizes : mapping of str to int
        Elements of each tensor that there may be.
    names : mapping of str to str
        From what stands in the dump to the tensor: `aliases`.

    Raises
    ------
    FileError
        A tensor that is cut short, too long, damaged, or there twice with different words.
    """
    reader = _Reader(where, sizes, names)
    for number, line in enumerate(text.splitlines(), 1):
        reader.line(number, line)
    reader.end()
    return {name: words for name, (words, _) in reader.done.items()}


def read_plain(text: str, where: str, name: str, size: int) -> list[int]:
    """Return the words of a text that holds nothing but one tensor, and lines of noise.

    Raises
    ------
    FileError
        As `read_dump`; or there are no words.
    """
    reader = _Reader(where, {name: size}, {}, _Tensor(name, 1, False))
    for number, line in enumerate(text.splitlines(), 1):
        reader.line(number, line)
    tensor = reader.current
    if tensor is not None and not tensor.words and tensor.rows is None:
        raise FileError(f"{where}: no words in it; {name} has {size}, such as 3f800000")
    reader.end()
    return reader.done[name][0]

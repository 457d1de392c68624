"""Hex dumps: ``name: 3f800000 ...``, ``name[16] = { 0x3f800000, ... }``, with noise around."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tinycl.errors import FileError
from tinycl.export.names import c_name, unique_c_names
from tinycl.export.words_in_text import Kind, Piece, clean, without_tags, words_of

_ASSIGNED = re.compile(r"[:=]")
_SIZES = re.compile(r"\s*(?:[\[(][^\[\]()]*[\])]\s*)+$")
_BEGINS_ANOTHER = re.compile(r"[:={]\s*$")
_SHORT = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
_WHOLE = re.compile(r"\b(?:int32|u?int8)_t\b")
_IN_NAMES = re.compile(r"[\w/.\-]")
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
        for name, rest, decimal in self._headers(line):
            piece = words_of(rest, decimal)
            if piece.kind is not Kind.NOISE:
                self.end()
                self.current = _Tensor(name, number, decimal)
                self._take(number, piece)
                return
        if self.current is None:
            return
        piece = words_of(without_tags(line), self.current.decimal)
        whole = len(self.current.words) == self.sizes[self.current.name]
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

    def _take(self, number: int, piece: Piece) -> None:
        assert self.current is not None
        name = self.current.name
        if piece.kind is Kind.DAMAGED:
            raise FileError(
                f"{self.where}: line {number}: {piece.damaged[:40]!r} among the words of {name}; "
                "a word is 3f800000 or 0x3f800000. Print the tensor again"
            )
        self.current.words += piece.words
        if len(self.current.words) > self.sizes[name]:
            raise FileError(
                f"{self.where}: line {number}: more words than the {self.sizes[name]} of {name}; "
                "is it another tensor, or another shape?"
            )

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
    if reader.current is not None and not reader.current.words:
        raise FileError(f"{where}: no words in it; {name} has {size}, such as 3f800000")
    reader.end()
    return reader.done[name][0]

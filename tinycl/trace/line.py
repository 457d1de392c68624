"""One line of a trace, as ``c_ref/trace/tinycl_trace.h`` prints it, and lines in a log."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

MARK = b"@tc "
LONGEST = 2048
_HEAD = re.compile(rb"@tc (\d{1,10}) (\d{1,10}) (\d{1,10}) (\S{1,200}) ")
_TAIL = re.compile(rb" (\d{1,10}) ([0-9a-f]{8}) ([0-9a-f]{8})")


class Line(NamedTuple):
    """One line.

    Attributes
    ----------
    sequence : int
        Number of the line on its core, from 0.
    core, step : int
    operation, tensor : str
    words : int
        Elements that were hashed.
    crc32 : int
        Of the words.
    """

    sequence: int
    core: int
    step: int
    operation: str
    tensor: str
    words: int
    crc32: int

    @property
    def text(self) -> str:
        """The line, without its end."""
        told = (
            f"@tc {self.sequence} {self.core} {self.step} {self.operation} {self.tensor} "
            f"{self.words} {self.crc32:08x}"
        )
        return f"{told} {zlib.crc32(told.encode()):08x}"


def lines_in(log: bytes) -> Iterator[Line | None]:
    """Yield what a log holds, in its order: a line, or None where one begins that is not whole.

    A line is taken only if it has the CRC-32 at its end, so that a log's damage never looks like a
    difference. Several may stand in one line of the log, with anything before and after them.
    """
    at = log.find(MARK)
    while at >= 0:
        after = log.find(MARK, at + 1)
        line = _line_at(log, at)
        yield line
        at = after


def _line_at(log: bytes, at: int) -> Line | None:
    head = _HEAD.match(log, at)
    if head is None:
        return None
    newline = log.find(b"\n", at, at + LONGEST)
    end = newline if newline >= 0 else min(at + LONGEST, len(log))
    for tail in _TAIL.finditer(log, head.end(), end):
        if int(tail[3], 16) == zlib.crc32(log[at : tail.end(2)]):
            try:
                operation = head[4].decode("utf-8")
                tensor = log[head.end() : tail.start()].decode("utf-8")
            except UnicodeDecodeError:
                return None
            sequence, core, step = (int(head[i]) for i in (1, 2, 3))
            return Line(sequence, core, step, operation, tensor, int(tail[1]), int(tail[2], 16))
    return None

"""Words that firmware prints as text: which lines hold them, and which are noise."""

from __future__ import annotations

import enum
import re
from typing import NamedTuple

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_COMMENT = re.compile(r"/\*.*?\*/")
_TAGS = re.compile(r"\s*(?:\[[^\]]*\]\s*|(?:[EWIDV] \(\d+\)|<\w{3,4}>)\s+[^\s:]+:\s)+")
_WORD = re.compile(r"(?:0[xX][0-9a-fA-F]{1,8}|[0-9a-fA-F]{8})[uU]?[lL]?")
_LIKE_A_WORD = re.compile(r"(?:0[xX])?[0-9a-fA-F]+")
_WHOLE = re.compile(r"[+-]?[0-9]{1,10}|INT32_MIN")
_BETWEEN = str.maketrans("{},;|\t", "      ")
LEAST = -(1 << 31)


class Kind(enum.Enum):
    """What a piece of text is."""

    EMPTY = "empty"
    WORDS = "words"
    DAMAGED = "damaged"
    NOISE = "noise"


class Piece(NamedTuple):
    """A piece of text: its kind; the words, or the one that is damaged."""

    kind: Kind
    words: list[int]
    damaged: str = ""


def clean(line: str) -> str:
    """Return a line without colours, control characters and comments of C."""
    line = _COMMENT.sub(" ", _COLOUR.sub("", line))
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() or c == "\t" else " " for c in line)


def without_tags(line: str) -> str:
    """Return a line without what loggers put in front.

    ``[00:01.5]``, ``I (325) main:``, ``<inf> main:``.
    """
    tags = _TAGS.match(line)
    return line[tags.end() :] if tags else line


def words_of(text: str, decimal: bool = False) -> Piece:
    """Read a piece of a line.

    Words are ``3f800000`` or ``0x3f800000`` between spaces, commas and braces. A piece that begins
    with a word and has something else in it is damaged, and so is one that begins with a broken
    word.

    Parameters
    ----------
    text : str
    decimal : bool
        Whole numbers of int32 in place of words.
    """
    tokens = text.translate(_BETWEEN).split()
    if not tokens:
        return Piece(Kind.EMPTY, [])
    good = [_whole(token) if decimal else _word(token) for token in tokens]
    if None not in good:
        return Piece(Kind.WORDS, [word for word in good if word is not None])
    first = good.index(None)
    begun = first > 0 or (_LIKE_A_WORD.fullmatch(tokens[0]) and any(w is not None for w in good))
    return Piece(Kind.DAMAGED if begun else Kind.NOISE, [], tokens[first])


def _word(token: str) -> int | None:
    if not _WORD.fullmatch(token):
        return None
    return int(token.rstrip("uUlL"), 16)


def _whole(token: str) -> int | None:
    if not _WHOLE.fullmatch(token):
        return None
    number = LEAST if token == "INT32_MIN" else int(token)
    return number & 0xFFFFFFFF if LEAST <= number < -LEAST else None

"""Names of tensors as names in C."""

from __future__ import annotations

import re
from collections.abc import Iterable

_OTHER = re.compile(r"[^A-Za-z0-9]+")


def c_name(text: str) -> str:
    """Return a text with everything that C does not allow in a name as ``_``.

    No two underscores stand together and none at an end: such names are the compiler's. A name
    that would begin with a digit, or have nothing left, begins with ``t``.
    """
    name = _OTHER.sub("_", text).strip("_")
    return name if name[:1].isalpha() else f"t{name}"


def unique_c_names(names: Iterable[str], prefix: str) -> dict[str, str]:
    """Return a C name for each name; in upper case they are different too, for macros."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = made = c_name(f"{prefix}_{name}" if prefix else name)
        number = 1
        while made.upper() in taken:
            number += 1
            made = f"{plain}_{number}"
        taken.add(made.upper())
        found[name] = made
    return found


def in_comment(text: str) -> str:
    """Return a text that can stand in a comment of C: escaped where it could end or warn."""
    told = text.encode("unicode_escape").decode("ascii")
    return told.replace("*", "\\x2a").replace("?", "\\x3f").replace("\\", "%")

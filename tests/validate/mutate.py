"""Faults drawn at random: an index, a bound or an operator of a kernel is changed by chance."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import NamedTuple

from tinycl.errors import TargetError
from tinycl.target.build import source_folder
from tinycl.validate import Effort, Finding, compile_kernels, validate
from tinycl.validate.table import KERNELS

OTHER = {
    **{"kh": "kw", "kw": "kh", "ho": "wo", "wo": "ho", "ci": "co", "co": "ci", "h": "w", "w": "h"},
    **{"stride_h": "stride_w", "stride_w": "stride_h", "pad_top": "pad_left", "pad_left": "0"},
    **{"fi": "fo", "fo": "fi", "row": "column", "column": "row", "n": "ci"},
    **{"+": "-", "-": "+", "*": "+", "/": "*", "%": "/", "<": "<=", "<=": "<", ">": ">="},
    **{">=": ">", "&&": "||", "||": "&&", "0": "1", "1": "2", "begin": "end", "+=": "="},
}
COMMENT = re.compile(r"/\*.*?\*/")
TOKEN = re.compile(r"\w+\.?\w*|<=|>=|&&|\|\||\+=|->|\+\+|--|[-+*/%<>]")


class Mutant(NamedTuple):
    """A source with one change."""

    kernel: str
    told: str
    text: str


def sources() -> dict[str, Path]:
    """The reference's kernels that can be validated, by name."""
    found = {name: source_folder() / "src" / f"{name}.c" for name in KERNELS}
    return {name: path for name, path in found.items() if path.exists()}


def mutant(seed: int) -> Mutant:
    """Change one token behind the function's head; pointers and prototypes are left alone."""
    chance = random.Random(seed)
    files = sources()
    kernel = chance.choice(sorted(files))
    text = files[kernel].read_text()
    begin = text.index("{", text.index(f"tinycl_{kernel}("))
    code = COMMENT.sub(lambda found: " " * len(found[0]), text)
    places = [
        found
        for found in TOKEN.finditer(code, begin)
        if found[0] in OTHER and "*" not in code[found.end() : found.end() + 1]
    ]
    found = chance.choice(places)
    line = text.count("\n", 0, found.start()) + 1
    told = f"{kernel}.c:{line}: {found[0]} -> {OTHER[found[0]]}"
    return Mutant(kernel, told, text[: found.start()] + OTHER[found[0]] + text[found.end() :])


def tried(one: Mutant, folder: Path, cases: int = 150) -> Finding | str:
    """Return the first finding; else ``missed``, or ``refused`` by the compiler."""
    path = folder / f"{one.kernel}.c"
    path.write_text(one.text)
    try:
        library = compile_kernels([str(path)])
    except TargetError:
        return "refused"
    effort = Effort(seconds=10, cases=cases, findings=1, shrink=0.01)
    report = validate(library, effort=effort, timeout=1.0)
    return report.findings[0] if report.findings else "missed"

"""`tinycl diff` where not both are whole goldens: an export, a dump, or some tensors."""

from __future__ import annotations

import argparse
import fnmatch
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tinycl.cli.diff_infer import Explanation, explained, lines
from tinycl.cli.output import show, show_json
from tinycl.errors import ExitCode, FileError

if TYPE_CHECKING:
    from tinycl.export import Expected, Found
    from tinycl.golden.schema import Golden
    from tinycl.parity.compare import Difference

MOST_NAMES = 8


def compare_files(options: argparse.Namespace) -> int:
    """Compare and print; 1 also if B lacks a tensor that it must have."""
    golden, whole = _expected(options.a, options.golden)
    expected = replace(whole, prefix=options.prefix)
    if options.tensors:
        expected = expected.only(options.tensors)
    found = _found(options, expected)
    dump = found.partial and expected.layout is None
    if options.tensors:
        kept = {n: v for n, v in found.values.items() if _matches(n, options.tensors)}
        found = replace(found, values=kept, partial=options.tensor is not None)
    tensors = differences(expected, found)
    absent = [n for n in expected.values if n not in found.values] if found.partial else []
    compared = len(expected.values) - len(absent)
    hints: dict[str, str] = {}
    if dump and tensors:
        from tinycl.export import misread

        differ = {name: found.values[name] for name in tensors if name in found.values}
        hints = misread(expected, differ, options.layout or "chw")
    told: dict[str, Explanation] = {}
    if tensors and golden is not None and not options.no_infer:
        told = explained(golden, found.values)
    if options.json:
        _print_json(tensors, compared, absent, hints, told)
    else:
        _print(tensors, compared, absent, hints, told)
        if tensors and golden is None and not options.no_infer:
            show(
                f"{options.a} has no plan; with the golden itself as A, the contract is looked for"
            )
    return ExitCode.DIFFERENT if tensors else ExitCode.EQUAL


def differences(expected: Expected, found: Found) -> dict[str, Difference]:
    """Return the tensors that differ, those that B lacks unless it is partial, and unknown ones."""
    from tinycl.parity.compare import Difference, compare

    told: dict[str, Difference] = {}
    for name, value in expected.values.items():
        if name not in found.values:
            if not found.partial:
                told[name] = Difference("missing", value.size, value.size, told="only A has it")
        elif difference := compare(value, found.values[name], expected.axes.get(name, ())):
            told[name] = difference
    for name in found.values:
        if name not in expected.values:
            told[name] = Difference("unexpected", 0, 0, told="only B has it")
    return told


def _expected(a: str, folder: Path | None) -> tuple[Golden | None, Expected]:
    from tinycl.export import Expected
    from tinycl.golden.find import find

    path = Path(a)
    if path.suffix == ".h5" or not path.is_file():
        golden = find(a, folder)
        return golden, Expected.of_golden(golden)
    return None, Expected.of_export(path)


def _found(options: argparse.Namespace, expected: Expected) -> Found:
    from tinycl.export import Found, read_tensors
    from tinycl.golden.store import read

    if options.b.suffix != ".h5":
        return read_tensors(options.b, expected, options.layout, options.tensor)
    if options.layout or options.tensor:
        raise FileError(f"{options.b}: a golden has names and one layout; leave the option out")
    if expected.layout not in (None, "chw"):
        raise FileError(f"{options.a}: {expected.layout}; give the golden as A, this file as B")
    golden = read(options.b)
    if golden.altered:
        names = ", ".join(golden.altered[:MOST_NAMES])
        raise FileError(f"{options.b}: the golden itself was altered: {names}; make it again")
    return Found(golden.everything, partial=False)


def _matches(name: str, globs: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, glob) for glob in globs)


def _print(
    tensors: dict[str, Difference],
    compared: int,
    absent: list[str],
    hints: dict[str, str],
    told: dict[str, Explanation],
) -> None:
    from rich.console import Group, RenderableType
    from rich.text import Text

    from tinycl.parity.report import differences_table

    parts: list[RenderableType] = []
    if tensors:
        parts.append(differences_table((name, d, "") for name, d in tensors.items()))
    parts += [Text(f"{name}: {hint}", "bold yellow") for name, hint in hints.items()]
    parts += [Text(line, style) for line, style in lines(told)]
    if absent:
        more = f" and {len(absent) - MOST_NAMES} more" if len(absent) > MOST_NAMES else ""
        parts.append(
            Text(f"not in B, not compared: {', '.join(absent[:MOST_NAMES])}{more}", "yellow")
        )
    if tensors:
        parts.append(Text(f"{len(tensors)} of {compared} tensors differ", "bold red"))
    else:
        parts.append(Text(f"{compared} tensors, all equal", "bold green"))
    show(Group(*parts))


def _print_json(
    tensors: dict[str, Difference],
    compared: int,
    absent: list[str],
    hints: dict[str, str],
    told: dict[str, Explanation],
) -> None:
    from tinycl.parity.report import difference_dict

    show_json(
        {
            "tensors": {name: difference_dict(d) for name, d in tensors.items()},
            "compared": compared,
            "not_compared": absent,
            "inferred": {key: asdict(said) for key, said in told.items()},
            "hints": hints,
        }
    )

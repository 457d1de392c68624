"""`tinycl trace diff`: a log of hashes against a golden."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycl.cli.output import add_json, show, show_json
from tinycl.cli.trace import add_golden
from tinycl.errors import ExitCode, FileError

if TYPE_CHECKING:
    from tinycl.trace import Findings, Hash, Mismatch

MOST_ROWS = 12


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("log", metavar="LOG", help="what the device printed; - for standard input")
    add_golden(parser, ", or a file of hashes")
    parser.add_argument(
        "--all",
        action="store_true",
        help="exit code 1 also if a hash is missing in the log, or a line of it is unknown",
    )
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Compare and print; 2 if no line of the log could be compared."""
    from tinycl.trace import compare

    hashes = _expected(options)
    findings = compare(_read(options.log), hashes)
    code = findings.exit_code
    if options.all and code == ExitCode.EQUAL and (findings.missing or findings.unknown):
        code = ExitCode.DIFFERENT
    if options.json:
        show_json(to_dict(findings) | {"exit_code": int(code)})
    else:
        _print(findings, code)
    if code == ExitCode.USAGE:
        raise FileError(_nothing(options.log, findings))
    return code


def _expected(options: argparse.Namespace) -> list[Hash]:
    from tinycl.golden.find import find
    from tinycl.trace import expected, read_page

    named = options.golden_or_case
    if named.endswith(".h5") or not Path(named).is_file():
        return expected(find(named, options.golden), options.layout or "chw")
    if options.layout:
        raise FileError(f"{named}: hashes are of one layout; leave --layout out")
    return read_page(_read(named), named)


def _read(log: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if log == "-" else Path(log).read_bytes()
    except OSError as error:
        raise FileError(f"{log}: cannot be read: {error.strerror or error}") from error


def _nothing(log: str, findings: Findings) -> str:
    if findings.inputs:
        return f"{log}: only lines of what goes in match; print what operations write too"
    if findings.unknown:
        line = findings.unknown[0]
        return (
            f"{log}: no line is of this golden; the first is of step {line.step}, "
            f"{line.operation}, {line.tensor}. `tinycl trace list` prints the names it knows"
        )
    return (
        f"{log}: no whole line '@tc ...' in it, {findings.damaged} damaged; "
        "c_ref/trace/tinycl_trace.h prints them"
    )


def to_dict(findings: Findings) -> dict[str, Any]:
    """Return findings as plain data for JSON."""
    return {
        "read": findings.read,
        "matched": findings.matched,
        "different": len(findings.mismatches),
        "unknown": [line.text for line in findings.unknown],
        "expected": findings.expected,
        "missing": len(findings.missing),
        "missing_before": findings.missing_before,
        "repeated": findings.repeated,
        "damaged": findings.damaged,
        "lost": findings.lost,
        "ambiguous": findings.ambiguous,
        "cores": list(findings.cores),
        "mismatches": [
            {
                "step": m.expected.step,
                "operation": m.expected.operation,
                "tensor": m.expected.tensor,
                "key": m.expected.key,
                "core": m.line.core,
                "told": m.told,
            }
            for m in findings.mismatches
        ],
    }


def _print(findings: Findings, code: ExitCode) -> None:
    from rich.console import Group, RenderableType
    from rich.table import Table
    from rich.text import Text

    parts: list[RenderableType] = []
    if findings.first is not None:
        parts.append(Text(_first(findings, findings.first), "bold red"))
        table = Table("step", "operation", "tensor", "core", "difference", header_style="bold")
        for m in findings.mismatches[:MOST_ROWS]:
            operation, tensor = Text(m.expected.operation), Text(m.expected.tensor)
            table.add_row(str(m.expected.step), operation, tensor, str(m.line.core), Text(m.told))
        parts.append(table)
        more = len(findings.mismatches) - MOST_ROWS
        if more > 0:
            parts.append(Text(f"and {more} more; --json has them all"))
    parts.append(Text("\n".join(_counts(findings))))
    if findings.exit_code == ExitCode.EQUAL:
        style = "bold green" if code == ExitCode.EQUAL else "bold red"
        told = "" if code == ExitCode.EQUAL else ", and not all were"
        parts.append(Text(f"all {findings.matched} that were compared are equal{told}", style))
    show(Group(*parts))


def _first(findings: Findings, first: Mismatch) -> str:
    told = f"the first that differs: {_where(first.expected)}, printed by core {first.line.core}"
    if findings.missing_before:
        told += (
            f"; {findings.missing_before} before it are missing, so that it may have begun in one "
            f"of them, {_where(findings.missing[0])} or later"
        )
    return told


def _where(hash_: Hash) -> str:
    return f"step {hash_.step}, {hash_.operation}, {hash_.tensor}"


def _counts(findings: Findings) -> list[str]:
    cores = ", ".join(map(str, findings.cores[:MOST_ROWS])) or "none"
    lines = [
        f"{findings.read} lines read (cores {cores}), {findings.matched} matched, "
        f"{len(findings.mismatches)} different, {len(findings.unknown)} unknown",
        f"{len(findings.missing)} of the {findings.expected} hashes expected are missing",
    ]
    counted = {"damaged": findings.damaged, "repeated": findings.repeated, "lost": findings.lost}
    if any(counted.values()):
        lines.append("lines of the log: " + ", ".join(f"{n} {what}" for what, n in counted.items()))
    if findings.unknown:
        lines.append(f"the first unknown line: {findings.unknown[0].text}")
    if findings.ambiguous:
        lines.append(
            f"{findings.ambiguous} lines may be of several places in a step; "
            "name the operation with its place, such as 07.add"
        )
    return lines

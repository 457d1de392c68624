"""Reports for people (rich tables) and for programs (JSON)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinycl.parity.compare import Difference
from tinycl.parity.findings import Finding, Report

MOST_ROWS = 50
MOST_NAMES = 8


def to_dict(report: Report) -> dict[str, Any]:
    """Return a report as plain data for JSON; values are text, so that NaN and Inf survive."""
    found = dataclasses.asdict(report)
    for item, finding in zip(found["findings"], report.findings, strict=True):
        item["difference"] = difference_dict(finding.difference)
    return {**found, "exit_code": int(report.exit_code)}


def difference_dict(difference: Difference) -> dict[str, Any]:
    """Return a difference as plain data for JSON, with the coordinates by name."""
    found = dataclasses.asdict(difference)
    for key in ("first", "largest"):
        element = getattr(difference, key)
        if element is not None:
            found[key]["place"] = difference.place(element)
    return found


def render(report: Report) -> RenderableType:
    """Return a report as tables and lines."""
    parts: list[RenderableType] = []
    findings = _merged(report.findings)
    if findings:
        parts.append(_findings(findings[:MOST_ROWS]))
    if len(findings) > MOST_ROWS:
        parts.append(Text(f"and {len(findings) - MOST_ROWS} more; --json has them all"))
    for case, names in report.altered.items():
        parts.append(_line("bold red", f"{case}: the golden itself was altered: ", *names))
    for case in report.not_run:
        parts.append(_line("bold red", f"{case}: not run, because its plan or inputs were altered"))
    for told in (report.unreadable, report.failed):
        parts += [_line("bold red", f"{case}: {reason}") for case, reason in told.items()]
    for what, hint, cases in (
        ("no golden file", "`tinycl golden make` makes it", report.missing),
        ("a golden file without a case in the catalogue", "remove it", report.unused),
    ):
        parts += [_line("red", f"{case}: {what}; {hint}") for case in cases[:MOST_ROWS]]
        if len(cases) > MOST_ROWS:
            parts.append(_line("red", f"and {len(cases) - MOST_ROWS} more: {what}"))
    if report.given_up:
        more = len(report.given_up) - MOST_NAMES
        named = ", ".join(report.given_up[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
        parts.append(_line("bold red", f"not run, after too many time-outs: {named}"))
    if report.kernels:
        own = ", ".join(f"{name} ({file})" for name, file in report.kernels.items())
        parts.append(Text(f"own kernels: {own}"))
    if report.mac is not None:
        parts.append(
            Text(
                f"{report.target} computes mac={report.mac}: compared with the specification under "
                f"that, which changes {report.changed} tensors of the goldens"
            )
        )
    if report.calling is not None:
        parts.append(Text(f"{report.calling[0]} of {report.calling[1]} cases call them"))
    parts.append(_summary(report))
    return Group(*parts)


def differences_table(rows: Iterable[tuple[str, Difference, str]]) -> Table:
    """Return the table of differences: where, difference, remark."""
    table = Table(show_lines=True, header_style="bold")
    table.add_column("tensor", overflow="fold", ratio=3)
    table.add_column("differ", justify="right")
    for title in ("at", "expected", "got"):
        table.add_column(title, overflow="fold")
    table.add_column("ulp", justify="right")
    for where, difference, remark in rows:
        name = Text(where)
        if remark:
            name.append(f"\n{remark}", "bold red")
        first, largest = difference.first, difference.largest
        count = f"{difference.differing}\nof {difference.total}"
        if first is None or largest is None:
            table.add_row(name, count, Text(difference.kind), Text(difference.told), "", "")
            continue
        lines = [first] if first == largest else [first, largest]
        if len(lines) == 2:
            table.caption = "the first element that differs; below it the one that is furthest off"
        table.add_row(
            name,
            count,
            "\n".join(difference.place(e) for e in lines),
            "\n".join(f"{e.expected_hex} {e.expected}" for e in lines),
            "\n".join(f"{e.got_hex} {e.got}" for e in lines),
            "\n".join("-" if e.ulp is None else str(e.ulp) for e in lines),
        )
    return table


def _findings(findings: list[tuple[Finding, list[str]]]) -> Table:
    return differences_table(
        (
            f"{f.case}\n{f.tensor}\n{', '.join(runs)}",
            f.difference,
            "the golden's own digest does not match: the golden was altered" if f.altered else "",
        )
        for f, runs in findings
    )


def _merged(findings: list[Finding]) -> list[tuple[Finding, list[str]]]:
    """Put findings together that differ only in the run: a difference often shows in each."""
    found: dict[tuple[str, str, Difference], tuple[Finding, list[str]]] = {}
    for f in findings:
        _, runs = found.setdefault((f.case, f.tensor, f.difference), (f, []))
        runs.append(f"{f.mode} on {f.cores} core{'s' if f.cores > 1 else ''}")
    return list(found.values())


def _line(style: str, text: str, *names: str) -> Text:
    return Text(text + ", ".join(names), style)


def _summary(report: Report) -> Text:
    good = not report.exit_code
    cores = ",".join(map(str, report.cores))
    text = (
        f"{report.target}, cores {cores}, {' and '.join(report.modes)}: {report.cases} cases, "
        f"{report.tensors} tensors, {report.elements} elements compared in "
        f"{report.seconds:.1f} s: "
    )
    troubles = {
        "tensors differ": len(report.findings),
        "goldens altered": len(report.altered),
        "goldens unreadable": len(report.unreadable),
        "cases failed on the target": len(report.failed),
        "cases not run": len(report.given_up),
        "goldens missing": len(report.missing),
        "goldens unused": len(report.unused),
    }
    verdict = ", ".join(f"{n} {what}" for what, n in troubles.items() if n)
    if not verdict:
        verdict = "all equal" if good else "nothing was compared"
    if report.kernels:
        verdict += f" (own {', '.join(report.kernels)})"
    return Text(text).append(verdict, "bold green" if good else "bold red")

"""A report as text and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinycl.validate.about import LAYOUTS, TEAMS
from tinycl.validate.effort import Sweep
from tinycl.validate.kinds import Finding
from tinycl.validate.validate import Report

if TYPE_CHECKING:
    from rich.console import RenderableType


def render(report: Report) -> RenderableType:
    """Return a sentence for each finding, and for each kernel what was tried."""
    from rich.console import Group
    from rich.text import Text

    parts = []
    for done in report.sweeps:
        for finding in done.findings:
            style = "bold red" if finding.fault else "bold yellow"
            parts.append(Text(finding.sentence, style))
            parts.append(Text(f"  {_shape(finding)}; after {done.after[finding.kind]} cases"))
            if finding.path:
                parts.append(Text(f"  replay: tinycl validate ... --replay {finding.path}"))
        style = "" if done.findings else "bold green"
        parts.append(Text(summary(done), style))
    faults = sum(finding.fault for finding in report.findings)
    cases = sum(done.cases for done in report.sweeps)
    many = len(report.sweeps)
    ending = f"{many} kernel{'s' * (many > 1)}, {cases} cases: " + (
        f"{faults} finding{'s' * (faults > 1)}" if faults else "no fault found"
    )
    parts.append(Text(ending, "bold red" if faults else "bold green"))
    return Group(*parts)


def _shape(finding: Finding) -> str:
    sizes = " ".join(f"{name}={value}" for name, value in finding.case.sizes)
    cores = f"{finding.case.cores} core{'s' * (finding.case.cores > 1)}"
    return f"smallest case: {sizes}, {cores}, {finding.case.values} values"


def summary(done: Sweep) -> str:
    """Return one line: how much was tried, and of what."""
    count = len(done.findings)
    told = f"{count} kind{'s' * (count > 1)} of findings" if count else "nothing found"
    covered = ", ".join(f"{name} {count}" for name, count in sorted(done.covered.items()))
    return f"{done.name}: {told} in {done.cases} cases and {done.seconds:.1f} s ({covered})"


def finding_dict(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain data."""
    case = finding.case
    return {
        "kernel": case.name,
        "kind": finding.kind,
        "fault": finding.fault,
        "sentence": finding.sentence,
        "contract": finding.contract,
        "sizes": dict(case.sizes),
        "cores": case.cores,
        "values": case.values,
        "seed": case.seed,
        "golden": finding.path,
    }


def to_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain data."""
    return {
        "library": report.library,
        "exit_code": int(report.exit_code),
        "kernels": [
            {
                "kernel": done.name,
                "layout": LAYOUTS[done.about.layout],
                "team": TEAMS[done.about.team],
                "limits": list(done.about.limits),
                "cases": done.cases,
                "seconds": round(done.seconds, 3),
                "covered": dict(sorted(done.covered.items())),
                "findings": [
                    finding_dict(f) | {"after": done.after[f.kind]} for f in done.findings
                ],
            }
            for done in report.sweeps
        ],
    }

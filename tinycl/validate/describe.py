"""From which sizes on, and on which cores, a finding shows: tried out around its smallest case."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from tinycl.validate.about import About
from tinycl.validate.case import Case
from tinycl.validate.check import check
from tinycl.validate.client import Client
from tinycl.validate.contracts import Kept
from tinycl.validate.kinds import KINDS, Finding
from tinycl.validate.shapes import CORES
from tinycl.validate.table import STRUCTS

FREE = ("n", "ci", "co", "c", "h", "w", "fi", "fo", "count", "classes", "m", "k", "rows")


def needs(
    client: Client, finding: Finding, about: About, seconds: float, kept: Kept | None = None
) -> Finding:
    """Return the finding with what it needs.

    Parameters
    ----------
    client : Client
    finding : Finding
    about : About
    seconds : float
        After them nothing else is tried out.
    kept : Kept, optional
        What bits are held against.
    """
    trial = _Trial(client, finding, about, time.monotonic() + seconds, kept)
    if kept is not None:
        kept.asking = False
    told = [*_sizes(trial), *_geometry(finding.case)]
    if about.team != 1:
        told.append(_cores(trial))
    elif finding.case.cores > 1:
        told.append(f"on {finding.case.cores} cores")
    if kept is not None:
        kept.asking = True
    return replace(finding, needs=", ".join(part for part in told if part))


@dataclass(frozen=True)
class _Trial:
    """A finding, and what tells whether another case has it, too."""

    client: Client
    finding: Finding
    about: About
    end: float
    kept: Kept | None

    @property
    def over(self) -> bool:
        return time.monotonic() > self.end

    def shows(self, case: Case) -> bool:
        others = [kind for kind in KINDS if kind != self.finding.kind]
        return check(self.client, case, self.about, others, self.kept) is not None


def _sizes(trial: _Trial) -> list[str]:
    """Name each size that cannot be smaller by one."""
    found = []
    case = trial.finding.case
    for field in STRUCTS[case.kernel.family].split():
        value = case.size[field]
        if field not in FREE or value < 2 or trial.over:
            continue
        smaller = resized(case, field, value - 1)
        if smaller is not None and not trial.shows(smaller):
            found.append(f"from {field} = {value} on")
    return found


def resized(case: Case, field: str, value: int) -> Case | None:
    """Return the case with another size, the output's sizes with it; None if nothing is left."""
    size = dict(case.sizes) | {field: value}
    for axis, before, after in (("h", "pad_top", "pad_bottom"), ("w", "pad_left", "pad_right")):
        if f"{axis}o" in size:
            room = size[axis] + size[before] + size[after] - size[f"k{axis}"]
            if room < 0:
                return None
            size[f"{axis}o"] = room // size[f"stride_{axis}"] + 1
    if "rows" in size and size["k"] > size["m"]:
        return None
    return case.but(sizes=tuple(size.items()))


def _geometry(case: Case) -> list[str]:
    size, found = case.size, []
    if max(size.get("stride_h", 1), size.get("stride_w", 1)) > 1:
        found.append(f"stride {size['stride_h']}x{size['stride_w']}")
    edges = [v for n, v in case.sizes if n.startswith("pad_")]
    if any(edges):
        found.append("padding {}, {}, {}, {} (top, bottom, left, right)".format(*edges))
    found += [f for f in ("transpose_a", "transpose_b") if size.get(f)]
    if case.kernel.optional and case.optional and case.name != "sgd":
        found.append("with a bias")
    if case.values != "plain":
        found.append(f"{case.values} values")
    return found


def _cores(trial: _Trial) -> str:
    case, showing, untried = trial.finding.case, [], ""
    beyond = bool(trial.about.broken(case))
    for cores in sorted({*CORES, case.cores}):
        other = case.but(cores=cores)
        if cores == case.cores:
            showing.append(cores)
        elif bool(trial.about.broken(other)) != beyond:
            continue
        elif trial.over:
            untried = " (others were not tried in time)"
        elif trial.shows(other):
            showing.append(cores)
    if showing == list(CORES):
        return "on every number of cores"
    return f"on {_named(showing)} core{'s' * (showing != [1])}{untried}"


def _named(cores: list[int]) -> str:
    head = ", ".join(map(str, cores[:-1]))
    return f"{head} and {cores[-1]}" if head else str(cores[-1])

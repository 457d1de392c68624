"""The tables of a report, as text in cells: what each shows, and which columns mean something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinycl.profile.model import Measured, Profile, Report
from tinycl.profile.operations import BACKWARD, DIRECTIONS, UPDATE
from tinycl.profile.policies import DENSE


@dataclass(frozen=True)
class Grid:
    """A table: its title, its head, its rows; the first `words` columns are text."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


def grids(report: Report) -> Iterator[Grid]:
    """Yield the tables of a report, those with nothing to compare left out."""
    if not report.profiles:
        return
    shown = main_profile(report)
    yield step_grid(report)
    if shown is not None:
        yield direction_grid(report, shown)
        for local in report.locals:
            yield operation_grid(report, (shown,), local)
        if len(report.profiles) > 1:
            yield policy_grid(report)
        return
    for local in report.locals:
        yield operation_grid(report, report.profiles, local)


def main_profile(report: Report) -> Profile | None:
    """Return the profile whose operations are listed: dense, or the only one; None for cases."""
    named = [p for p in report.profiles if p.name == DENSE]
    return next(iter(named or (report.profiles if len(report.profiles) == 1 else ())), None)


def number(value: float) -> str:
    """Return a mean with as many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.1f}"


def ratio(part: float, whole: float, form: str = ".2f") -> str:
    """Return a quotient, or nothing where it has no value."""
    return format(part / whole, form) if whole else ""


def step_grid(report: Report) -> Grid:
    """Return one row a profile and setting: the whole step."""
    tiled, parallel = report.locals != (0,), len(report.cores) > 1
    cycles = report.unit == "cycles"
    head = ["profile", "placement", "cores", *(["cycles"] if cycles else [])]
    head += ["speed-up"] if parallel else []
    head += ["instructions", "MAC", f"MAC/{report.unit[:-1]}", *(["tiles"] if tiled else [])]
    rows = []
    for p in report.profiles:
        macs = sum(operation.macs for operation in p.operations)
        for run in p.runs:
            cost = p.total(run)
            row = [p.name, run.setting.placement, str(run.setting.cores)]
            row += [number(sum(run.cycles) / p.steps)] if cycles else []
            row += [ratio(p.total(p.base(run)), cost)] if parallel else []
            row += [number(sum(run.instructions) / p.steps), number(macs / p.steps)]
            row += [ratio(macs, cost, ".3f")]
            row += [number(sum(run.tiles) / p.steps)] if tiled else []
            rows.append(tuple(row))
    return Grid(f"The whole step{means(report.profiles)}", tuple(head), tuple(rows), 2)


def direction_grid(report: Report, p: Profile) -> Grid:
    """Return one row a direction, and the share of it in each setting."""
    settings = [run.setting for run in p.runs]
    told = [
        f"{s.placement}, {s.cores} core{'s' if s.cores > 1 else ''}"
        if len(report.settings) > 1
        else report.unit
        for s in settings
    ]
    head = ("direction", "MAC", *(cell for name in told for cell in (name, "share")))
    rows = []
    for direction in DIRECTIONS:
        mine = [o for o in p.operations if o.direction == direction]
        if not mine:
            continue
        row = [direction, number(sum(o.macs for o in mine) / p.steps)]
        for run in p.runs:
            cost = p.total(run, (direction,))
            row += [number(cost / p.steps), ratio(cost, p.total(run), ".1%")]
        rows.append(tuple(row))
    title = f"By direction: {p.name}, {report.unit}{means([p])}"
    return Grid(title, head, tuple(rows))


def operation_grid(report: Report, profiles: Sequence[Profile], local: int) -> Grid:
    """Return one row an operation in one placement: its cost on each number of cores."""
    several, tiled = len(profiles) > 1, local != 0
    runs = [r for r in profiles[0].runs if r.setting.local == local]
    cores = [r.setting.cores for r in runs]
    most = "" if len(cores) == 1 else f" on {cores[-1]}"
    head = ["operation", "tensor", "MAC"]
    head += [f"{n} core{'s' if n > 1 else ''}" for n in cores] if most else [report.unit]
    head += ["speed-up"] if most else []
    head += [f"MAC/{report.unit[:-1]}{most}"]
    head += [f"instructions{most}"] if report.unit == "cycles" else []
    head += ["tiles"] if tiled else []
    head += [f"share{most}"]
    rows = []
    for p in profiles:
        mine = [run for run in p.runs if run.setting.local == local]
        for place, operation in enumerate(p.operations):
            cells = _operation(report, p, mine, place, bool(most), tiled)
            name = (p.name,) if several else ()
            rows.append((*name, operation.kind, operation.tensor, *cells))
    what = "By operation" if several else f"By operation: {profiles[0].name}"
    title = f"{what}, {runs[0].setting.placement}, {report.unit}{means(profiles)}"
    return Grid(title, (*(("case",) if several else ()), *head), tuple(rows), 3 if several else 2)


def _operation(
    report: Report, p: Profile, runs: Sequence[Measured], place: int, parallel: bool, tiled: bool
) -> list[str]:
    first, last = runs[0], runs[-1]
    macs, cost = p.operations[place].macs, last.cost[place]
    cells = [number(macs / p.steps), *(number(run.cost[place] / p.steps) for run in runs)]
    cells += [ratio(first.cost[place], cost)] if parallel else []
    cells += [ratio(macs, cost, ".3f") if macs else ""]
    cells += [number(last.instructions[place] / p.steps)] if report.unit == "cycles" else []
    cells += [number(last.tiles[place] / p.steps)] if tiled else []
    return [*cells, ratio(cost, p.total(last), ".1%")]


def policy_grid(report: Report) -> Grid:
    """Return one row a policy: its costs in each placement against those of dense training."""
    ends = dict.fromkeys((report.cores[0], report.cores[-1]))
    keys = [(n, local) for local in report.locals for n in ends]
    dense = next(p for p in report.profiles if p.name == DENSE)
    head = ["policy", "MAC"]
    rows: list[list[str]] = [
        [p.name, number(sum(o.macs for o in p.operations) / p.steps)] for p in report.profiles
    ]
    for n, local in keys:
        whole = dense.find(n, local)
        if whole is None:
            continue
        where = f" ({whole.setting.placement}, {n})" if len(keys) > 1 else ""
        head += [f"step{where}", "of dense", "backward", "of dense", "update", "of dense"]
        for p, row in zip(report.profiles, rows, strict=True):
            run = p.find(n, local)
            for directions in (DIRECTIONS, BACKWARD, (UPDATE,)):
                cost = 0 if run is None else p.total(run, directions)
                share = ratio(cost / p.steps, dense.total(whole, directions) / dense.steps)
                row += [number(cost / p.steps), share]
    title = f"Dense against each policy, {report.unit}{means(report.profiles)}"
    return Grid(title, tuple(head), tuple(tuple(row) for row in rows))


def means(profiles: Sequence[Profile]) -> str:
    """Say what numbers are means of, if they are."""
    steps = {p.steps for p in profiles}
    return "" if steps == {1} else f" (means of {' or '.join(map(str, sorted(steps)))} steps)"


def notes(report: Report) -> Iterator[str]:
    """Yield what a reader must know besides the tables."""
    yield f"{report.what}; target {report.target}, contract {report.contract}"
    for local in report.untiled():
        told = "all local memory" if local < 0 else f"{local:,} bytes of local memory"
        yield f"with {told}, no operation was cut into tiles: everything worked in place"
    if any(o.direction == "selection" for p in report.profiles for o in p.operations):
        yield "backward: gradients, selection, and the copies that a subset of channels takes"
    tensors = sum(len(p.digests) * len(p.runs) for p in report.profiles)
    if report.different:
        yield f"{len(report.different)} of {tensors} tensors differ from the specification:"
        yield from report.different
    else:
        yield f"{tensors} outputs and records, all equal to the specification"

"""The tables of a report, as text in cells: what each shows, and which columns mean something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinycl.contract import DEFAULT
from tinycl.profile.model import Measured, Profile, Report
from tinycl.profile.operations import BACKWARD, DIRECTIONS
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
    yield step_grid(report, report.profiles if shown is None else (shown,))
    if shown is not None:
        yield direction_grid(report, shown)
    for local in report.locals:
        yield operation_grid(report, report.profiles if shown is None else (shown,), local)
    if shown is not None and shown.name == DENSE and len(report.profiles) > 1:
        yield from (policy_grid(report, shown, local) for local in report.locals)


def main_profile(report: Report) -> Profile | None:
    """Return the profile whose operations are listed: dense, or the only one; None else."""
    named = [p for p in report.profiles if p.name == DENSE]
    return next(iter(named or (report.profiles if len(report.profiles) == 1 else ())), None)


def number(value: float) -> str:
    """Return a mean with as many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.1f}"


def ratio(part: float, whole: float, form: str = ".2f") -> str:
    """Return a quotient, or nothing where it has no value."""
    return format(part / whole, form) if whole else ""


def step_grid(report: Report, profiles: Sequence[Profile]) -> Grid:
    """Return one row a profile and setting: the whole step."""
    tiled, parallel = report.locals != (0,), len(report.cores) > 1
    cycles = report.unit == "cycles"
    head = ["profile", "placement", "cores", *(["cycles"] if cycles else [])]
    head += ["speed-up"] if parallel else []
    head += ["instructions", "MAC", f"MAC/{report.unit[:-1]}", *(["tiles"] if tiled else [])]
    rows = []
    for p in profiles:
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
    return Grid(f"The whole step{means(profiles)}", tuple(head), tuple(rows), 2)


def direction_grid(report: Report, p: Profile) -> Grid:
    """Return one row a direction, and the share of it on the fewest and the most cores."""
    runs = [run for run in p.runs if run.setting.cores in (report.cores[0], report.cores[-1])]
    settings = [run.setting for run in runs]
    told = [str(setting) if len(report.settings) > 1 else report.unit for setting in settings]
    head = ("direction", "MAC", *(cell for name in told for cell in (name, "share")))
    rows = []
    for direction in DIRECTIONS:
        mine = [o for o in p.operations if o.direction == direction]
        if not mine:
            continue
        row = [direction, number(sum(o.macs for o in mine) / p.steps)]
        for run in runs:
            cost = p.total(run, (direction,))
            row += [number(cost / p.steps), ratio(cost, p.total(run), ".1%")]
        rows.append(tuple(row))
    title = f"By direction: {p.name}, {report.unit}{means([p])}"
    return Grid(title, head, tuple(rows))


def operation_grid(report: Report, profiles: Sequence[Profile], local: int) -> Grid:
    """Return one row an operation in one placement: its cost on each number of cores."""
    several, tiled = len(profiles) > 1, local != 0
    both = tiled and 0 in report.locals
    runs = [r for r in profiles[0].runs if r.setting.local == local]
    cores = [r.setting.cores for r in runs]
    parallel = len(cores) > 1
    head = ["operation", "tensor", "MAC"]
    head += [f"{n} core{'s' if n > 1 else ''}" for n in cores] if parallel else [report.unit]
    head += ["speed-up"] if parallel else []
    head += [f"MAC/{report.unit[:-1]}"]
    head += ["instructions"] if report.unit == "cycles" else []
    head += ["tiles"] if tiled else []
    head += ["of in place"] if both else []
    head += ["share"]
    rows = []
    for p in profiles:
        mine = [run for run in p.runs if run.setting.local == local]
        for place, operation in enumerate(p.operations):
            cells = _operation(report, p, mine, place, parallel, tiled)
            name = (p.name,) if several else ()
            rows.append((*name, operation.kind, operation.tensor, *cells))
    what = "By operation" if several else f"By operation: {profiles[0].name}"
    title = f"{what}, {runs[0].setting.placement}, {report.unit}{means(profiles)}"
    title += f"; MAC/{report.unit[:-1]} and what follows: {cores[-1]} cores" if parallel else ""
    return Grid(
        title, (*(("profile",) if several else ()), *head), tuple(rows), 3 if several else 2
    )


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
    still = p.find(last.setting.cores, 0) if tiled else None
    cells += [ratio(cost, still.cost[place])] if still else []
    return [*cells, ratio(cost, p.total(last), ".1%")]


def policy_grid(report: Report, dense: Profile, local: int) -> Grid:
    """Return one row a policy in one placement: its costs, and their shares of dense training's."""
    ends = dict.fromkeys((report.cores[0], report.cores[-1]))
    wholes = [run for n in ends if (run := dense.find(n, local)) is not None]
    head = ["policy", "MAC", "of dense"]
    for whole in wholes:
        where = f" on {whole.setting.cores}" if wholes[1:] else ""
        head += [f"step{where}", "of dense", f"backward{where}", "of dense"]
    rows = []
    for p in report.profiles:
        row = [p.name]
        macs, most = (sum(o.macs for o in q.operations) / q.steps for q in (p, dense))
        row += [number(macs), ratio(macs, most)]
        for whole in wholes:
            run = p.find(*whole.setting)
            for directions in (DIRECTIONS, BACKWARD):
                cost = 0 if run is None else p.total(run, directions) / p.steps
                row += [number(cost), ratio(cost, dense.total(whole, directions) / dense.steps)]
        rows.append(tuple(row))
    where = f", {wholes[0].setting.placement}" if wholes else ""
    title = f"Dense against each policy{where}, {report.unit}{means(report.profiles)}"
    return Grid(title, tuple(head), tuple(rows))


def means(profiles: Sequence[Profile]) -> str:
    """Say what numbers are means of, if they are."""
    steps = {p.steps for p in profiles}
    return "" if steps == {1} else f" (means of {' or '.join(map(str, sorted(steps)))} steps)"


def notes(report: Report) -> Iterator[str]:
    """Yield what a reader must know besides the tables."""
    yield f"{report.what}; target {report.target}, {spelled(report.contract)}"
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


def spelled(contract: str) -> str:
    """Name the fields of a contract that are not the default ones."""
    others = [word for word in contract.split() if word not in DEFAULT.text.split()]
    return f"the default contract with {' '.join(others)}" if others else "the default contract"

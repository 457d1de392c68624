"""One figure of a profile: the step by direction, its largest operations, the policies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinycl.plot.draw import save
from tinycl.profile.model import Measured, Profile, Report
from tinycl.profile.operations import (
    BIAS,
    COPY,
    DIRECTIONS,
    FORWARD,
    INPUT,
    OTHER,
    SELECTION,
    UPDATE,
    WEIGHT,
)
from tinycl.profile.policies import DENSE
from tinycl.profile.table import main_profile, means

WIDTH, TITLE = 9.5, 0.7  # inches
MOST = 14  # operations that have bars of their own
COLOURS = dict(zip(DIRECTIONS, ("C0", "C1", "C2", "C8", "C3", "C6", "C7", "0.6"), strict=True))
PARTS = {
    "forward": (FORWARD,),
    "gradients": (WEIGHT, INPUT, BIAS),
    "selection and copies": (SELECTION, COPY),
    "update": (UPDATE, OTHER),
}
PLACES = ("C0", "C1", "C2", "C3")


@dataclass(frozen=True)
class Panel:
    """A panel: its title, its height in inches, and what draws it on matplotlib's axes."""

    title: str
    height: float
    draw: Callable[[Any], None]


def draw_profile(report: Report, path: Path) -> None:
    """Draw a figure and write it whole or not at all; the same report gives the same bytes.

    Parameters
    ----------
    report : Report
    path : Path
        Ends in ``.png``, ``.svg`` or ``.pdf``.

    Raises
    ------
    TinyclError
        Another suffix, or matplotlib is missing.
    FileError
        The place cannot be written.
    """
    shown = panels(report)

    def fill(figure: Any) -> None:
        title = f"target {report.target}\n{report.what}"
        figure.suptitle(title, fontsize=9, parse_math=False)
        heights = [panel.height for panel in shown]
        grid = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights)
        for axes, panel in zip(grid[:, 0], shown, strict=True):
            panel.draw(axes)
            axes.set_title(panel.title, loc="left", fontsize=9)
            axes.spines[["top", "right"]].set_visible(False)

    save(path, (WIDTH, TITLE + sum(panel.height for panel in shown)), fill)


def panels(report: Report) -> list[Panel]:
    """Return the panels, top to bottom; those with nothing to show are left out."""
    shown = main_profile(report)
    if shown is None:
        return [_rows(report, report.profiles, f"{report.unit}{means(report.profiles)}")]
    found = [_step(report, shown)]
    title = f"largest operations: {shown.name}, {report.unit}{means([shown])}"
    found.append(_rows(report, (shown,), title))
    if shown.name == DENSE and len(report.profiles) > 1:
        found.append(_policies(report, shown))
    return found


def _step(report: Report, p: Profile) -> Panel:
    """Stack the directions of each setting, and write the speed-up at the end of the bar."""
    runs = [run for local in report.locals for run in p.runs if run.setting.local == local]
    names = [str(run.setting) for run in runs]

    def draw(axes: Any) -> None:
        ends = [0.0] * len(runs)
        for direction in DIRECTIONS:
            widths = [p.total(run, (direction,)) / p.steps for run in runs]
            if any(widths):
                axes.barh(names, widths, 0.75, ends, color=COLOURS[direction], label=direction)
            ends = [a + b for a, b in zip(ends, widths, strict=True)]
        for place, (run, end) in enumerate(zip(runs, ends, strict=True)):
            told = _speed(report, p, run)
            axes.text(end, place, f"  {end:,.0f}{told}", va="center", fontsize=7)
        axes.margins(x=0.3)
        axes.invert_yaxis()
        _numbers(axes)
        if axes.containers:
            axes.legend(loc="lower right", frameon=False, fontsize=7)

    title = f"whole step: {p.name}, {report.unit}{means([p])}"
    return Panel(title, 0.7 + max(0.24 * len(runs), 0.9), draw)


def _speed(report: Report, p: Profile, run: Measured) -> str:
    base, cost = p.total(p.base(run)), p.total(run)
    macs = sum(operation.macs for operation in p.operations)
    if not cost:
        return ""
    faster = f", {base / cost:.2f} times as fast" if p.base(run) is not run else ""
    return f"{faster}, {macs / cost:.2f} MAC/{report.unit[:-1]}"


def _rows(report: Report, profiles: tuple[Profile, ...], title: str) -> Panel:
    """Draw the operations that cost most on the most cores, one bar a placement."""
    most = report.cores[-1]
    found: list[tuple[str, int, list[float]]] = []
    for p in profiles:
        runs = [run for local in report.locals if (run := p.find(most, local)) is not None]
        own = f"{p.name}: " if len(profiles) > 1 else ""
        found += [
            (
                f"{own}{operation.kind}  {operation.tensor}",
                operation.macs // p.steps,
                [run.cost[place] / p.steps for run in runs],
            )
            for place, operation in enumerate(p.operations)
        ]
    found.sort(key=lambda row: -max(row[2], default=0))
    rest, found = found[MOST:], found[:MOST]
    if rest:
        sums = [sum(values) for values in zip(*(row[2] for row in rest), strict=True)]
        found.append((f"{len(rest)} others", sum(row[1] for row in rest), sums))
    placements = [
        next(s.placement for s in report.settings if s.local == local) for local in report.locals
    ]

    def draw(axes: Any) -> None:
        thick = 0.8 / max(1, len(placements))
        for series, placement in enumerate(placements):
            places = [row + (series + 0.5) * thick - 0.4 for row in range(len(found))]
            widths = [values[series] for *_, values in found]
            axes.barh(places, widths, thick, color=PLACES[series % 4], label=placement)
            for place, width, (_, macs, _) in zip(places, widths, found, strict=True):
                told = f" {macs / width:.2f}" if macs and width else ""
                axes.text(width, place, told, va="center", fontsize=5.5)
        names = [name.replace("$", r"\$") for name, *_ in found]
        axes.set_yticks(range(len(found)), names, fontsize=7)
        axes.set_ylim(len(found) - 0.5, -0.5)
        _numbers(axes)
        if len(placements) > 1:
            axes.legend(loc="center right", frameon=False, fontsize=7)

    title = f"{title}, {_cores(most)}; at the bars MAC/{report.unit[:-1]}"
    return Panel(title, 0.7 + 0.2 * len(found), draw)


def _policies(report: Report, dense: Profile) -> Panel:
    """Stack the parts of each policy's step as shares of the dense step."""
    most = report.cores[-1]
    rows: list[tuple[str, list[float]]] = []
    for p in report.profiles:
        for local in report.locals:
            run, whole = p.find(most, local), dense.find(most, local)
            cost = 0.0 if whole is None else dense.total(whole) / dense.steps
            if run is None or not cost:
                continue
            parts = [p.total(run, part) / p.steps / cost for part in PARTS.values()]
            rows.append((f"{p.name}, {run.setting.placement}", parts))

    def draw(axes: Any) -> None:
        ends = [0.0] * len(rows)
        names = [name for name, _ in rows]
        for part, (label, directions) in enumerate(PARTS.items()):
            widths = [parts[part] for _, parts in rows]
            axes.barh(names, widths, 0.75, ends, color=COLOURS[directions[0]], label=label)
            ends = [a + b for a, b in zip(ends, widths, strict=True)]
        for place, end in enumerate(ends):
            axes.text(end, place, f" {end:.2f}", va="center", fontsize=7)
        axes.axvline(1, color="0.4", linewidth=0.7, linestyle=":")
        axes.margins(x=0.08, y=0.01)
        axes.invert_yaxis()
        axes.legend(
            loc="upper right",
            bbox_to_anchor=(1.0, -1 / len(rows)),
            ncols=len(PARTS),
            frameon=False,
            fontsize=7,
        )

    title = f"share of the dense step in the same placement, {report.unit}, {_cores(most)}"
    return Panel(title, 0.7 + 0.2 * len(rows), draw)


def _cores(count: int) -> str:
    return f"{count} core{'s' if count > 1 else ''}"


def _numbers(axes: Any) -> None:
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")

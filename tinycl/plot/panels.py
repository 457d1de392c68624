"""The panels of a figure: what each shows, and how tall it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.plot.read import Told

PLAIN = 1.7  # inches
STRIP = 0.24  # of a layer's row in a map
FRAME = 0.6  # title and ticks of a map
FEW = 8  # layers that lines can tell apart
POINTS = 400  # of a line


@dataclass(frozen=True)
class Panel:
    """A panel: its title, its height in inches, and what draws it on matplotlib's axes."""

    title: str
    height: float
    draw: Callable[[Any], None]


def panels(told: Told) -> list[Panel]:
    """Return the panels, top to bottom; those with nothing to show are left out."""
    found = [_ratio_lines(told) if len(told.ratios) <= FEW else _ratio_map(told)]
    if len(told.skipped):
        found.append(_skipped(told))
    if told.maps:
        found.append(_channels(told))
    found.append(_loss(told))
    if len(told.accuracy):
        found.append(_accuracy(told))
    return found


def thinned(values: Array, every: int, steps: int) -> tuple[Array, Array, int]:
    """Return at most `POINTS` means over equal parts.

    Parameters
    ----------
    values : ndarray of float64, shape (values,)
        One `every` steps; NaN are left out of a mean.
    every, steps : int

    Returns
    -------
    places : ndarray of float64
        The middle of each part, in steps.
    means : ndarray of float64
        NaN where a part has no number.
    width : int
        Values a part; the last may have fewer.
    """
    width = max(1, -(-len(values) // POINTS))
    first = np.arange(0, len(values), width)
    numbers = ~np.isnan(values)
    sums = np.add.reduceat(np.where(numbers, values, 0.0), first)
    counts = np.add.reduceat(numbers.astype(np.float64), first)
    means = np.divide(sums, counts, out=np.full(len(first), np.nan), where=counts > 0)
    places = (first + np.minimum(first + width, len(values))) * every / 2
    return np.minimum(places, steps), means, width


def _title(what: str, width: int, every: int = 1) -> str:
    """Say what a point stands for, if it is not one step."""
    seen = "" if every == 1 else f", of every {every}th step"
    return f"{what}{seen}" + ("" if width == 1 else f" (means of {width} values)")


def _ratio_lines(told: Told) -> Panel:
    lines = {name: thinned(v, told.every, told.steps) for name, v in told.ratios.items()}
    width = next(iter(lines.values()))[2]

    def draw(axes: Any) -> None:
        for place, (name, (x, y, _)) in enumerate(lines.items()):
            # Equal ratios lie on each other: a later, thinner line leaves the earlier seen.
            thick = 5 - 4 * place / max(1, len(lines) - 1)
            axes.plot(x, y, color=f"C{place}", linewidth=thick, label=_plain(name), **_dot(x))
        axes.margins(y=0.1)
        axes.set_ylim(bottom=0)
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)

    title = _title("ratio of what survives, mean over the samples", width, told.every)
    return Panel(title, max(PLAIN, 0.45 + 0.17 * len(lines)), draw)


def _ratio_map(told: Told) -> Panel:
    lines = [thinned(v, told.every, told.steps) for v in told.ratios.values()]
    table = np.array([means for _, means, _ in lines])
    numbers = table[~np.isnan(table)]
    top = max(1.0, numbers.max()) if numbers.size else 1.0

    def draw(axes: Any) -> None:
        shown = axes.imshow(
            table,
            aspect="auto",
            interpolation="nearest",
            extent=(0, told.steps, len(table), 0),
            vmin=0,
            vmax=top,
            cmap="viridis",
        )
        _rows(axes, list(told.ratios))
        _bar(axes, shown)

    title = _title("ratio of what survives, mean over the samples", lines[0][2], told.every)
    return Panel(title, FRAME + STRIP * len(lines), draw)


def _skipped(told: Told) -> Panel:
    x, y, width = thinned(told.skipped, 1, told.steps)

    def draw(axes: Any) -> None:
        axes.fill_between(x, y, color="C7", alpha=0.5, linewidth=0)
        axes.plot(x, y, color="C7", linewidth=1, **_dot(x))
        axes.set_ylim(0, told.samples)

    return Panel(_title(f"samples skipped of {told.samples}", width), PLAIN, draw)


def _channels(told: Told) -> Panel:
    def draw(axes: Any) -> None:
        for row, made in enumerate(told.maps):
            shown = axes.imshow(
                made.share.T,
                aspect="auto",
                interpolation="antialiased",
                interpolation_stage="data",
                extent=(0, len(made.share) * made.width, row + 0.94, row + 0.06),
                vmin=0,
                vmax=1,
                cmap="Blues",
            )
        axes.set_ylim(len(told.maps), 0)
        _rows(axes, [f"{made.name} ({made.share.shape[1]})" for made in told.maps])
        _bar(axes, shown)

    widths = {made.width for made in told.maps}
    means = "" if widths == {1} else f", share of {' or '.join(map(str, sorted(widths)))} steps"
    title = f"channels updated (how many there are; channel 0 at the top of its strip){means}"
    return Panel(title, FRAME + STRIP * len(told.maps), draw)


def _loss(told: Told) -> Panel:
    x, y, width = thinned(told.loss, 1, told.steps)

    def draw(axes: Any) -> None:
        axes.plot(x, y, color="C3", linewidth=1, **_dot(x))

    return Panel(_title("loss", width), PLAIN, draw)


def _accuracy(told: Told) -> Panel:
    def draw(axes: Any) -> None:
        axes.plot(*told.accuracy.T, color="C2", linewidth=1, marker="o", markersize=3)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.4g}")

    return Panel("accuracy on the test split, after each epoch", PLAIN, draw)


def _rows(axes: Any, names: list[str]) -> None:
    places = [row + 0.5 for row in range(len(names))]
    axes.set_yticks(places, [_plain(name) for name in names], fontsize=7)
    axes.tick_params(axis="y", length=0)
    for row in range(1, len(names)):
        axes.axhline(row, color="0.7", linewidth=0.5)


def _bar(axes: Any, shown: Any) -> None:
    """Put the scale of the colours close to the right edge, however tall the panel is."""
    axes.figure.colorbar(shown, cax=axes.inset_axes((1.01, 0, 0.015, 1)))


def _plain(name: str) -> str:
    """Return a name as matplotlib writes it, in which $ would begin a formula."""
    return name.replace("$", r"\$")


def _dot(x: Array) -> dict[str, str]:
    """Return a marker where there is one point and so no line."""
    return {"marker": "."} if len(x) == 1 else {}

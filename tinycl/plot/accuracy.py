"""One figure of continual learning: accuracy over batches, and the accuracy matrix of each run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinycl.cl import Accuracies
from tinycl.errors import TinyclError
from tinycl.plot.draw import save

WIDTH, TITLE = 9.0, 0.5  # inches
LINES, FRAME, ROW = 2.4, 0.9, 0.26  # height of the lines; of a matrix: what is around it, a row
LEAST, MOST = 1.2, 5.0  # height of the rows of a matrix
FEW = 12  # batches and tasks whose cells have room for a number
NAMES = 30  # tasks whose names have room


@dataclass(frozen=True)
class Panel:
    """A panel: its title, its height in inches, and what draws it on matplotlib's axes."""

    title: str
    height: float
    draw: Callable[[Any], None]


def draw_accuracies(runs: Mapping[str, Accuracies], path: Path, title: str = "") -> None:
    """Draw a figure and write it whole or not at all; the same input gives the same bytes.

    Parameters
    ----------
    runs : mapping of str to Accuracies
        By name; each has a line and a matrix.
    path : Path
        Ends in ``.png``, ``.svg`` or ``.pdf``.
    title : str

    Raises
    ------
    TinyclError
        No runs, another suffix, or matplotlib is missing.
    FileError
        The place cannot be written.
    """
    shown = panels(runs)

    def fill(figure: Any) -> None:
        if title:
            figure.suptitle(title, fontsize=10, parse_math=False)
        heights = [panel.height for panel in shown]
        grid = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights)
        for axes, panel in zip(grid[:, 0], shown, strict=True):
            panel.draw(axes)
            axes.set_title(panel.title, loc="left", fontsize=9, parse_math=False)

    save(path, (WIDTH, TITLE + sum(panel.height for panel in shown)), fill)


def panels(runs: Mapping[str, Accuracies]) -> list[Panel]:
    """Return the panels, top to bottom.

    Raises
    ------
    TinyclError
        No runs.
    """
    if not runs:
        raise TinyclError("plot: there are no runs to draw; give the accuracies of one at least")
    return [_lines(runs), *(_matrix(name, run) for name, run in runs.items())]


def _lines(runs: Mapping[str, Accuracies]) -> Panel:
    def draw(axes: Any) -> None:
        for place, (name, run) in enumerate(runs.items()):
            colour = f"C{place % 10}"
            whole, seen = run.over_batches(), run.over_seen()
            x = np.arange(len(whole))
            dot = {"marker": "o", "markersize": 3} if len(x) <= FEW else {}
            axes.plot(x, whole, color=colour, linewidth=1.2, label=_plain(name), **dot)
            axes.plot(x, seen, color=colour, linewidth=0.8, linestyle=":", **dot)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel("learning batch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="y", color="0.9", linewidth=0.5)
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)

    title = "accuracy after each batch: all test samples; dotted, those of the tasks seen so far"
    return Panel(title, max(LINES, 0.6 + 0.17 * len(runs)), draw)


def _matrix(name: str, run: Accuracies) -> Panel:
    batches, tasks = run.matrix.shape

    def draw(axes: Any) -> None:
        shown = axes.imshow(
            run.matrix, aspect="auto", interpolation="nearest", vmin=0, vmax=1, cmap="viridis"
        )
        for task, batch in enumerate(run.learned):
            if batch < batches:  # above the line the task had not been seen
                axes.hlines(batch - 0.5, task - 0.5, task + 0.5, color="white", linewidth=2)
        if max(batches, tasks) <= FEW:
            for (batch, task), value in np.ndenumerate(run.matrix):
                colour = "black" if value > 0.6 else "white"
                axes.text(
                    task, batch, f"{value:.2f}", ha="center", va="center", color=colour, fontsize=7
                )
        axes.set_ylabel("after batch")
        axes.yaxis.get_major_locator().set_params(integer=True)
        if tasks <= NAMES:
            names = [_plain(n) for n in run.names] or [str(task) for task in range(tasks)]
            long = sum(map(len, names)) > 100
            axes.set_xticks(
                range(tasks),
                names,
                fontsize=7,
                rotation=30 if long else 0,
                ha="right" if long else "center",
            )
        else:
            axes.set_xlabel("task")
        bar = axes.inset_axes((1.01, 0, 0.015, 1))
        axes.figure.colorbar(shown, cax=bar)

    height = FRAME + min(MOST, max(LEAST, ROW * batches))
    return Panel(f"{name}: accuracy on each task{_told(run)}", height, draw)


def _told(run: Accuracies) -> str:
    parts = {
        "average": run.average(),
        "forgetting": run.forgetting(),
        "backward transfer": run.backward_transfer(),
        "forward transfer": run.forward_transfer(),
    }
    known = [f"{name} {value:.3f}" for name, value in parts.items() if value is not None]
    return f" ({', '.join(known)})" if known else ""


def _plain(name: str) -> str:
    """Return a name as matplotlib writes it: $ would begin a formula, and _ hides from legends."""
    return (f" {name}" if name.startswith("_") else name).replace("$", r"\$")

"""One figure of a run: ratio, skipped samples, loss, accuracy, and the channels that trained."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tinycl.errors import FileError, TinyclError
from tinycl.files import write_whole
from tinycl.plot.panels import panels
from tinycl.plot.read import Told

SUFFIXES = (".png", ".svg", ".pdf")
WIDTH, TITLE = 9.0, 0.9  # inches
DPI = 110
NO_DATES: dict[str, dict[str, str | None]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def draw(told: Told, path: Path) -> None:
    """Draw a figure and write it whole or not at all; the same input gives the same bytes.

    Parameters
    ----------
    told : Told
    path : Path
        Ends in one of `SUFFIXES`.

    Raises
    ------
    TinyclError
        Another suffix, or matplotlib is missing.
    FileError
        The place cannot be written.
    """
    shown = panels(told)
    heights = [panel.height for panel in shown]

    def fill(figure: Any) -> None:
        figure.suptitle(f"{told.title}\n{told.totals}", fontsize=10, parse_math=False)
        grid = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights)
        for axes, panel in zip(grid[:, 0], shown, strict=True):
            panel.draw(axes)
            axes.set_title(panel.title, loc="left", fontsize=9)
            axes.set_xlim(0, told.steps)
        grid[-1, 0].set_xlabel("step")

    save(path, (WIDTH, TITLE + sum(heights)), fill)


def save(path: Path, size: tuple[float, float], fill: Callable[[Any], None]) -> None:
    """Make a figure, have it filled, and write it whole or not at all.

    Parameters
    ----------
    path : Path
        Ends in one of `SUFFIXES`.
    size : (float, float)
        Width and height in inches.
    fill : callable
        Is given matplotlib's figure.

    Raises
    ------
    TinyclError
        Another suffix, or matplotlib is missing.
    FileError
        The place cannot be written.
    """
    suffix = check(path)
    with _settings():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(size, DPI, layout="constrained")
        FigureCanvasAgg(figure)
        fill(figure)
        _settle(figure)
        made = io.BytesIO()
        figure.savefig(made, format=suffix[1:], metadata=NO_DATES[suffix])
    write_whole(path, made.getvalue())


def check(path: Path) -> str:
    """Return the suffix of a place to draw to.

    Raises
    ------
    TinyclError
        It is not one of `SUFFIXES`, its folder is not there, or matplotlib is missing.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise TinyclError(f"plot: {path} must end in {', '.join(SUFFIXES)}; name another place")
    if not path.parent.is_dir():
        raise FileError(
            f"plot: {path} cannot be written: {path.parent} is not a folder; name another place"
        )
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise TinyclError(
            "plot: matplotlib is not installed; pip install 'tinycl[plot]'"
        ) from error
    return suffix


def _settle(figure: Any) -> None:
    """Lay out once and round: the solver's last bits differ, and ids in SVG are hashes of them."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        if axes.get_subplotspec() is not None:
            axes.set_position([round(edge, 5) for edge in axes.get_position().bounds])


def _settings() -> AbstractContextManager[Any]:
    """Matplotlib's own settings, whatever the user's are, and ids in SVG that do not change."""
    from matplotlib import rc_context, rcParamsDefault

    fixed = {name: value for name, value in rcParamsDefault.items() if not name.startswith("back")}
    return rc_context({**fixed, "svg.hashsalt": "tinycl", "pdf.fonttype": 42, "font.size": 8})

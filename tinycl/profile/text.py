"""Tables on a terminal, and as Markdown between two markers of a page."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table

from tinycl.errors import FileError
from tinycl.profile.model import Report
from tinycl.profile.table import Grid, grids, notes

BEGIN, END = "<!-- tools/profile: begin -->", "<!-- tools/profile: end -->"


def render(report: Report) -> RenderableType:
    """Return the tables of a report, and its notes."""
    parts: list[RenderableType] = []
    for grid in grids(report):
        table = Table(title=grid.title, title_justify="left", header_style="bold")
        for place, name in enumerate(grid.head):
            table.add_column(name, justify="left" if place < grid.words else "right")
        for row in grid.rows:
            table.add_row(*row)
        parts += [table, ""]
    return Group(*parts, *notes(report))


def markdown(report: Report) -> str:
    """Return the same as Markdown."""
    lines: list[str] = []
    for told in notes(report):
        lines += [f"- {told}"]
    for name, value in report.facts.items():
        facts = value.items() if isinstance(value, dict) else [("", value)]
        lines += [f"- {' '.join((name, key)).strip()}: {fact}" for key, fact in facts]
    for grid in grids(report):
        lines += ["", f"{grid.title}:", "", *_table(grid)]
    return "\n".join(lines)


def _table(grid: Grid) -> list[str]:
    under = ["---" if place < grid.words else "---:" for place in range(len(grid.head))]
    return [f"| {' | '.join(row)} |" for row in (grid.head, under, *grid.rows)]


def put(page: str, text: str) -> str:
    """Return a page with the text between the two markers.

    Raises
    ------
    FileError
        The markers are not there, once each, in order.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in before + after:
        raise FileError(f"the page needs the lines {BEGIN} and {END}, once each, in this order")
    return f"{before}{begin}\n{text}\n{end}{after}"

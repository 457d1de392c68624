"""What commands print: rich on a terminal, plain text elsewhere, JSON if it is asked for."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

WIDE = 160  # columns where no terminal says otherwise


def add_json(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--json``."""
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def show(renderable: RenderableType) -> None:
    """Print to standard output."""
    from rich.console import Console

    # Rich would turn a closed pipe into exit code 1, which means "different" here: so it only
    # renders, and the text is written by hand.
    # Names of files, layers and classes may hold brackets and colons: texts are no markup.
    width = None if sys.stdout.isatty() else WIDE
    console = Console(highlight=False, markup=False, emoji=False, width=width)
    with console.capture() as captured:
        console.print(renderable, soft_wrap=True)
    sys.stdout.write(captured.get())


def show_json(document: Any) -> None:
    """Print JSON to standard output."""
    sys.stdout.write(json.dumps(document, indent=1, allow_nan=False) + "\n")


@contextmanager
def progress(
    total: int, what: str, seconds: float | None = None
) -> Iterator[Callable[[str], None]]:
    """Show a bar on standard error if that is a terminal; yield a function that begins the next.

    Parameters
    ----------
    total : int
    what : str
    seconds : float, optional
        That each may take: then the time is shown, too.
    """
    if not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns: list[ProgressColumn] = [TextColumn(what), BarColumn(), MofNCompleteColumn()]
    if seconds is not None:
        columns += [TimeElapsedColumn(), TextColumn(f"(at most {seconds:g} s each)")]
    columns.append(TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)

        def advance(name: str) -> None:
            bar.update(task, advance=1, description=name)

        yield advance

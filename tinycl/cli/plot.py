"""`tinycl plot`: one figure of a run with a policy."""

from __future__ import annotations

import argparse
from pathlib import Path

from tinycl.cli.output import show


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "results", type=Path, metavar="RESULTS.json", help="of tinycl train, or the run's folder"
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="FILE",
        help="ends in .png, .svg or .pdf (default: results.png beside the results)",
    )
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Read, draw, and say where."""
    from tinycl.plot import draw, read
    from tinycl.plot.draw import check

    given: Path = options.results
    out: Path = options.out or (given / "results" if given.is_dir() else given).with_suffix(".png")
    check(out)
    draw(read(given), out)
    show(str(out))
    return 0

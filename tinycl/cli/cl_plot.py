"""`tinycl cl plot`: accuracy over learning batches, and the accuracy matrix of each experiment."""

from __future__ import annotations

import argparse
from pathlib import Path

from tinycl.cli.output import show


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "results", nargs="+", type=Path, metavar="DIR", help="folders, or results.json, of cl run"
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        default=Path("accuracy.png"),
        metavar="FILE",
        help="ends in .png, .svg or .pdf (default: accuracy.png)",
    )
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Read, draw, and say where."""
    from tinycl.cl.session.results import accuracies, read
    from tinycl.plot import draw_accuracies

    runs = {str(path): accuracies(path, read(path)) for path in options.results}
    draw_accuracies(runs, options.out)
    show(str(options.out))
    return 0

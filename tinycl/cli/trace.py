"""`tinycl trace`: finds the file of diff and list."""

from __future__ import annotations

import argparse
import importlib

COMMANDS = {
    "diff": "the first step, operation and tensor in which a log differs from a golden",
    "list": "print the lines that a golden expects",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommands."""
    commands = parser.add_subparsers(dest="action", metavar="action", required=True)
    for name, told in COMMANDS.items():
        command = commands.add_parser(name, help=told, description=told)
        importlib.import_module(f"tinycl.cli.trace_{name}").configure(command)


def add_golden(parser: argparse.ArgumentParser, also: str = "") -> None:
    """Give a command the golden, or what `also` may stand for it, its folder and the layout."""
    from tinycl.cli.export import add_layout
    from tinycl.cli.golden import add_folder

    parser.add_argument(
        "golden_or_case", metavar="GOLDEN_OR_CASE", help=f"a .h5, or a case's name{also}"
    )
    add_layout(parser, "how tensors lie in the device's memory (default: chw)")
    add_folder(parser)

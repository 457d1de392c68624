"""`tinycl golden`: finds the file of make, verify, list and show."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

COMMANDS = {
    "make": "make golden files with the NumPy specification",
    "verify": "make them again in memory and compare",
    "list": "list the cases of the catalogue",
    "show": "show one golden file",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommands."""
    commands = parser.add_subparsers(dest="action", metavar="action", required=True)
    for name, told in COMMANDS.items():
        command = commands.add_parser(name, help=told, description=told)
        importlib.import_module(f"tinycl.cli.golden_{name}").configure(command)


def add_folder(parser: argparse.ArgumentParser, option: str = "--golden") -> None:
    """Give a command the option that names the folder of golden files."""
    parser.add_argument(
        option,
        dest="golden",
        type=Path,
        metavar="DIR",
        help="folder of golden files (default: golden in the checkout, or here)",
    )


def add_cases(parser: argparse.ArgumentParser) -> None:
    """Give a command its cases."""
    parser.add_argument("cases", nargs="*", metavar="CASE", help="names or globs; all if left out")

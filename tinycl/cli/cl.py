"""`tinycl cl`: finds the file of run, table and plot."""

from __future__ import annotations

import argparse
import importlib

COMMANDS = {
    "run": "run an experiment in continual learning, or go on with one",
    "table": "compare the results of several experiments",
    "plot": "draw the accuracies of one or several experiments",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommands."""
    commands = parser.add_subparsers(dest="action", metavar="action", required=True)
    for name, told in COMMANDS.items():
        command = commands.add_parser(name, help=told, description=told)
        importlib.import_module(f"tinycl.cli.cl_{name}").configure(command)

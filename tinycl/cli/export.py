"""`tinycl export`: tensors of a golden as a C header, .npz or .bin."""

from __future__ import annotations

import argparse
from pathlib import Path

from tinycl.cli.golden import add_folder
from tinycl.cli.output import add_json, show, show_json
from tinycl.errors import ExitCode

LAYOUTS = ("chw", "hwc")


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("golden_or_case", metavar="GOLDEN_OR_CASE", help="a .h5, or a case's name")
    parser.add_argument("--format", choices=("c", "npz", "bin"), required=True, dest="form")
    parser.add_argument(
        "-o", "--out", type=Path, metavar="PATH", help="default: the case's last word, here"
    )
    add_layout(parser, "order of the axes in memory (default: chw)")
    add_tensors(parser, "globs such as 'output/*'; all tensors if left out")
    parser.add_argument("--prefix", default="", help="of names in C (default: the case's name)")
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    add_folder(parser)
    add_json(parser)
    parser.set_defaults(execute=execute)


def add_layout(parser: argparse.ArgumentParser, told: str) -> None:
    """Give a command the option ``--layout``."""
    parser.add_argument("--layout", choices=LAYOUTS, help=told)


def add_tensors(parser: argparse.ArgumentParser, told: str) -> None:
    """Give a command the option ``--tensors``."""
    parser.add_argument(
        "--tensors", nargs="+", action="extend", default=[], metavar="GLOB", help=told
    )


def execute(options: argparse.Namespace) -> int:
    """Write the files, and say where they are."""
    from rich.text import Text

    from tinycl.export import FORMATS, export
    from tinycl.golden.find import find

    golden = find(options.golden_or_case, options.golden)
    last = golden.name.rpartition("/")[2] or "golden"
    path = options.out or Path(f"{last}{FORMATS[options.form]}")
    written = export(
        golden,
        path,
        options.form,
        tensors=options.tensors,
        layout=options.layout or "chw",
        prefix=options.prefix,
        force=options.force,
    )
    if options.json:
        show_json({"golden": golden.name, "files": [str(p) for p in written]})
    else:
        show(Text("\n".join(f"{p}: {p.stat().st_size:,} bytes" for p in written)))
    return ExitCode.EQUAL

"""`tinycl golden list`: the cases of the catalogue, and which of them have a file."""

from __future__ import annotations

import argparse

from tinycl.cli.golden import add_cases, add_folder
from tinycl.cli.output import add_json, show, show_json
from tinycl.errors import ExitCode


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    add_cases(parser)
    add_folder(parser)
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print one line a case."""
    from rich.text import Text

    from tinycl.golden.catalogue import select
    from tinycl.golden.folder import existing_folder, path_of

    folder = existing_folder(options.golden)
    sizes = {
        name: path.stat().st_size if (path := path_of(folder, name)).is_file() else None
        for name in select(options.cases)
    }
    if options.json:
        cases = [{"name": name, "bytes": size} for name, size in sizes.items()]
        show_json({"folder": str(folder), "cases": cases})
        return ExitCode.EQUAL
    lines = [f"{'missing' if s is None else s:>8}  {name}" for name, s in sizes.items()]
    total, there = sum(s or 0 for s in sizes.values()), sum(s is not None for s in sizes.values())
    lines.append(f"{total:>8}  bytes in {there} files of {len(sizes)} cases, in {folder}")
    show(Text("\n".join(lines)))
    return ExitCode.EQUAL

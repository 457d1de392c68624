"""`tinycl golden make`: write the golden files of the catalogue."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from tinycl.cli.golden import add_cases, add_folder
from tinycl.cli.output import add_json, progress, show, show_json
from tinycl.cli.workers import add_jobs, spread
from tinycl.errors import ExitCode


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    add_cases(parser)
    add_folder(parser, "--out")
    add_jobs(parser)
    add_json(parser)
    parser.set_defaults(execute=execute)


def make_one(name: str, folder: str) -> tuple[str, int]:
    """Make one case; return ``new``, ``changed`` or ``same``, and the size of the file."""
    from tinycl.golden.catalogue import catalogue
    from tinycl.golden.folder import path_of
    from tinycl.golden.make import make
    from tinycl.golden.store import write

    path = path_of(Path(folder), name)
    return write(path, make(catalogue()[name])), path.stat().st_size


def execute(options: argparse.Namespace) -> int:
    """Make the files and say which changed."""
    from rich.text import Text

    from tinycl.golden.catalogue import catalogue, select
    from tinycl.golden.folder import census, default_folder

    folder = options.golden or default_folder()
    names = list(select(options.cases))
    done: dict[str, tuple[str, int]] = {}
    with progress(len(names), "golden make") as advance:
        for name, outcome in spread(make_one, names, str(folder), options.jobs):
            done[name] = outcome
            advance(name)
    written = {n: done[n][0] for n in names if done[n][0] != "same"}
    unused = census(folder, catalogue()).unused
    size = sum(size for _, size in done.values())
    if options.json:
        show_json({"folder": str(folder), "bytes": size, "written": written, "unused": unused})
        return ExitCode.EQUAL
    for name, how in written.items():
        show(Text(f"{how:8}{name}"))
    for name in unused:
        show(
            Text(f"unused  {name}: no case of the catalogue has this name; remove the file", "red")
        )
    counts = Counter(outcome for outcome, _ in done.values())
    told = ", ".join(f"{counts[key]} {key}" for key in ("new", "changed", "same"))
    show(Text(f"{folder}: {len(names)} cases, {told}; {size / 1e6:.2f} MB"))
    return ExitCode.EQUAL

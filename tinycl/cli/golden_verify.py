"""`tinycl golden verify`: the golden files against the specification of today."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tinycl.cli.golden import add_cases, add_folder
from tinycl.cli.output import add_json, progress, show, show_json
from tinycl.cli.workers import add_jobs, spread
from tinycl.errors import ExitCode, FileError

if TYPE_CHECKING:
    from tinycl.golden.check import Verdict


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    add_cases(parser)
    add_folder(parser)
    parser.add_argument(
        "--bytes",
        action="store_true",
        help="fail if a file equal in content differs in bytes: right with the h5py that made it",
    )
    add_jobs(parser)
    add_json(parser)
    parser.set_defaults(execute=execute)


def verify_one(name: str, folder: str) -> Verdict | str:
    """Verify one file; return what is wrong with it, or why it cannot be read."""
    from tinycl.golden.catalogue import catalogue
    from tinycl.golden.check import check
    from tinycl.golden.folder import path_of

    try:
        return check(path_of(Path(folder), name), catalogue()[name])
    except FileError as error:
        return str(error)


def execute(options: argparse.Namespace) -> int:
    """Verify and print."""
    from tinycl.golden.catalogue import select
    from tinycl.golden.folder import census, existing_folder

    folder = existing_folder(options.golden)
    names = list(select(options.cases))
    there = census(folder, names)
    present = [name for name in names if name not in there.missing]
    unreadable: dict[str, str] = {}
    verdicts: dict[str, Verdict] = {}
    with progress(len(present), "golden verify") as advance:
        for name, verdict in spread(verify_one, present, str(folder), options.jobs):
            if isinstance(verdict, str):
                unreadable[name] = verdict
            else:
                verdicts[name] = verdict
            advance(name)
    report = {
        "cases": len(present),
        "missing": list(there.missing),
        "unused": [] if options.cases else list(there.unused),
        "unreadable": unreadable,
        "altered": {n: list(v.altered) for n, v in verdicts.items() if v.altered},
        "outdated": {n: list(v.outdated) for n, v in verdicts.items() if v.outdated},
        "other_bytes": sorted(n for n, v in verdicts.items() if v.only_bytes),
    }
    wrong = ["missing", "unused", "altered", "outdated"] + ["other_bytes"] * options.bytes
    code = ExitCode.DIFFERENT if any(report[key] for key in wrong) else ExitCode.EQUAL
    code = ExitCode.USAGE if unreadable else code
    if options.json:
        show_json({"folder": str(folder), **report, "exit_code": int(code)})
    else:
        _print(report, bool(code))
    return code


def _print(report: dict[str, object], bad: bool) -> None:
    from rich.text import Text

    told = {
        "missing": "no golden file; `tinycl golden make` makes it",
        "unused": "no case of the catalogue has this name; remove the file",
        "unreadable": "cannot be read",
        "altered": "the golden itself was altered",
        "outdated": "the specification gives something else today",
    }
    for key, words in told.items():
        found = report[key]
        for name in found if isinstance(found, (dict, list)) else ():
            more = found[name] if isinstance(found, dict) else ()
            more = more if isinstance(more, str) else ", ".join(more)
            show(Text(f"{name}: {words}{': ' if more else ''}{more}", "red"))
    other = report["other_bytes"]
    if isinstance(other, list) and other:
        show(Text(f"{len(other)} files differ in bytes only: another h5py or HDF5 wrote them"))
    verdict = "something is wrong" if bad else "all as the specification gives them"
    show(Text(f"{report['cases']} golden files: {verdict}", "bold red" if bad else "bold green"))

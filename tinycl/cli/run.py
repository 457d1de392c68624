"""`tinycl run`: golden cases on a target."""

from __future__ import annotations

import argparse
from pathlib import Path

from tinycl.cli import profile
from tinycl.cli.output import add_json, progress, show, show_json

LIMIT = 120.0  # seconds for each run of a case
MODES = {"both": ("checked", "lean"), "checked": ("checked",), "lean": ("lean",)}


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("cases", nargs="*", metavar="CASE", help="names or globs; all if left out")
    parser.add_argument(
        "--target", default="numpy", help="numpy, numba, host or qemu (default: numpy)"
    )
    parser.add_argument(
        "--cores",
        "--threads",
        type=cores,
        metavar="N",
        help="cores, such as 1,3,8 (default: 1; of a profile: 1,2,4,8)",
    )
    parser.add_argument("--mode", choices=MODES, default="both", help="default: both")
    parser.add_argument("--golden", type=Path, metavar="DIR", help="folder of golden files")
    parser.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="for each run of a case (default: 120; of a profile: 3600)",
    )
    add_json(parser)
    profile.configure(parser)
    parser.set_defaults(execute=execute)


def cores(text: str) -> tuple[int, ...]:
    """Read ``1,3,8``."""
    try:
        found = tuple(int(word) for word in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of cores such as 1,3,8")
    return found


def execute(options: argparse.Namespace) -> int:
    """Run the cases and print the report."""
    if profile.wanted(options):
        return profile.execute(options)
    from tinycl.golden.catalogue import select
    from tinycl.golden.folder import census, existing_folder
    from tinycl.golden.store import read_case
    from tinycl.parity.report import render, to_dict
    from tinycl.parity.suite import run_suite

    folder = existing_folder(options.golden)
    names = list(select(options.cases))
    there = census(folder, names)
    present = [name for name in names if name not in there.missing]
    with progress(len(present), f"run on {options.target}") as advance:
        report = run_suite(
            present,
            lambda name: read_case(folder, name),
            target=options.target,
            cores=options.cores or (1,),
            modes=MODES[options.mode],
            timeout=LIMIT if options.timeout is None else options.timeout,
            progress=advance,
        )
    report.missing = there.missing
    report.unused = () if options.cases else there.unused
    if options.json:
        show_json(to_dict(report))
    else:
        show(render(report))
    return report.exit_code

"""`tinycl run`: golden cases on a target."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tinycl.cli import profile
from tinycl.cli.output import add_json, progress, show, show_json
from tinycl.errors import TinyclError

if TYPE_CHECKING:
    from tinycl.golden.catalogue import Case
    from tinycl.target.c_target import CTarget

MOST_SECONDS = 1e6
TIMEOUT, TIMEOUT_OF_OWN = 120.0, 20.0  # seconds; a kernel being written hangs more often
MODES = {"both": ("checked", "lean"), "checked": ("checked",), "lean": ("lean",)}


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("cases", nargs="*", metavar="CASE", help="names or globs; all if left out")
    parser.add_argument(
        "--target", default="numpy", help="numpy, numba, host, qemu or gvsoc (default: numpy)"
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
        "--kernels",
        nargs="+",
        metavar="FILE.c",
        help="own kernels, in place of those of c_ref of the same names; CASEs go before. "
        "Without CASEs only those that call one of them are run",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        metavar="SECONDS",
        help=f"for each run of a case (default: {TIMEOUT:g}, with --kernels {TIMEOUT_OF_OWN:g}, "
        "of a profile 3600)",
    )
    parser.add_argument(
        "--local",
        type=local,
        metavar="PLACE",
        help="tiles in local memory: none, so many bytes, or all of it (default: none; of a "
        "profile both none and all)",
    )
    add_json(parser)
    profile.configure(parser)
    parser.set_defaults(execute=execute)


PLACES = {"none": (0,), "all": (-1,), "both": (0, -1)}


def local(text: str) -> tuple[int, ...]:
    """Read ``all``, ``none``, ``both`` or a number of bytes."""
    if text in PLACES:
        return PLACES[text]
    if not (text.isascii() and text.isdecimal()) or int(text) >= 1 << 31:
        raise argparse.ArgumentTypeError(f"{text!r} is not all, none, both or a number of bytes")
    return (int(text),)


def seconds(text: str) -> float:
    """Read a time limit."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return found


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
    from tinycl.target.registry import with_options

    places = options.local or (0,)
    if len(places) > 1:
        raise TinyclError("run: --local both belongs to a profile: take none or all")
    folder = existing_folder(options.golden)
    cases = select(options.cases)
    names, calling, timeout = list(cases), None, TIMEOUT
    target = options.target
    if options.kernels or places[0]:
        target = with_options(target, kernels=options.kernels or (), local=places[0])
    if options.kernels:
        timeout = TIMEOUT_OF_OWN
        callers = calling_cases(target, cases)
        calling = (len(callers), len(cases))
        names = names if options.cases else callers
    there = census(folder, names)
    present = [name for name in names if name not in there.missing]
    with progress(len(present), f"run on {options.target}") as advance:
        report = run_suite(
            present,
            lambda name: read_case(folder, name),
            target=target,
            cores=options.cores or (1,),
            modes=MODES[options.mode],
            timeout=timeout if options.timeout is None else options.timeout,
            progress=advance,
        )
    report.missing = there.missing
    report.unused = () if options.cases or options.kernels else there.unused
    report.calling = calling
    if options.json:
        show_json(to_dict(report))
    else:
        show(render(report))
    return report.exit_code


def calling_cases(target: CTarget, cases: Mapping[str, Case]) -> list[str]:
    """Return the cases that call a kernel of the caller's; show what the compiler said of these.

    Raises
    ------
    TargetError
        There is no such case: nothing would be tested.
    """
    from tinycl.errors import TargetError
    from tinycl.target.build import source_folder
    from tinycl.target.kernels import kernels_of_operations

    own = target.built().own
    for line in own.warnings:
        print(line, file=sys.stderr)
    calls = kernels_of_operations(source_folder())
    kinds = {kind for kind, kernels in calls.items() if kernels & own.kernels.keys()}
    found = []
    for name, case in cases.items():
        bodies = case.build()[0].bodies.values()
        if any(op.kind in kinds for body in bodies for op in body.ops):
            found.append(name)
    if not found:
        raise TargetError(
            f"none of {len(cases)} cases calls {', '.join(own.kernels)}; "
            "name no cases, and those that do are found"
        )
    return found

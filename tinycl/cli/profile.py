"""`tinycl run --profile`: what each operation costs on a target that counts."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tinycl.cli.output import progress, show, show_json
from tinycl.errors import ExitCode, TinyclError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinycl.profile import Work

STEPS = 4
OWN = ("steps", "policy", "figure")  # options that mean something in a profile only


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of a profile."""
    group = parser.add_argument_group(
        "profile", "of a training step of a small net, or of the cases that are named"
    )
    group.add_argument(
        "--profile", action="store_true", help="cycles and instructions of each operation"
    )
    group.add_argument(
        "--steps", type=int, metavar="N", help=f"training steps to profile (default: {STEPS})"
    )
    group.add_argument(
        "--policy", action="append", metavar="NAME", help="this one; repeatable (default: all)"
    )
    group.add_argument("--figure", type=Path, metavar="FILE", help="draw .png, .svg or .pdf")


def wanted(options: argparse.Namespace) -> bool:
    """Tell whether a profile is asked for; its options alone are a mistake."""
    if not options.profile:
        for name in OWN:
            if getattr(options, name) is not None:
                raise TinyclError(f"run: --{name} belongs to a profile: add --profile")
    return bool(options.profile)


def execute(options: argparse.Namespace) -> int:
    """Measure, print, draw."""
    from tinycl.profile import measure, render, to_dict
    from tinycl.profile.counting import PLACES, counting
    from tinycl.profile.measure import cores_of

    if options.figure is not None:
        from tinycl.plot.draw import check

        check(options.figure)
    make = partial(counting, kernels=options.kernels or ())
    executor = make(options.target)  # says now what is wrong with it
    executor.close()
    cores = cores_of(executor, options.cores)
    places = options.local or PLACES[options.target]
    what, works, count = _works(options)
    runs = count * len(cores) * len(places)
    with progress(runs, f"profile on {options.target}") as advance:
        report = measure(
            works,
            target=options.target,
            what=what,
            cores=cores,
            places=places,
            timeout=options.timeout,
            progress=advance,
            make=make,
        )
    if options.figure is not None:
        from tinycl.plot.profile import draw_profile

        draw_profile(report, options.figure)
    if options.json:
        show_json(to_dict(report))
    else:
        show(render(report))
    return int(ExitCode.DIFFERENT if report.different else ExitCode.EQUAL)


def _works(options: argparse.Namespace) -> tuple[str, Iterable[Work], int]:
    """Return what is profiled, its plans, and how many there are."""
    from tinycl.profile import case_works, choose, net_works

    if not options.cases:
        if options.golden is not None:
            raise TinyclError("run: --golden of a profile goes with cases: name some")
        names = choose(options.policy or ())
        steps = STEPS if options.steps is None else options.steps
        what, works = net_works(names, steps)
        return what, works, len(names)
    for name in ("steps", "policy"):
        if getattr(options, name) is not None:
            raise TinyclError(f"run: --{name} is for the net's steps; leave it out, or the cases")
    from tinycl.golden.catalogue import select
    from tinycl.golden.folder import existing_folder

    cases = list(select(options.cases))
    return "golden cases", case_works(existing_folder(options.golden), cases), len(cases)

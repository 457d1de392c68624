"""What a training step costs on a target that counts, written down or compared.

`tools/profile` prepares the machine and starts this. Every profiled run must have the bits of the
specification; on a simulator two runs have the same counts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tinycl.errors import ExitCode, TinyclError
from tinycl.files import write_whole
from tinycl.profile import changes, choose, markdown, measure, net_works, put, read, write
from tinycl.profile.counting import PLACES

C_REF = Path(__file__).resolve().parents[1] / "c_ref"
PAGE, RECORD = C_REF / "PROFILE.md", C_REF / "profile.json"
STEPS, MOST = 4, 100  # steps to profile; changes to print
console = Console(stderr=True, highlight=False)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("tools/profile", description=__doc__)
    parser.add_argument(
        "--check",
        type=Path,
        nargs="?",
        const=RECORD,
        metavar="FILE",
        help="write nothing, and name what differs from a record (default: c_ref/profile.json)",
    )
    parser.add_argument("--target", choices=PLACES, default="gvsoc", help="default: gvsoc")
    parser.add_argument("--steps", type=int, default=STEPS, metavar="N", help=f"default: {STEPS}")
    parser.add_argument("--policy", action="append", metavar="NAME", help="default: all")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw .png, .svg or .pdf")
    parser.add_argument(
        "--into", type=Path, nargs=2, default=(PAGE, RECORD), metavar=("PAGE", "RECORD"),
        help="other files to write than c_ref/PROFILE.md and c_ref/profile.json",
    )  # fmt: skip
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, then write or compare, and return an exit code."""
    options = parse(argv)
    page, record = options.into
    if options.figure:
        from tinycl.plot.draw import check

        check(options.figure)
    old = read(options.check) if options.check else None  # says now what is wrong with them
    text = "" if options.check else page_text(page)
    what, works = net_works(choose(options.policy or ()), options.steps)
    report = measure(
        works,
        target=options.target,
        what=what,
        places=PLACES[options.target],
        progress=lambda told: console.print(f"profile: {told}", markup=False),
    )
    if options.figure:
        from tinycl.plot.profile import draw_profile

        draw_profile(report, options.figure)
    print(markdown(report))
    if report.different:
        console.print(
            "profile: bits differ from the specification; nothing is written", style="red"
        )
        return ExitCode.DIFFERENT
    if old is not None:
        found = list(changes(old, report))
        rest = [f"and {len(found) - MOST} more"] if len(found) > MOST else []
        print("\n".join(["", f"{len(found)} changes since {options.check}", *found[:MOST], *rest]))
        return ExitCode.DIFFERENT if found else ExitCode.EQUAL
    write(record, report)
    write_whole(page, put(text, markdown(report)).encode())
    return ExitCode.EQUAL


def page_text(page: Path) -> str:
    """Return the page, which must have a place for the tables."""
    try:
        text = page.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise TinyclError(f"{page}: cannot be read: {error}") from error
    try:
        put(text, "")
    except TinyclError as error:
        raise TinyclError(f"{page}: {error}") from error
    return text


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TinyclError as error:
        console.print(f"profile: {error}", style="bold red", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)

"""`tinycl validate`: kernels of a library or of C files, checked with generated cases."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tinycl.cli.output import add_json, show, show_json
from tinycl.errors import ExitCode, TinyclError


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "library", nargs="?", type=Path, metavar="LIB.so", help="exports what tinycl_validate.h has"
    )
    parser.add_argument(
        "--kernels",
        nargs="+",
        metavar="FILE.c",
        help="in place of a library: compiled here; functions of tinycl_validate.h or tinycl.h",
    )
    parser.add_argument(
        "--flags", default="", help='options for the compiler, such as --flags="-O3 -DFAST"'
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="a kernel; may be repeated"
    )
    parser.add_argument(
        "--seconds", type=positive, default=60.0, help="for each kernel (default: 60)"
    )
    parser.add_argument(
        "--cases", type=count, default=1 << 30, help="at most, for each kernel (default: no limit)"
    )
    parser.add_argument(
        "--timeout", type=positive, default=5.0, help="seconds, then a kernel hangs (default: 5)"
    )
    parser.add_argument("--seed", type=int, default=0, help="other cases (default: 0)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="golden files of what is found")
    parser.add_argument(
        "--replay", type=Path, metavar="FILE.h5", help="one case that was found before"
    )
    add_json(parser)
    parser.set_defaults(execute=execute)


def positive(text: str) -> float:
    """Read a number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def count(text: str) -> int:
    """Read a number of cases."""
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of cases above 0")
    return int(text)


def execute(options: argparse.Namespace) -> int:
    """Check the kernels and print what was found."""
    if (options.library is None) == (options.kernels is None):
        raise TinyclError("validate: give either LIB.so or --kernels FILE.c")
    try:
        import hypothesis  # noqa: F401
    except ImportError:
        raise TinyclError(
            "validate: hypothesis, which draws the cases, is missing: pip install hypothesis"
        ) from None
    from tinycl.validate import Effort, compile_kernels, validate
    from tinycl.validate.report import render, to_dict

    library = options.library
    if options.kernels:
        library = compile_kernels(options.kernels, options.flags.split())
    if options.replay:
        return _replay(options, library)
    report = validate(
        library,
        only=options.only,
        effort=Effort(options.seconds, options.cases),
        seed=options.seed,
        timeout=options.timeout,
        out=options.out,
        progress=_say,
    )
    if options.json:
        show_json(to_dict(report))
    else:
        show(render(report))
    return report.exit_code


def _say(name: str) -> None:
    """Name the kernel that is being checked, if somebody watches."""
    if sys.stderr.isatty():
        print(f"validate: {name} ...", file=sys.stderr)


def _replay(options: argparse.Namespace, library: Path) -> int:
    from rich.text import Text

    from tinycl.validate import replay
    from tinycl.validate.report import finding_dict

    was, now = replay(library, options.replay, timeout=options.timeout)
    if options.json:
        found = [{"cores": n, "finding": f and finding_dict(f)} for n, f in now]
        show_json({"kernel": was.case.name, "kind": was.kind, "now": found})
    else:
        lines = [f"cores {n}: {f.sentence if f else 'nothing found'}" for n, f in now]
        show(Text("\n".join([f"{was.case.name}: was found as {was.kind!r}", *lines])))
    return ExitCode.DIFFERENT if any(f and f.fault for _, f in now) else ExitCode.EQUAL

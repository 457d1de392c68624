"""`tinycl bench`: speed against PyTorch's CPU, as ratios in one run."""

from __future__ import annotations

import argparse
import os
from typing import Any

from tinycl.cli.output import add_json, progress, show, show_json

PARTS = ("products", "kernels", "steps", "int8", "sparse", "memory")


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if left out"
    )
    parser.add_argument("--threads", type=int, default=1, help="for both sides (default: 1)")
    parser.add_argument(
        "--batches", type=batches, default=(1, 8, 128), metavar="N,N", help="default: 1,8,128"
    )
    parser.add_argument(
        "--seconds", type=float, default=1.0, help="for each comparison (default: 1)"
    )
    add_json(parser)
    parser.set_defaults(execute=execute)


def batches(text: str) -> tuple[int, ...]:
    """Read ``1,8``."""
    try:
        found = tuple(int(word) for word in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of batch sizes such as 1,8")
    return found


def execute(options: argparse.Namespace) -> int:
    """Measure and print."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when NumPy is loaded; `@` is compared on one
    from tinycl.bench.report import measure, render
    from tinycl.errors import TinyclError

    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        raise TinyclError(f"bench: no part {unknown}; there are {', '.join(PARTS)}")
    if options.threads < 1:
        raise TinyclError(f"bench: --threads must be at least 1, got {options.threads}")
    parts = options.parts or list(PARTS)
    work = measure(parts, options.threads, options.batches, options.seconds)
    rows: list[dict[str, Any]] = []
    with progress(0, "bench") as advance:
        for row in work:
            advance(row["what"])
            rows.append(row)
    if options.json:
        show_json(rows)
    else:
        show(render(rows))
    return 0

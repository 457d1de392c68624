"""`tinycl trace list`: the lines that a golden expects, as one core prints them."""

from __future__ import annotations

import argparse
import sys

from tinycl.cli.output import add_json, show_json
from tinycl.cli.trace import add_golden
from tinycl.errors import ExitCode


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    add_golden(parser)
    parser.add_argument("--inputs", action="store_true", help="what goes in too")
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print one line a tensor."""
    from tinycl.golden.find import find
    from tinycl.trace import expected, lines_of

    golden = find(options.golden_or_case, options.golden)
    hashes = expected(golden, options.layout or "chw")
    shown = [h for h in hashes if options.inputs or not h.optional]
    if options.json:
        show_json(
            [
                {
                    "step": h.step,
                    "operation": h.operation,
                    "tensor": h.tensor,
                    "words": h.words,
                    "crc32": f"{h.crc32:08x}",
                    "key": h.key,
                }
                for h in shown
            ]
        )
    else:
        sys.stdout.writelines(f"{line.text}\n" for line in lines_of(shown))
    return ExitCode.EQUAL

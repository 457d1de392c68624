"""Sparse policies on handwritten digits: accuracy, effort, time and instructions of a step.

`tools/table` prepares the machine and starts this. Accuracies, efforts and instructions are the
same in every run; times are not.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tinycl.errors import ExitCode, TinyclError
from tinycl.target.qemu import QemuTarget

from table_costs import costs  # isort: skip
from table_runs import NETS, SCRATCH, SHIFTS, Runs, rows, untrained  # isort: skip
from table_text import markdown, put  # isort: skip

README = Path(__file__).resolve().parents[1] / "README.md"
console = Console(stderr=True, highlight=False)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("tools/table", description=__doc__)
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number as JSON")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="default: 5")
    parser.add_argument("--net", choices=list(NETS), action="append", help="default: all")
    parser.add_argument(
        "--seconds", type=float, default=20, metavar="X", help="of timing, a table and net"
    )
    parser.add_argument(
        "--allow-missing", action="store_true", help="succeed although QEMU is not there"
    )
    options = parser.parse_args(argv)
    if options.seeds < 1 or not 0 <= options.seconds < 3600:
        parser.error("--seeds takes 1 or more, --seconds 0 to 3600")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Make the table and return an exit code."""
    options = parse(argv)
    missing = QemuTarget().available()
    if missing is not None and not options.allow_missing:
        console.print(f"table: no instructions: {missing}; or --allow-missing", style="bold red")
        return ExitCode.TARGET_MISSING
    if options.readme:
        put(README.read_text(), "")  # says now whether it has a place
    nets, seeds = options.net or list(NETS), range(1, options.seeds + 1)
    with tempfile.TemporaryDirectory(prefix="tinycl-table-") as folder:
        runs = Runs(Path(folder))
        outcomes = list(runs.all(nets, seeds, lambda text: console.print(f"table: {text}")))
        made = {"outcomes": outcomes}
        for regime in (SCRATCH, SHIFTS[0]):
            console.print(f"table: costs of a step, {regime}")
            made[regime] = costs(runs, regime, nets, 1, options.seconds, missing is None)
    scratch = rows(outcomes, (SCRATCH,))
    tuned = sorted(
        untrained(outcomes) + rows(outcomes, SHIFTS), key=lambda row: nets.index(row.net)
    )
    text = markdown(scratch, made[SCRATCH], tuned, made[SHIFTS[0]], options.seeds)
    print(text)
    if options.json:
        document = {key: [dataclasses.asdict(v) for v in value] for key, value in made.items()}
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    if options.readme:
        README.write_text(put(README.read_text(), text))
    return ExitCode.EQUAL


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TinyclError as error:
        console.print(f"table: {error}", style="bold red", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)

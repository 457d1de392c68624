"""The main job: every golden case and training runs on real digits, on every executor.

`tools/parity` prepares the machine and starts this. The verdict is equal bits.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from parity_runs import EPOCH, POLICIES, SPARSE_STEPS, learnt, sparsity, train, train_sparse
from rich.console import Console
from rich.table import Table

from tinycl.bits import Array
from tinycl.cli.output import progress, show
from tinycl.errors import ExitCode, TinyclError
from tinycl.golden.catalogue import Case, catalogue
from tinycl.golden.folder import census, default_folder, path_of
from tinycl.golden.make import make
from tinycl.golden.store import read, write
from tinycl.parity.compare import compare
from tinycl.parity.count import Count, expected
from tinycl.parity.report import render
from tinycl.parity.suite import MODES, run_suite
from tinycl.plan import Plan
from tinycl.target.registry import get

CORES = {"numpy": (1,), "numba": (1, 2, 3), "host": (1, 3, 8), "qemu": (1, 2, 4, 8)}
FIRST_STEPS, LONG = 3, 5 * EPOCH
SPARSE_CORES = {**CORES, "qemu": (1, 4, 8)}
Work = Callable[[str, int], tuple[Plan, dict[str, Array]]]
console = Console(stderr=True, highlight=False)


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table: a job on one executor with one number of cores."""

    job: str
    executor: str
    cores: int
    cases: int
    tensors: int
    elements: int
    wanted: int
    different: int
    seconds: float

    @property
    def good(self) -> bool:
        """Nothing differs, and exactly what the catalogue or the plan holds was compared."""
        return self.different == 0 and self.elements == self.wanted > 0


def prepare_goldens(folder: Path, cases: Mapping[str, Case]) -> list[str]:
    """Make the goldens if there are none; return what is wrong with the folder."""
    there = census(folder, cases)
    if len(there.missing) == len(cases):
        with progress(len(cases), "make goldens") as advance:
            for case in cases.values():
                advance(case.name)
                write(path_of(folder, case.name), make(case))
        there = census(folder, cases)
    return [f"golden missing: {n}" for n in there.missing] + [
        f"golden without a case: {n}" for n in there.unused
    ]


def suite_rows(
    target: str, folder: Path, cases: Mapping[str, Case], faults: list[str]
) -> Iterator[Row]:
    """Run every golden case, checked and lean, at each number of cores."""
    wanted = Count(0, 0)
    for case in cases.values():
        plan = case.build()[0]
        wanted = wanted.plus(expected(plan, True)).plus(expected(plan, False))
    for cores in CORES[target]:
        console.print(f"parity: golden suite on {target}, cores {cores}")
        with progress(len(cases), f"{target} {cores}") as advance:
            report = run_suite(
                cases,
                lambda name: read(path_of(folder, name)),
                target=target,
                cores=(cores,),
                modes=MODES,
                progress=advance,
            )
        if report.exit_code:
            console.print(render(report))
            faults.append(f"golden suite on {target}, cores {cores}: see above")
        yield Row(
            "golden suite",
            target,
            cores,
            report.cases,
            report.tensors,
            report.elements,
            wanted.elements,
            report.different,
            report.seconds,
        )


def compared_rows(
    job: str,
    work: Work,
    cores: Mapping[str, Sequence[int]],
    checked: bool,
    faults: list[str],
) -> Generator[Row, None, dict[str, Array]]:
    """Do a job on every executor, compare all of it with the first of them, and return that."""
    reference: dict[str, Array] = {}
    for target, count in [(name, count) for name, counts in cores.items() for count in counts]:
        console.print(f"parity: {job}, on {target}, cores {count}")
        begun = time.perf_counter()
        plan, got = work(target, count)
        seconds = time.perf_counter() - begun
        reference = reference or got
        different = elements = 0
        for name in reference.keys() | got.keys():
            if name not in got or name not in reference:
                faults.append(f"{job} on {target}: {name} is not on both sides")
                continue
            found = compare(reference[name], got[name])
            elements += reference[name].size
            if found is not None:
                different += found.differing
                faults.append(f"{job} on {target}, cores {count}: {name}: {found}")
        wanted = expected(plan, checked).elements
        yield Row(job, target, count, 1, len(got), elements, wanted, different, seconds)
    return reference


def training_rows(
    targets: Sequence[str], steps: int, checked: bool, faults: list[str]
) -> Iterator[Row]:
    """Train the digits net on every executor."""
    length = f"{steps // EPOCH} epoch{'s' * (steps > EPOCH)} ({steps} steps)"
    job = f"digits, {steps} steps, every tensor" if checked else f"digits, {length}"
    work = partial(train, steps=steps, checked=checked)
    cores = {target: CORES[target] for target in targets}
    reference = yield from compared_rows(job, work, cores, checked, faults)
    if not checked and reference:
        console.print(f"parity: {learnt(reference)}")


def sparse_rows(targets: Sequence[str], faults: list[str]) -> Iterator[Row]:
    """Train with each policy on every executor."""
    cores = {target: SPARSE_CORES[target] for target in targets}
    for name, policy in POLICIES.items():
        job = f"digits, {name}, {SPARSE_STEPS} steps"
        found = yield from compared_rows(job, partial(train_sparse, policy), cores, False, faults)
        told, varies = sparsity(found)
        console.print(f"parity: {name}: {told}")
        if not varies:
            faults.append(f"{job}: the ratios, or which samples train, never change")


def table(rows: Sequence[Row]) -> Table:
    """Return the closing table."""
    made = Table(title="parity: equal bits", header_style="bold")
    for title in ("job", "executor"):
        made.add_column(title)
    for title in ("cores", "cases", "tensors", "elements", "different", "seconds"):
        made.add_column(title, justify="right")
    for row in rows:
        elements = f"{row.elements:,}"
        if row.elements != row.wanted:
            elements += f" of {row.wanted:,}"
        made.add_row(
            row.job,
            row.executor,
            str(row.cores),
            str(row.cases),
            f"{row.tensors:,}",
            elements,
            f"{row.different:,}",
            f"{row.seconds:.1f}",
            style="" if row.good else "bold red",
        )
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run the main job and return its exit code."""
    parser = argparse.ArgumentParser("tools/parity", description=__doc__)
    parser.add_argument("--golden", type=Path, default=default_folder(), metavar="DIR")
    parser.add_argument(
        "--allow-missing", action="store_true", help="succeed although host or qemu did not run"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the table as JSON")
    options = parser.parse_args(argv)
    cases = catalogue()
    faults = prepare_goldens(options.golden, cases)
    missing = {t: reason for t in CORES if (reason := get(t).available()) is not None}
    present = [t for t in CORES if t not in missing]
    rows: list[Row] = []
    for target in present:
        rows += suite_rows(target, options.golden, cases, faults)
    compiled = [t for t in present if t != "numpy"]
    rows += training_rows(present, FIRST_STEPS, True, faults)
    rows += sparse_rows(present, faults)
    rows += training_rows(compiled, EPOCH, False, faults)
    rows += training_rows([t for t in ("numba", "host") if t in present], LONG, False, faults)
    show(table(rows))
    for target, reason in missing.items():
        console.print(f"parity: not run on {target}: {reason}", style="bold yellow")
    for fault in faults:
        console.print(f"parity: {fault}", style="bold red", markup=False)
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=1))
    if faults or not rows or not all(row.good for row in rows):
        return ExitCode.DIFFERENT
    if missing and not options.allow_missing:
        console.print("parity: --allow-missing accepts that", style="bold yellow")
        return ExitCode.TARGET_MISSING
    console.print("parity: every element equal", style="bold green")
    return ExitCode.EQUAL


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TinyclError as error:
        console.print(f"parity: {error}", style="bold red", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)

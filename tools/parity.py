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

from parity_runs import (
    CLUSTER_POLICIES,
    CLUSTER_STEPS,
    EPOCH,
    POLICIES,
    SPARSE_STEPS,
    learn,
    learnt,
    sparsity,
    train,
    train_sparse,
)
from parity_table import Row, table
from rich.console import Console

from tinycl.bits import Array
from tinycl.cli.output import progress, show
from tinycl.contract import DEFAULT, Contract
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
from tinycl.target.registry import Target, get, with_options

CORES = {"numpy": (1,), "numba": (1, 2, 3), "host": (1, 3, 8), "qemu": (1, 2, 4, 8)}
SPARSE_CORES = {"qemu": (1, 4, 8)}
CLUSTER, CLUSTER_CORES = "gvsoc", (1, 2, 4, 8)
TILES = 1500  # bytes of L1, so few that operations of the golden cases are cut
FIRST_STEPS, LONG = 3, 5 * EPOCH
console = Console(stderr=True, highlight=False)


@dataclasses.dataclass(frozen=True)
class Executor:
    """A target, what the table calls it, and the numbers of cores it runs with."""

    label: str
    target: Target
    cores: Sequence[int]


Work = Callable[[Target, int, Contract], tuple[Plan, dict[str, Array]]]


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
    executor: Executor, folder: Path, cases: Mapping[str, Case], faults: list[str]
) -> Iterator[Row]:
    """Run every golden case, checked and lean, at each number of cores."""
    wanted = Count(0, 0)
    for case in cases.values():
        plan = case.build()[0]
        wanted = wanted.plus(expected(plan, True)).plus(expected(plan, False))
    for cores in executor.cores:
        console.print(f"parity: golden suite on {executor.label}, cores {cores}")
        with progress(len(cases), f"{executor.label} {cores}") as advance:
            report = run_suite(
                cases,
                lambda name: read(path_of(folder, name)),
                target=executor.target,
                cores=(cores,),
                modes=MODES,
                progress=advance,
            )
        if report.exit_code:
            console.print(render(report))
            faults.append(f"golden suite on {executor.label}, cores {cores}: see above")
        yield Row(
            "golden suite" if report.mac is None else f"golden suite, mac={report.mac}",
            executor.label,
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
    executors: Sequence[Executor],
    checked: bool,
    faults: list[str],
    contract: Contract = DEFAULT,
) -> Generator[Row, None, dict[str, Array]]:
    """Do a job on every executor, compare all of it with the first of them, and return that."""
    reference: dict[str, Array] = {}
    for executor, count in [(each, count) for each in executors for count in each.cores]:
        console.print(f"parity: {job}, on {executor.label}, cores {count}")
        begun = time.perf_counter()
        plan, got = work(executor.target, count, contract)
        seconds = time.perf_counter() - begun
        reference = reference or got
        different = elements = 0
        for name in reference.keys() | got.keys():
            if name not in got or name not in reference:
                faults.append(f"{job} on {executor.label}: {name} is not on both sides")
                continue
            found = compare(reference[name], got[name])
            elements += reference[name].size
            if found is not None:
                different += found.differing
                faults.append(f"{job} on {executor.label}, cores {count}: {name}: {found}")
        wanted = expected(plan, checked).elements
        yield Row(job, executor.label, count, 1, len(got), elements, wanted, different, seconds)
    return reference


def training_rows(
    executors: Sequence[Executor], steps: int, checked: bool, faults: list[str]
) -> Iterator[Row]:
    """Train the digits net on every executor."""
    length = f"{steps // EPOCH} epoch{'s' * (steps > EPOCH)} ({steps} steps)"
    job = f"digits, {steps} steps, every tensor" if checked else f"digits, {length}"

    def work(target: Target, cores: int, contract: Contract) -> tuple[Plan, dict[str, Array]]:
        return train(target, cores, steps, checked, contract)

    reference = yield from compared_rows(job, work, executors, checked, faults)
    if not checked and reference:
        console.print(f"parity: {learnt(reference)}")


def sparse_rows(executors: Sequence[Executor], faults: list[str]) -> Iterator[Row]:
    """Train with each policy that varies on every executor."""
    for name, policy in POLICIES.items():
        job = f"digits, {name}, {SPARSE_STEPS} steps"
        work = partial(train_sparse, policy, SPARSE_STEPS)
        found = yield from compared_rows(job, work, executors, False, faults)
        _judge(name, found, job, faults)


def learning_rows(
    executors: Sequence[Executor], faults: list[str], contract: Contract = DEFAULT
) -> Iterator[Row]:
    """Learn a batch of digits with packed replays on every executor, draws and memory included."""
    mac = "" if contract == DEFAULT else f", mac={contract.mac}"
    job = f"digits, AR1* with replay{mac}"
    found = yield from compared_rows(job, learn, executors, False, faults, contract)
    losses = found["record/step/loss"]
    console.print(f"parity: AR1* with replay: loss {losses[0]:.3f} -> {losses[-1]:.3f}")


def cluster_rows(executors: Sequence[Executor], faults: list[str]) -> Iterator[Row]:
    """Train on the PULP cluster, densely and with policies, under the contract that it speaks.

    The first executor computes under that contract too, and is what the others are compared with.
    """
    contract = executors[-1].target.spoken(DEFAULT)
    mac = "" if contract == DEFAULT else f", mac={contract.mac}"
    for name, policy in CLUSTER_POLICIES.items():
        job = f"digits, {name}, {CLUSTER_STEPS} steps{mac}"
        work = partial(train_sparse, policy, CLUSTER_STEPS)
        found = yield from compared_rows(job, work, executors, False, faults, contract)
        if name in POLICIES:
            _judge(name, found, job, faults)
    yield from learning_rows(executors, faults, contract)


def _judge(name: str, found: Mapping[str, Array], job: str, faults: list[str]) -> None:
    told, varies = sparsity(found)
    console.print(f"parity: {name}: {told}")
    if not varies:
        faults.append(f"{job}: the ratios, or which samples train, never change")


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
    there = {t: Executor(t, get(t), CORES[t]) for t in CORES if t not in missing}
    present, compiled = list(there.values()), [e for t, e in there.items() if t != "numpy"]
    absent = get(CLUSTER).available()
    tiles = f"{CLUSTER}, tiles in L1"
    l1 = None if absent else with_options(CLUSTER, local=TILES)
    cluster = [] if absent else [Executor(CLUSTER, get(CLUSTER), CLUSTER_CORES)]
    cluster += [] if l1 is None else [Executor(tiles, l1, CLUSTER_CORES)]
    rows: list[Row] = []
    for executor in (*present, *cluster):
        rows += suite_rows(executor, options.golden, cases, faults)
    rows += training_rows(present, FIRST_STEPS, True, faults)
    few = [dataclasses.replace(e, cores=SPARSE_CORES.get(e.label, e.cores)) for e in present]
    rows += sparse_rows(few, faults)
    rows += learning_rows(few, faults)
    if cluster:
        rows += cluster_rows([dataclasses.replace(there["numba"], cores=(2,)), *cluster], faults)
    rows += training_rows(compiled, EPOCH, False, faults)
    fast = [there[name] for name in ("numba", "host") if name in there]
    rows += training_rows(fast, LONG, False, faults)
    show(table(rows))
    for target, reason in missing.items():
        console.print(f"parity: not run on {target}: {reason}", style="bold yellow")
    if absent:
        console.print(f"parity: not run on {CLUSTER}: {absent}", style="yellow", markup=False)
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

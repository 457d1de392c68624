"""Runs plans in every setting, compares every bit, and adds up what the operations took."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import Any

from tinycl import bits
from tinycl.contract import Contract
from tinycl.errors import TargetError
from tinycl.profile.counting import counting, facts
from tinycl.profile.model import Measured, Profile, Report, Setting
from tinycl.profile.operations import bodies, operations
from tinycl.profile.work import Work
from tinycl.target.registry import run
from tinycl.target.result import Result

CORES = (1, 2, 4, 8)
LIMIT = 3600.0  # seconds a run: simulators are slow
SPECIFICATION = "numba"  # which equals `numpy`, and does long runs soon


def measure(
    works: Iterable[Work],
    *,
    target: str,
    what: str,
    cores: Sequence[int] | None = None,
    places: Sequence[int] = (0,),
    timeout: float | None = None,
    progress: Callable[[str], Any] = lambda told: None,
    make: Callable[[str, int], Any] = counting,
) -> Report:
    """Profile plans.

    Parameters
    ----------
    works : iterable of Work
    target : str
        One that counts.
    what : str
        What they are, for the report.
    cores : sequence of int, optional
        Left out: 1, 2, 4, 8, as far as the target has them.
    places : sequence of int
        Bytes of local memory for tiles; 0: in place; -1: all of it.
    timeout : float, optional
        Seconds for each run.
    progress : callable
        Is told each run when it begins.
    make : callable
        From a target's name and a place to an executor that counts.

    Returns
    -------
    Report

    Raises
    ------
    TargetMissing
        The target is not there.
    TargetError
        It counts nothing, has not so many cores, crashed or hung.
    """
    with ExitStack() as open_ones:
        executors = {}
        for local in dict.fromkeys(places):
            executors[local] = make(target, local)
            open_ones.callback(executors[local].close)
        first = next(iter(executors.values()))
        counts = cores_of(first, cores)
        told, profiles, texts = facts(first), [], []
        for work in works:
            contract = first.spoken(work.contract)
            texts.append(contract.text)
            settings = [Setting(n, local) for local in executors for n in counts]

            def one(setting: Setting, work: Work = work, contract: Contract = contract) -> Result:
                progress(f"{work.name}, {setting}")
                done: Result = executors[setting.local].run(
                    work.plan,
                    work.inputs,
                    contract=contract,
                    checked=False,
                    cores=setting.cores,
                    timeout=LIMIT if timeout is None else timeout,
                )
                return done

            profiles.append(profile(work, contract, settings, one))
    return Report(target, what, "; ".join(dict.fromkeys(texts)), told, tuple(profiles))


def profile(
    work: Work,
    contract: Contract,
    settings: Sequence[Setting],
    one: Callable[[Setting], Result],
) -> Profile:
    """Run a plan in each setting and compare it with the specification."""
    right = run(work.plan, work.inputs, target=SPECIFICATION, contract=contract, checked=False)
    wanted = right.tensors()
    runs, different = [], []
    for setting in settings:
        result = one(setting)
        runs.append(measured(work, setting, result))
        different += differing(setting, wanted, result.tensors())
    return Profile(
        name=work.name,
        steps=work.steps,
        operations=operations(work.plan, right),
        runs=tuple(runs),
        digests={key: bits.digest(value) for key, value in wanted.items()},
        different=tuple(different),
    )


def differing(setting: Setting, wanted: dict[str, Any], got: dict[str, Any]) -> list[str]:
    """Return the tensors that are not equal to the wanted ones, with the setting."""
    return [
        f"{key} ({setting})"
        for key in dict.fromkeys((*wanted, *got))
        if key not in got or key not in wanted or not bits.equal(wanted[key], got[key])
    ]


def measured(work: Work, setting: Setting, result: Result) -> Measured:
    """Add up what each operation took over all executions of its body.

    Raises
    ------
    TargetError
        The costs are not those of the plan's operations.
    """
    plan = work.plan
    wanted = [
        (step, body.name, place, op.kind)
        for step, body in enumerate(plan.steps())
        for place, op in enumerate(body.ops)
    ]
    got = [tuple(cost[:4]) for cost in result.costs]
    if got != wanted:
        at = next(
            (i for i, (a, b) in enumerate(zip(got, wanted, strict=False)) if a != b), len(got)
        )
        raise TargetError(
            f"{work.name}: the target told the costs of {len(got)} operations, the plan runs "
            f"{len(wanted)}; the first that does not agree is number {at}. Does it count?"
        )
    rows = {(b.name, place): [0, 0, 0] for b in bodies(plan) for place in range(len(b.ops))}
    for cost in result.costs:
        row = rows.get((cost.body, cost.op_index))
        if row is not None:
            for field, value in enumerate((cost.cycles, cost.instructions, cost.tiles)):
                row[field] += value
    cycles, instructions, tiles = zip(*rows.values(), strict=True) if rows else ((), (), ())
    return Measured(setting, cycles, instructions, tiles)


def cores_of(executor: Any, cores: Sequence[int] | None) -> tuple[int, ...]:
    """Return the numbers of cores to run on: those that were asked for, else as many as there are.

    Raises
    ------
    TargetError
        The target has not so many.
    """
    if cores is None:
        return tuple(n for n in CORES if n <= executor.most_cores)
    for count in cores:
        if not 1 <= count <= executor.most_cores:
            raise TargetError(
                f"target {executor.name}, when it counts, runs on 1 to {executor.most_cores} "
                f"cores, got {count}"
            )
    return tuple(dict.fromkeys(cores))

"""Known cases on a target: every tensor compared, nothing skipped in silence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tinycl.bits import Array
from tinycl.contract import DEFAULT, Contract
from tinycl.errors import (
    EnvironmentFault,
    FileError,
    TargetError,
    TargetHang,
    TargetMissing,
    TinyclError,
)
from tinycl.parity.axes import result_axes
from tinycl.parity.compare import Difference, compare
from tinycl.parity.findings import Finding, Known, Report
from tinycl.plan import Plan
from tinycl.target.c_target import CTarget
from tinycl.target.registry import Target, get, run

MODES = ("checked", "lean")
MOST_HANGS = 3  # then the rest would hang as well


def run_suite(
    names: Iterable[str],
    load: Callable[[str], Known],
    *,
    target: str | Target,
    cores: Sequence[int] = (1,),
    modes: Sequence[str] = MODES,
    timeout: float | None = None,
    progress: Callable[[str], Any] = lambda name: None,
) -> Report:
    """Run cases on a target and compare every tensor that comes back.

    Parameters
    ----------
    names : iterable of str
    load : callable
        From a name to a case; may raise FileError, which the report tells.
    target : str or Target
        A name, or an executor, such as `tinycl.target.registry.with_options` returns.
    cores : sequence of int
    modes : sequence of {"checked", "lean"}
        ``checked`` compares outputs, records and trace, ``lean`` outputs and records.
    timeout : float, optional
        Seconds for each run. Where it is exceeded, the case has failed and the next one begins;
        after the third such case the suite gives up.
    progress : callable
        Is given each name when its case begins.

    Returns
    -------
    Report

    Raises
    ------
    TargetMissing
        The target is not there.
    TargetError
        It has not so many cores, or fails on the first run of all. With the caller's own kernels
        only a build that fails, or a core that does not round as it must; else a case has failed.
    """
    executor = get(target) if isinstance(target, str) else target
    _check(executor, cores)
    executor.spoken(DEFAULT)  # a simulator that does not work is no fault of a case
    report = Report(executor.name, tuple(cores), tuple(modes))
    if isinstance(executor, CTarget):
        report.kernels = dict(executor.own_kernels())
    hangs = 0
    begun = time.perf_counter()
    for name in names:
        progress(name)
        if hangs == MOST_HANGS:
            report.given_up.append(name)
            continue
        try:
            case = load(name)
        except FileError as error:
            report.unreadable[name] = str(error)
            continue
        if case.altered:
            report.altered[name] = case.altered
        if not case.runnable:
            report.not_run.append(name)
            continue
        report.cases += 1
        try:
            case = _spoken(report, executor, case)
            for count in cores:
                for mode in modes:
                    _run(report, executor, name, case, count, mode, timeout)
        except TinyclError as error:
            no_kernel = not report.kernels or isinstance(error, TargetMissing | EnvironmentFault)
            if not report.runs and no_kernel:
                raise  # nothing ever ran: it is the target, not the case
            report.failed[name] = str(error)
            hangs += isinstance(error, TargetHang)
    report.seconds = time.perf_counter() - begun
    return report


@dataclass(frozen=True)
class Expected:
    """A known case under another contract: what the specification makes of it."""

    plan: Plan
    inputs: Mapping[str, Array]
    contract: Contract
    tensors: Mapping[str, Array]
    altered: tuple[str, ...] = ()
    runnable: bool = True


def _spoken(report: Report, executor: Target, case: Known) -> Known:
    """Return the case under the contract that the executor speaks, and count what that changes."""
    contract = executor.spoken(case.contract)
    if contract == case.contract:
        return case
    report.mac = contract.mac
    result = get("numpy").run(case.plan, case.inputs, contract=contract, checked=True)
    tensors = result.tensors()
    report.changed += sum(
        compare(value, tensors[name]) is not None for name, value in case.tensors.items()
    )
    return Expected(case.plan, case.inputs, contract, tensors)


def _check(executor: Target, cores: Sequence[int]) -> None:
    reason = executor.available()
    if reason is not None:
        raise TargetMissing(f"target {executor.name} is not available: {reason}")
    for count in cores:
        if not 1 <= count <= executor.most_cores:
            raise TargetError(
                f"target {executor.name} runs on 1 to {executor.most_cores} cores, got {count}"
            )


def _run(
    report: Report,
    executor: Target,
    name: str,
    case: Known,
    cores: int,
    mode: str,
    timeout: float | None,
) -> None:
    result = run(
        case.plan,
        case.inputs,
        target=executor,
        contract=case.contract,
        checked=mode == "checked",
        cores=cores,
        timeout=timeout,
    )
    got, axes = result.tensors(), result_axes(case.plan)
    wanted = {
        k: v for k, v in case.tensors.items() if mode == "checked" or not k.startswith("trace/")
    }
    report.runs += 1
    for key in (*wanted, *(k for k in got if k not in wanted)):
        if key not in got:
            difference: Difference | None = _lost("missing", wanted[key], "it did not come back")
        elif key not in wanted:
            difference = _lost("unexpected", got[key], "no golden knows it")
        else:
            difference = compare(wanted[key], got[key], axes[key])
        size = (wanted if key in wanted else got)[key].size
        report.tensors += 1
        report.elements += size
        if difference is not None:
            report.different += difference.differing
            altered = key in case.altered
            report.findings.append(Finding(name, cores, mode, key, difference, altered))


def _lost(kind: str, value: Array, told: str) -> Difference:
    return Difference(kind, value.size, value.size, told=told)

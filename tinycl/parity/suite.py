"""Known cases on a target: every tensor compared, nothing skipped in silence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tinycl.bits import Array
from tinycl.errors import FileError, TargetError, TargetMissing, TinyclError
from tinycl.parity.axes import result_axes
from tinycl.parity.compare import Difference, compare
from tinycl.parity.findings import Finding, Known, Report
from tinycl.target.registry import get, run

MODES = ("checked", "lean")


def run_suite(
    names: Iterable[str],
    load: Callable[[str], Known],
    *,
    target: str,
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
    target : str
    cores : sequence of int
    modes : sequence of {"checked", "lean"}
        ``checked`` compares outputs, records and trace, ``lean`` outputs and records.
    timeout : float, optional
        Seconds for each run. Where it is exceeded, the case has failed and the next one begins.
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
        It has not so many cores, or fails on the first run of all.
    """
    _check(target, cores)
    report = Report(target, tuple(cores), tuple(modes))
    begun = time.perf_counter()
    for name in names:
        progress(name)
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
            for count in cores:
                for mode in modes:
                    _run(report, name, case, count, mode, timeout)
        except TinyclError as error:
            if not report.runs:
                raise  # nothing ever ran: it is the target, not the case
            report.failed[name] = str(error)
    report.seconds = time.perf_counter() - begun
    return report


def _check(target: str, cores: Sequence[int]) -> None:
    executor = get(target)
    reason = executor.available()
    if reason is not None:
        raise TargetMissing(f"target {target} is not available: {reason}")
    for count in cores:
        if not 1 <= count <= executor.most_cores:
            raise TargetError(
                f"target {target} runs on 1 to {executor.most_cores} cores, got {count}"
            )


def _run(
    report: Report, name: str, case: Known, cores: int, mode: str, timeout: float | None
) -> None:
    result = run(
        case.plan,
        case.inputs,
        target=report.target,
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

"""The contract of a whole run of which only some results are known, such as losses over a UART.

Where what an operation read is not known, the operation cannot be judged alone: then the plan is
run under one contract after the other, up to the first result that differs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import numpy as np

from tinycl.bits import Array, canonical, words
from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.infer.calls import calls, trace_place
from tinycl.infer.candidates import (
    USUAL,
    Rows,
    candidates,
    contract_of,
    is_usual,
    reductions,
)
from tinycl.infer.evidence import MOST_ELEMENTS, SPREAD, evidence_of_words
from tinycl.infer.search import lengths
from tinycl.infer.verdict import Inferred, Rest
from tinycl.num.environment import check_environment
from tinycl.ops import TABLE
from tinycl.parity.axes import result_axes
from tinycl.parity.compare import compare
from tinycl.plan import Plan

LEAST_RUNS = 8  # also where the time is over
MORE = 4  # times as many contracts are tried as until the first that fits: others may, too
MOST_OTHERS = 3


def infer_run(
    plan: Plan,
    inputs: Mapping[str, Array],
    known: Mapping[str, Array],
    expected: Mapping[str, Array],
    seconds: float,
) -> Inferred:
    """Find the contract under which a run gives every tensor that is known of it.

    Parameters
    ----------
    plan : Plan
    inputs : mapping of str to ndarray
    known, expected : mapping of str to ndarray
        Entries of the trace: what came, as `placed` returns it; the whole one under the default
        contract, or any other.
    seconds : float
        When they are over the search ends and says what it did not try.

    Returns
    -------
    Inferred
        Usual numbers of lanes, groups and blocks alone are tried. `rest` is what remains under
        the contract of `expected`.
    """
    check_environment()
    deadline, rows = time.monotonic() + seconds, _candidates(plan, inputs, expected)
    firsts: list[Array] = []
    fits: list[int] = []
    tried, last = 0, len(rows)
    for rank, row in enumerate(rows):
        late = time.monotonic() > deadline and rank >= LEAST_RUNS
        if late or rank == last or len(fits) > MOST_OTHERS:
            break
        results = _results(plan, inputs, known, contract_of(row))
        first, whole = next(results, (None, False))
        if first is not None:
            firsts.append(first)
        if whole and all(equal for _, equal in results):
            fits.append(rank)
            last = min(last, MORE * (rank + LEAST_RUNS))
        tried = rank + 1
    if not fits:
        left = len(rows) - tried
        untried = f"{left} contracts were not tried in time" if left else ""
        rest = _rest(plan, known, expected)
        return Inferred(None, nearest=DEFAULT, rest=rest, tried=tried, untried=untried)
    found = [contract_of(rows[rank]) for rank in fits]
    wanted = next(_results(plan, inputs, known, found[0]))[0]
    told = np.stack([f for f in firsts if f.shape == wanted.shape])
    one = evidence_of_words(told[:SPREAD], told[: max(fits[0], 1)], wanted)
    times = len(known)  # each later result would part, too
    evidence = one._replace(total=one.total * times, margin=one.margin * times)
    return Inferred(
        contract=found[0],
        certain=evidence.sure(fits[0], is_usual(found[0].reduction)),
        evidence=evidence.total,
        others=tuple(found[1:]),
        tried=tried,
    )


def _candidates(plan: Plan, inputs: Mapping[str, Array], expected: Mapping[str, Array]) -> Rows:
    """Return contracts over all fields that an operation of the plan has, likely ones first."""
    fields: frozenset[str] = frozenset()
    totals: set[int] = set()
    met: set[str] = set()
    for call in calls(plan, inputs, expected):
        if call.key not in met:
            fields |= call.seen.fields()
            totals.update(lengths(call.seen) if call.seen.is_sum else ())
        met.add(call.key)
        if len(met) == sum(len(body.ops) for body in plan.bodies.values()):
            break
    return candidates(fields, reductions(USUAL, totals or {1}))


def _results(
    plan: Plan, inputs: Mapping[str, Array], known: Mapping[str, Array], contract: Contract
) -> Iterator[tuple[Array, bool]]:
    """Run the specification; yield of each known tensor its first words, and whether it is equal.

    The run ends at the first one that is not, and where nothing more is known.
    """
    memory = {n: canonical(v) for n, v in inputs.items() if n not in plan.streamed}
    cursor, left = dict.fromkeys(plan.streamed, 0), len(known)
    for step, body in enumerate(plan.steps()):
        for name in body.streams:
            memory[name] = canonical(inputs[name][cursor[name]])
            cursor[name] += 1
        for index, op in enumerate(body.ops):
            row = TABLE[op.kind]
            given = [None if n is None else memory[n] for n in op.inputs]
            try:
                made = row.function(*given, **row.attributes(op.attrs), contract=contract)
            except ShapeError:  # such as lists that do not ascend
                return
            place = trace_place(step, body.name, index, op)
            values = made if isinstance(made, tuple) else (made,)
            for out, value in zip(op.outputs, values, strict=True):
                if out is None:
                    continue
                memory[out] = canonical(value)
                wanted = known.get(f"{place}/{out}")
                if wanted is None:
                    continue
                equal = np.array_equal(words(memory[out]), words(canonical(wanted)))
                yield words(memory[out]).ravel()[:MOST_ELEMENTS], equal
                left -= 1
                if not equal or not left:
                    return


def _rest(plan: Plan, known: Mapping[str, Array], expected: Mapping[str, Array]) -> Rest:
    """Return what differs between two traces."""
    axes, differing, total = result_axes(plan), 0, 0
    first: Rest | None = None
    for name in (n for n in expected if n in known):
        found = compare(expected[name], known[name], axes[name])
        total += known[name].size
        if found is not None:
            differing += found.differing
            place, _, tensor = name.rpartition("/")
            first = first or Rest(0, 0, place.removeprefix("trace/"), tensor, found)
    if first is None:
        return Rest(0, total)
    return Rest(differing, total, first.kind, first.tensor, first.difference)

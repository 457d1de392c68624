"""The calls of a run: each operation with its inputs as the run itself left them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from tinycl.bits import DTYPES, Array, canonical
from tinycl.contract import DEFAULT, Contract
from tinycl.infer.observed import Observed
from tinycl.infer.search import infer
from tinycl.infer.verdict import Inferred, rest_under
from tinycl.plan import Op, Plan

MOST_CALLS = 6  # of one operation that are searched: those that the contract fails, then others
MORE_CALLS = 2  # that join where they contradict what was found
LEAST = 0.1  # seconds of a search


class Call(NamedTuple):
    """One operation of one step; `assumed` names what it reads that was not kept."""

    step: int
    body: str
    op_index: int
    op: Op
    seen: Observed
    assumed: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What all steps of this operation have in common, such as ``train/03.sgd``."""
        return f"{self.body}/{self.op_index:02d}.{self.op.kind}"

    def among(self, names: Collection[str]) -> bool:
        """Tell whether a tensor that it writes is one of these of the trace."""
        place = trace_place(self.step, self.body, self.op_index, self.op)
        return any(f"{place}/{name}" in names for name in self.op.writes)


def trace_place(step: int, body: str, index: int, op: Op) -> str:
    """Return what the names of an operation's tensors in a trace begin with."""
    return f"trace/{step}/{body}/{index:02d}.{op.kind}"


def calls(
    plan: Plan,
    inputs: Mapping[str, Array],
    tensors: Mapping[str, Array],
    assumed: Mapping[str, Array] = MappingProxyType({}),
) -> Iterator[Call]:
    """Yield the calls of a checked run.

    Parameters
    ----------
    plan : Plan
    inputs : mapping of str to ndarray
        What went in.
    tensors : mapping of str to ndarray
        `Result.tensors()`: the ``trace/...`` entries are read. Those that are missing, or of
        another shape or dtype than the plan's, are taken for not kept; an operation that reads
        such a tensor is left out.
    assumed : mapping of str to ndarray
        Trace entries that stand in for those that were not kept, as inputs of later operations.
    """
    guessed: set[str] = set()
    memory = {n: canonical(v) for n, v in inputs.items() if n not in plan.streamed}
    cursor = dict.fromkeys(plan.streamed, 0)
    for step, body in enumerate(plan.steps()):
        for name in body.streams:
            memory[name] = canonical(inputs[name][cursor[name]])
            guessed.discard(name)
            cursor[name] += 1
        for index, op in enumerate(body.ops):
            known = all(n in memory for n in op.reads)
            before = [None if n is None else memory.get(n) for n in op.inputs]
            unsure = tuple(n for n in op.reads if n in guessed)
            place = trace_place(step, body.name, index, op)
            after: list[Array | None] = []
            for out in op.outputs:
                value = None if out is None else tensors.get(f"{place}/{out}")
                kept = out is not None and value is not None and _fits(plan, out, value)
                after.append(value if kept else None)
            for out, value in zip(op.outputs, after, strict=True):
                if out is None:
                    continue
                memory.pop(out, None)
                guessed.discard(out)
                stand_in = assumed.get(f"{place}/{out}")
                if value is not None:
                    memory[out] = value
                elif stand_in is not None:
                    memory[out] = canonical(stand_in)
                    guessed.add(out)
            if known and any(value is not None for value in after):
                seen = Observed(op.kind, before, op.attrs, after)
                yield Call(step, body.name, index, op, seen, unsure)


def _fits(plan: Plan, name: str, value: Array) -> bool:
    tensor = plan.tensors[name]
    return value.shape == tensor.shape and value.dtype == DTYPES[tensor.dtype]


@dataclass
class Group:
    """All calls of one operation of a plan, or of one kernel.

    Attributes
    ----------
    key, kind : str
    tensors : tuple of str
        What it writes.
    wrong, right : list of Observed
        Calls that a contract does not explain, and (some of) those that it does.
    count : int
        Calls.
    assumed : tuple of str
        What they read that was not kept.
    most : int
        Calls that a search begins with.
    """

    key: str
    kind: str
    tensors: tuple[str, ...]
    wrong: list[Observed] = field(default_factory=list)
    right: list[Observed] = field(default_factory=list)
    count: int = 0
    assumed: tuple[str, ...] = ()
    most: int = MOST_CALLS

    @property
    def cases(self) -> list[Observed]:
        """The calls to search."""
        some = self.wrong[: self.most]
        return [*some, *self.right[: self.most - len(some)]]

    def take(self, seen: Observed, contract: Contract, assumed: Iterable[str] = ()) -> None:
        """Put a call to those that a contract explains, or to the others."""
        wrong = rest_under([seen], contract).differing
        self.count += 1
        self.assumed = tuple(dict.fromkeys((*self.assumed, *assumed)))
        if wrong or len(self.right) < self.most:
            (self.wrong if wrong else self.right).append(seen)

    def search(self, seconds: float) -> Inferred:
        """Return which contract gives every bit of these calls.

        A contract that was found on some of them must give the others, too; calls by which it is
        found out join the search.
        """
        cases, deadline = self.cases, time.monotonic() + seconds
        while True:
            found = infer(cases, max(deadline - time.monotonic(), LEAST))
            if found.contract is None:
                return found
            left = [s for s in (*self.wrong, *self.right) if not any(s is c for c in cases)]
            failed = [s for s in left if rest_under([s], found.contract).differing]
            if not failed:
                return found
            if time.monotonic() > deadline:
                rest = rest_under([*cases, *left], found.contract)
                late = "other contracts that fit the first calls were not tried in time"
                return Inferred(
                    None, nearest=found.contract, rest=rest, tried=found.tried, untried=late
                )
            cases = [*cases, *failed[:MORE_CALLS]]


def groups(
    plan: Plan,
    inputs: Mapping[str, Array],
    tensors: Mapping[str, Array],
    contract: Contract = DEFAULT,
    wanted: Callable[[Call], bool] = lambda call: True,
    assumed: Mapping[str, Array] = MappingProxyType({}),
) -> dict[str, Group]:
    """Sort the calls of a run by operation.

    Parameters
    ----------
    plan, inputs, tensors, assumed
        As `calls` takes them.
    contract : Contract
        Calls that it explains are told apart from those that it does not.
    wanted : callable
        Which calls are looked at.

    Returns
    -------
    dict of str to Group
        By `Call.key`.
    """
    found: dict[str, Group] = {}
    for call in filter(wanted, calls(plan, inputs, tensors, assumed)):
        group = Group(call.key, call.op.kind, call.op.writes)
        found.setdefault(call.key, group).take(call.seen, contract, call.assumed)
    return found

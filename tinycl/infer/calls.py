"""The calls of a run: each operation with its inputs as the run itself left them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tinycl.bits import DTYPES, Array, canonical
from tinycl.contract import DEFAULT, Contract
from tinycl.infer.observed import Observed
from tinycl.infer.search import infer
from tinycl.infer.verdict import Inferred, rest_under
from tinycl.plan import Op, Plan

MOST_CALLS = 6  # of one operation that are searched: those that the contract fails, then others


class Call(NamedTuple):
    """One operation of one step."""

    step: int
    body: str
    op_index: int
    op: Op
    seen: Observed

    @property
    def key(self) -> str:
        """What all steps of this operation have in common, such as ``train/03.sgd``."""
        return f"{self.body}/{self.op_index:02d}.{self.op.kind}"


def calls(plan: Plan, inputs: Mapping[str, Array], tensors: Mapping[str, Array]) -> Iterator[Call]:
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
    """
    memory = {n: canonical(v) for n, v in inputs.items() if n not in plan.streamed}
    cursor = dict.fromkeys(plan.streamed, 0)
    for step, body in enumerate(plan.steps()):
        for name in body.streams:
            memory[name] = canonical(inputs[name][cursor[name]])
            cursor[name] += 1
        for index, op in enumerate(body.ops):
            known = all(n in memory for n in op.reads)
            before = [None if n is None else memory.get(n) for n in op.inputs]
            place = f"trace/{step}/{body.name}/{index:02d}.{op.kind}"
            after: list[Array | None] = []
            for out in op.outputs:
                value = None if out is None else tensors.get(f"{place}/{out}")
                kept = out is not None and value is not None and _fits(plan, out, value)
                after.append(value if kept else None)
            for out, value in zip(op.outputs, after, strict=True):
                if out is not None:
                    memory.pop(out, None)
                    memory.update({} if value is None else {out: value})
            if known and any(value is not None for value in after):
                yield Call(step, body.name, index, op, Observed(op.kind, before, op.attrs, after))


def _fits(plan: Plan, name: str, value: Array) -> bool:
    tensor = plan.tensors[name]
    return value.shape == tensor.shape and value.dtype == DTYPES[tensor.dtype]


@dataclass
class Group:
    """All calls of one operation of a plan.

    Attributes
    ----------
    key, kind : str
    tensors : tuple of str
        What it writes.
    wrong, right : list of Call
        Calls that a contract does not explain, and (some of) those that it does.
    count : int
        Calls.
    """

    key: str
    kind: str
    tensors: tuple[str, ...]
    wrong: list[Call] = field(default_factory=list)
    right: list[Call] = field(default_factory=list)
    count: int = 0

    @property
    def cases(self) -> list[Observed]:
        """The calls to search."""
        some = self.wrong[:MOST_CALLS]
        return [c.seen for c in (*some, *self.right[: MOST_CALLS - len(some)])]

    def take(self, call: Call, contract: Contract) -> None:
        """Put a call to those that a contract explains, or to the others."""
        wrong = rest_under([call.seen], contract).differing
        self.count += 1
        if wrong or len(self.right) < MOST_CALLS:
            (self.wrong if wrong else self.right).append(call)

    def search(self, seconds: float) -> Inferred:
        """Return which contract gives every bit of these calls.

        A contract that was found on some of them must give the others, too.
        """
        found = infer(self.cases, seconds)
        if found.contract is None:
            return found
        rest = [c.seen for c in (*self.wrong[MOST_CALLS:], *self.right)]
        left = rest_under(rest, found.contract)
        if not left.differing:
            return found
        return Inferred(None, nearest=found.contract, rest=left, tried=found.tried)


def groups(
    plan: Plan,
    inputs: Mapping[str, Array],
    tensors: Mapping[str, Array],
    contract: Contract = DEFAULT,
    wanted: Callable[[Call], bool] = lambda call: True,
) -> dict[str, Group]:
    """Sort the calls of a run by operation.

    Parameters
    ----------
    plan, inputs, tensors
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
    for call in filter(wanted, calls(plan, inputs, tensors)):
        group = Group(call.key, call.op.kind, call.op.writes)
        found.setdefault(call.key, group).take(call, contract)
    return found

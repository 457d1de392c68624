"""Where `tinycl infer` takes its calls from: a golden file, a dump beside a golden, a target."""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tinycl.cli.output import progress
from tinycl.errors import TinyclError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tinycl.bits import Array
    from tinycl.golden.schema import Golden
    from tinycl.infer.calls import Call, Group
    from tinycl.plan import Plan

DIRECTIONS = ("forward", "weight_grad", "input_grad", "bias_grad")
OF_A_TARGET = (
    "mac/*",
    *(f"conv2d_{d}/{c}_*" for d in DIRECTIONS[:3] for c in ("prime", "stride3_asymmetric")),
    *(f"depthwise_{d}/{c}_*" for d in DIRECTIONS[:3] for c in ("prime", "stride3_asymmetric")),
    *(f"pointwise_{d}/*" for d in DIRECTIONS[:3]),
    *(f"linear_{d}/*" for d in DIRECTIONS),
    "conv2d_bias_grad/*",
    "top_k/*",
)


def of_a_file(path: Path, against: str | None, folder: Path | None) -> dict[str, Group]:
    """Return the operations of a golden file.

    Raises
    ------
    TinyclError
        The file that plan and inputs are taken from has another plan.
    """
    from tinycl.golden.find import find
    from tinycl.golden.store import read
    from tinycl.infer.calls import groups

    got = read(path)
    source = got if against is None else find(against, folder)
    if source.plan != got.plan:
        raise TinyclError(
            f"infer: {path} and {against} have different plans; `tinycl diff` shows what differs"
        )
    with _watched(source.plan) as look:
        return groups(source.plan, source.inputs, got.tensors, wanted=look)


def dumped(path: Path, options: argparse.Namespace) -> tuple[Golden, Mapping[str, Array]]:
    """Return a golden, and the tensors of an ``.npz``, a ``.bin`` or a hex dump."""
    from tinycl.export import Expected, read_tensors
    from tinycl.golden.find import find

    golden = find(options.against, options.golden)
    expected = replace(Expected.of_golden(golden), prefix=options.prefix)
    return golden, read_tensors(path, expected, options.layout, options.tensor).values


def of_a_dump(path: Path, options: argparse.Namespace) -> dict[str, Group]:
    """Return the operations whose results a dump holds.

    What an operation read is taken from the golden where the dump does not have it.
    """
    from tinycl.infer.calls import groups
    from tinycl.infer.dumped import inputs_with, placed

    golden, got = dumped(path, options)
    inputs = inputs_with(golden.inputs, got)
    known = placed(golden.plan, got)
    with _watched(golden.plan) as look:
        return groups(golden.plan, inputs, known, wanted=look, assumed=golden.tensors)


@contextmanager
def _watched(plan: Plan) -> Iterator[Callable[[Call], bool]]:
    """Show how many operations were computed; yield what `groups` asks of each call."""
    total = sum(len(body.ops) for body in plan.steps())
    with progress(total, "compute") as advance:

        def look(call: Call) -> bool:
            advance(call.key)
            return True

        yield look


def of_a_target(patterns: list[str], target: str, cores: int) -> dict[str, Group]:
    """Run cases on a target; return the calls of each kind of operation."""
    from tinycl.contract import DEFAULT
    from tinycl.golden.catalogue import select
    from tinycl.infer.calls import Group, calls
    from tinycl.target.registry import get, run

    chosen, executor = select(patterns or OF_A_TARGET), get(target)
    asked = executor.spoken(DEFAULT)
    by_kind: dict[str, Group] = {}
    with progress(len(chosen), f"run on {target}") as advance:
        for name, case in chosen.items():
            advance(name)
            if case.contract != DEFAULT:
                continue
            plan, inputs, _ = case.build()
            result = run(plan, inputs, target=executor, contract=asked, cores=cores)
            for call in calls(plan, inputs, result.tensors()):
                kind = call.op.kind
                group = by_kind.setdefault(kind, Group(kind, kind, call.op.writes))
                group.take(call.seen, DEFAULT)
    return by_kind

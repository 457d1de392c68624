"""`tinycl infer`: which contract a dump or a target keeps, operation by operation."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycl.cli.output import add_json, progress, show, show_json
from tinycl.errors import ExitCode, TinyclError

if TYPE_CHECKING:
    from tinycl.golden.schema import Golden
    from tinycl.infer import Inferred
    from tinycl.infer.calls import Group

SECONDS = 20.0
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


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "got", nargs="*", metavar="GOT.h5",
        help="a golden file with what came out; with --target: CASEs, names or globs",
    )  # fmt: skip
    parser.add_argument(
        "--against",
        metavar="GOLDEN.h5|CASE",
        help="take plan and inputs from there (default: from GOT.h5 itself)",
    )
    parser.add_argument("--target", metavar="NAME", help="run cases on numpy, numba, host, ...")
    parser.add_argument("--cores", type=int, default=1, metavar="N", help="of a target")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="for each operation (default: %(default)g)"
    )
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Infer and print."""
    if not options.seconds > 0:
        raise TinyclError(f"infer: --seconds takes a number above 0, got {options.seconds}")
    if options.target:
        if options.against:
            raise TinyclError("infer: --against goes with a file, not with --target")
        found = of_a_target(options.got, options.target, options.cores, options.seconds)
        together = joint([group for group, _ in found.values()], options.seconds)
    else:
        if len(options.got) != 1:
            raise TinyclError("infer: takes one GOT.h5, or --target NAME with CASEs")
        groups = of_a_file(Path(options.got[0]), options.against)
        found = searched(groups, options.seconds)
        together = joint(list(groups.values()), options.seconds)
    if not found:
        raise TinyclError(
            "infer: there is no operation whose inputs and outputs are both known; "
            "a golden file holds them in its trace"
        )
    if options.json:
        show_json(
            {
                "operations": {
                    key: {"kind": g.kind, "tensors": list(g.tensors), "calls": g.count}
                    | answer.to_dict()
                    for key, (g, answer) in found.items()
                },
                "together": together.to_dict(),
            }
        )
    else:
        _print(found, together)
    return ExitCode.EQUAL if is_default(together) else ExitCode.DIFFERENT


def is_default(answer: Inferred) -> bool:
    """Whether the default contract gives every bit."""
    from tinycl.contract import DEFAULT

    return answer.contract == DEFAULT


def of_a_file(path: Path, against: str | None) -> dict[str, Group]:
    """Return the operations of a golden file."""
    from tinycl.golden.store import read
    from tinycl.infer.calls import groups

    got = read(path)
    source = got if against is None else known(against)
    if source.plan != got.plan:
        raise TinyclError(
            f"infer: {path} and {against} have different plans; `tinycl diff` shows what differs"
        )
    return groups(source.plan, source.inputs, got.tensors)


def known(against: str) -> Golden:
    """Return a golden file, or the golden of a case of the catalogue."""
    from tinycl.golden.catalogue import catalogue
    from tinycl.golden.make import make
    from tinycl.golden.store import read

    cases = catalogue()
    return make(cases[against]) if against in cases else read(Path(against))


def searched(groups: dict[str, Group], seconds: float) -> dict[str, tuple[Group, Inferred]]:
    """Search the contract of each operation."""
    found = {}
    with progress(len(groups), "infer") as advance:
        for key, group in groups.items():
            advance(key)
            found[key] = (group, group.search(seconds))
    return found


def of_a_target(
    patterns: list[str], target: str, cores: int, seconds: float
) -> dict[str, tuple[Group, Inferred]]:
    """Run cases on a target and search the contract of each kind of operation."""
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
                group.take(call, DEFAULT)
    return searched(by_kind, seconds)


def joint(groups: list[Group], seconds: float) -> Inferred:
    """Search one contract for all operations at once; those that the default fails go first."""
    from tinycl.contract import DEFAULT
    from tinycl.infer import Inferred, infer

    cases = [c for g in groups for c in g.cases]
    if not cases or not any(g.wrong for g in groups):
        return Inferred(DEFAULT, certain=True, evidence=1.0)
    return infer(cases, seconds)


def _print(found: dict[str, tuple[Group, Inferred]], together: Inferred) -> None:
    from rich.console import Group as Parts
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold")
    for title in ("operation", "tensor", "contract", "what remains"):
        table.add_column(title, overflow="fold")
    for key, (group, answer) in found.items():
        table.add_row(*_row(key, group, answer))
    good = is_default(together)
    line = f"{len(found)} operations together: {together.told}"
    show(Parts(table, Text(line, "bold green" if good else "bold red")))


def _row(key: str, group: Group, answer: Inferred) -> tuple[Any, ...]:
    from rich.text import Text

    contract = "no contract" if answer.contract is None else str(answer.contract)
    if answer.contract is not None and not answer.evidence:
        contract = "any: all give the same"
    elif answer.open:
        contract += f"\nnot told: {answer.free}"
    if answer.contract is not None and not answer.certain and not is_default(answer):
        contract += "\nby chance, perhaps"
    rest = answer.rest
    remains = "nothing" if rest is None else f"{rest.differing} of {rest.total}: {rest.place}"
    if answer.untried:
        remains += f"\n{answer.untried}"
    name = key if group.count == 1 else f"{key}\n{group.count} calls"
    return Text(name), Text(", ".join(group.tensors)), Text(contract), Text(remains)

"""`tinycl infer`: which contract a dump, a library or a target keeps, operation by operation."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycl.cli.export import add_layout
from tinycl.cli.golden import add_folder
from tinycl.cli.infer_library import add_library, is_library, of_a_library, silence
from tinycl.cli.output import add_json, progress, show, show_json
from tinycl.errors import ExitCode, TinyclError

if TYPE_CHECKING:
    from tinycl.infer import Inferred
    from tinycl.infer.calls import Group

SECONDS = 20.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "got",
        nargs="*",
        metavar="GOT",
        help="what came out: .h5; a golden (.h5 or case) and a .npz, .bin or hex dump; a LIB.so; "
        "with --target: CASEs, names or globs",
    )
    parser.add_argument(
        "--against",
        metavar="GOLDEN.h5|CASE",
        help="take plan and inputs from there (default: from GOT.h5 itself)",
    )
    parser.add_argument("--target", metavar="NAME", help="run cases on numpy, numba, host, ...")
    parser.add_argument(
        "--cores", type=int, default=1, metavar="N", help="of a target or library (default: 1)"
    )
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="for each operation (default: %(default)g)"
    )
    add_layout(parser, "order of the axes in a dump, where it does not say it (default: chw)")
    parser.add_argument("--tensor", metavar="NAME", help="a dump is the words of this tensor alone")
    parser.add_argument("--prefix", default="", help="of names in C, as `tinycl export` has it")
    add_library(parser)
    add_folder(parser)
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Infer and print."""
    from rich.text import Text

    if not options.seconds > 0:
        raise TinyclError(f"infer: --seconds takes a number above 0, got {options.seconds}")
    if not options.cores > 0:
        raise TinyclError(f"infer: --cores takes a number above 0, got {options.cores}")
    library = bool(options.kernels) or (len(options.got) == 1 and is_library(options.got[0]))
    if sum((bool(options.target), library, bool(options.against))) > 1:
        raise TinyclError("infer: --against goes with a file, not with --target or a library")
    if options.probe:
        if not library:
            raise TinyclError("infer: --probe takes LIB.so or --kernels FILE.c")
        from tinycl.cli.infer_probe import probe_library

        return probe_library(options)
    silent: list[str] = []
    if library:
        found, silent = of_a_library(options)
    else:
        groups = _groups(options)
        if not groups:
            raise TinyclError(
                "infer: there is no operation whose inputs and outputs are both known; "
                "a golden file holds them in its trace, a dump may name `output/...`"
            )
        found = searched(groups, options.seconds)
    unsure = not library and any(_is_unsure(group, answer) for group, answer in found.values())
    together = _of_the_run(options) if unsure else joint(found, options.seconds)
    if options.json:
        show_json(
            {
                "operations": {
                    key: {"kind": g.kind, "tensors": list(g.tensors), "calls": g.count}
                    | {"assumed": list(g.assumed)}
                    | answer.to_dict()
                    for key, (g, answer) in found.items()
                },
                "together": together.to_dict(),
                "silent": silent,
            }
        )
    else:
        what = "the whole run" if unsure else f"{len(found)} operations together"
        _print(found, together, what)
        if silent:
            show(Text(silence(silent), "bold red"))
    return ExitCode.EQUAL if is_default(together) and not silent else ExitCode.DIFFERENT


def is_default(answer: Inferred | None) -> bool:
    """Whether the default contract gives every bit."""
    from tinycl.contract import DEFAULT

    return answer is not None and answer.contract == DEFAULT


def _is_unsure(group: Group, answer: Inferred) -> bool:
    """Whether an operation has no contract, and what it read is not known."""
    return bool(group.assumed) and (answer.contract is None or not answer.certain)


def _of_the_run(options: argparse.Namespace) -> Inferred:
    """Search one contract for the whole run, from what the dump has of it."""
    from tinycl.cli.infer_sources import dumped
    from tinycl.infer import infer_run
    from tinycl.infer.dumped import inputs_with, placed

    golden, got = dumped(Path(options.got[-1]), options)
    known = placed(golden.plan, got)
    with progress(1, "infer", options.seconds) as advance:
        advance("one contract for the whole run")
        inputs = inputs_with(golden.inputs, got)
        return infer_run(golden.plan, inputs, known, golden.tensors, options.seconds)


def _groups(options: argparse.Namespace) -> dict[str, Group]:
    from tinycl.cli.infer_sources import of_a_dump, of_a_file, of_a_target

    if options.target:
        return of_a_target(options.got, options.target, options.cores)
    files = [*([options.against] if options.against else []), *options.got]
    if len(options.got) == 2 and not options.against:
        options.against = files[0]
    elif len(options.got) != 1:
        raise TinyclError(
            "infer: takes one GOT.h5, a golden and a dump, a LIB.so, or --target NAME with CASEs"
        )
    path = Path(files[-1])
    if path.suffix == ".h5":
        return of_a_file(path, options.against, options.golden)
    if not options.against:
        raise TinyclError(
            f"infer: {path} has no plan: name its golden, too, as GOLDEN.h5 or a case"
        )
    return of_a_dump(path, options)


def searched(groups: dict[str, Group], seconds: float) -> dict[str, tuple[Group, Inferred]]:
    """Search the contract of each operation."""
    found = {}
    with progress(len(groups), "infer", seconds) as advance:
        for key, group in groups.items():
            advance(key)
            found[key] = (group, group.search(seconds))
    return found


def joint(found: dict[str, tuple[Group, Inferred]], seconds: float) -> Inferred:
    """Search one contract for all operations at once; those that the default fails go first."""
    from tinycl.contract import DEFAULT
    from tinycl.infer import Inferred, infer
    from tinycl.infer.calls import MOST_CALLS

    if not any(group.wrong for group, _ in found.values()):
        return Inferred(DEFAULT, certain=True, evidence=1.0)
    if len(found) == 1:
        return next(answer for _, answer in found.values())
    with progress(1, "infer", seconds) as advance:
        advance("one contract for all")
        return infer([c for g, _ in found.values() for c in g.cases[:MOST_CALLS]], seconds)


def _print(found: dict[str, tuple[Group, Inferred]], together: Inferred, what: str) -> None:
    from rich.console import Group as Parts
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold")
    for title in ("operation", "tensor", "contract", "what remains"):
        table.add_column(title, overflow="fold")
    for key, (group, answer) in found.items():
        table.add_row(*_row(key, group, answer))
    good = is_default(together)
    line = f"{what}: {together.told}"
    show(Parts(table, Text(line, "bold green" if good else "bold red")))


def _row(key: str, group: Group, answer: Inferred) -> tuple[Any, ...]:
    from rich.text import Text

    contract = "no contract" if answer.contract is None else str(answer.contract)
    if answer.contract is not None and not answer.evidence:
        contract = "any: all give the same"
    elif answer.free:
        contract += f"\nnot told: {answer.free}"
    if answer.apart:
        contract += f"\nfits, too: {' or '.join(map(str, answer.apart))}"
    if answer.contract is not None and not answer.certain and not is_default(answer):
        contract += "\nby chance, perhaps"
    rest = answer.rest
    remains = "nothing" if rest is None else f"{rest.differing} of {rest.total}: {rest.place}"
    if rest is not None and not is_default_nearest(answer):
        remains += f"\nnearest is {answer.nearest}"
    if group.assumed:
        remains += f"\nits input {', '.join(group.assumed)} is not there; the golden's was taken"
    if answer.untried:
        remains += f"\n{answer.untried}"
    name = key if group.count == 1 else f"{key}\n{group.count} calls"
    return Text(name), Text(", ".join(group.tensors)), Text(contract), Text(remains)


def is_default_nearest(answer: Inferred) -> bool:
    """Whether what remains is what remains under the default contract."""
    from tinycl.contract import DEFAULT

    return answer.nearest == DEFAULT

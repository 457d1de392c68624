"""`tinycl diff`: a golden and another one, an export or a dump, tensor by tensor."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from tinycl.cli.diff_infer import Explanation, explained, lines
from tinycl.cli.export import add_layout, add_tensors
from tinycl.cli.golden import add_folder
from tinycl.cli.output import add_json, show, show_json
from tinycl.errors import ExitCode

if TYPE_CHECKING:
    from tinycl.golden.schema import Golden
    from tinycl.parity.compare import Difference


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("a", metavar="A", help="what is expected: .h5, a case, .npz or .bin")
    parser.add_argument(
        "b", type=Path, metavar="B", help="what is compared: .h5, .npz, .bin, or a hex dump"
    )
    add_layout(parser, "order of the axes in B, where B does not say it (default: chw)")
    add_tensors(parser, "compare these, which B then must have: globs such as 'output/*'")
    parser.add_argument("--tensor", metavar="NAME", help="B is the words of this tensor alone")
    parser.add_argument("--prefix", default="", help="of B's names in C, as `tinycl export` has it")
    add_folder(parser)
    parser.add_argument(
        "--no-infer",
        action="store_true",
        help="do not look for the contract that B keeps, where A is a golden",
    )
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Compare and print."""
    ours = Path(options.a)
    plain = not (options.layout or options.tensors or options.tensor)
    if plain and ours.suffix == options.b.suffix == ".h5":
        return _goldens(options, ours)
    from tinycl.cli.diff_files import compare_files

    return compare_files(options)


def _goldens(options: argparse.Namespace, ours: Path) -> int:
    from tinycl.golden.store import read

    a, b = read(ours), read(options.b)
    heads, tensors = headers(a, b), differences(a, b)
    altered = {str(p): g.altered for p, g in ((ours, a), (options.b, b)) if g.altered}
    search = tensors and a.plan == b.plan and not options.no_infer
    told = explained(a, b.everything) if search else {}
    if options.json:
        _print_json(heads, tensors, altered, told)
    else:
        _print(heads, tensors, altered, told, len(a.everything))
    return ExitCode.DIFFERENT if heads or tensors or altered else ExitCode.EQUAL


def headers(a: Golden, b: Golden) -> dict[str, tuple[str, str]]:
    """Return what differs besides tensors: name, seed, contract, plan."""
    from tinycl.plan import to_json

    told = {
        "name": (a.name, b.name),
        "seed": (str(a.seed), str(b.seed)),
        "contract": (str(a.contract), str(b.contract)),
        "plan": (to_json(a.plan), to_json(b.plan)),
    }
    return {what: pair for what, pair in told.items() if pair[0] != pair[1]}


def differences(a: Golden, b: Golden) -> dict[str, Difference]:
    """Return the tensors that differ, and those that only one of the two has."""
    from tinycl.parity.axes import input_axes, result_axes
    from tinycl.parity.compare import Difference, compare

    axes = {f"input/{n}": v for n, v in input_axes(a.plan).items()} | result_axes(a.plan)
    ours, theirs = a.everything, b.everything
    found: dict[str, Difference] = {}
    for name in (*ours, *(n for n in theirs if n not in ours)):
        if name not in ours or name not in theirs:
            kind, size = ("missing", ours[name].size) if name in ours else ("unexpected", 0)
            side = "A" if name in ours else "B"
            found[name] = Difference(kind, size, size, told=f"only {side} has it")
        elif difference := compare(ours[name], theirs[name], axes[name]):
            found[name] = difference
    return found


def _print(
    heads: dict[str, tuple[str, str]],
    tensors: dict[str, Difference],
    altered: dict[str, tuple[str, ...]],
    told: dict[str, Explanation],
    count: int,
) -> None:
    from rich.console import Group, RenderableType
    from rich.text import Text

    from tinycl.parity.report import differences_table

    parts: list[RenderableType] = [
        Text(f"{what} differs:\n  A {ours}\n  B {theirs}") for what, (ours, theirs) in heads.items()
    ]
    if tensors:
        parts.append(differences_table((name, d, "") for name, d in tensors.items()))
    parts += [Text(line, style) for line, style in lines(told)]
    parts += [
        Text(f"{path}: the golden itself was altered: {', '.join(names)}", "bold red")
        for path, names in altered.items()
    ]
    if not parts:
        parts.append(Text(f"{count} tensors, all equal", "bold green"))
    else:
        parts.append(Text(f"{len(tensors)} of {count} tensors differ", "bold red"))
    show(Group(*parts))


def _print_json(
    heads: dict[str, tuple[str, str]],
    tensors: dict[str, Difference],
    altered: dict[str, tuple[str, ...]],
    told: dict[str, Explanation],
) -> None:
    from tinycl.parity.report import difference_dict

    show_json(
        {
            "headers": {what: {"a": a, "b": b} for what, (a, b) in heads.items()},
            "tensors": {name: difference_dict(d) for name, d in tensors.items()},
            "altered": altered,
            "inferred": {key: dataclasses.asdict(said) for key, said in told.items()},
        }
    )

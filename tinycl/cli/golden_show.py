"""`tinycl golden show`: what one golden file holds."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycl.cli.golden import add_folder
from tinycl.cli.output import add_json, show, show_json
from tinycl.errors import ExitCode

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tinycl.golden.schema import Golden


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("case", metavar="CASE", help="name of a case, or a file")
    add_folder(parser)
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print the file's head and one line a tensor."""
    from tinycl.golden.folder import default_folder, path_of
    from tinycl.golden.store import read

    path = path_of(options.golden or default_folder(), options.case)
    if options.case.endswith(".h5"):
        path = Path(options.case)
    golden = read(path)
    if options.json:
        show_json({"file": str(path), **to_dict(golden)})
    else:
        show(_render(golden))
    return ExitCode.DIFFERENT if golden.altered else ExitCode.EQUAL


def to_dict(golden: Golden) -> dict[str, Any]:
    """Return everything but the data."""
    from tinycl.plan import to_json

    tensors = {
        name: {
            "dtype": str(value.dtype),
            "shape": list(value.shape),
            "digest": golden.digests[name],
        }
        for name, value in golden.everything.items()
    }
    return {
        "name": golden.name,
        "seed": golden.seed,
        "contract": golden.contract.text,
        "contract_hash": golden.contract.hash,
        "digest": golden.digest,
        "altered": golden.altered,
        "plan": json.loads(to_json(golden.plan)),
        "tensors": tensors,
    }


def _render(golden: Golden) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    head = [
        f"{golden.name}  seed {golden.seed}  contract {golden.contract}",
        f"digest {golden.digest}",
    ]
    for name, times in golden.plan.schedule:
        body = golden.plan.bodies[name]
        head.append(
            f"{name}, {times} times; streams {list(body.streams)}, records {list(body.records)}"
        )
        for op in body.ops:
            attrs = " ".join(f"{k}={v}" for k, v in op.attrs.items())
            head.append(f"  {op.kind}({', '.join(op.reads)}) -> {', '.join(op.writes)}  {attrs}")
    table = Table(header_style="bold")
    for title in ("tensor", "dtype", "shape", "digest", ""):
        table.add_column(title, overflow="fold")
    for name, value in golden.everything.items():
        table.add_row(
            Text(name),
            str(value.dtype),
            "x".join(map(str, value.shape)) or "scalar",
            golden.digests[name][:16],
            Text("altered", "bold red") if name in golden.altered else "",
        )
    parts: list[RenderableType] = [Text("\n".join(head)), table]
    if golden.altered:
        told = f"the golden itself was altered: {', '.join(golden.altered)}"
        parts.append(Text(told, "bold red"))
    return Group(*parts)

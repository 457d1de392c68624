"""`tinycl cl table`: one row for each experiment."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tinycl.cli.output import add_json, show, show_json


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "results", nargs="+", type=Path, metavar="DIR", help="folders, or results.json, of cl run"
    )
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Read all, then print."""
    from tinycl.cl.session.results import read, row

    rows = [row(str(path), read(path)) for path in options.results]
    if options.json:
        show_json(rows)
    else:
        show(_render(rows))
    return 0


def _render(rows: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    head = ("accuracy", "average", "forgetting", "replay bytes", "backward effort")
    table = Table("experiment", "strategy", "replay", "policy", "seed", "batches", *head)
    for r in rows:
        shares = [_number(r[k], "{:.2%}") for k in ("accuracy", "average", "forgetting")]
        table.add_row(
            r["name"],
            r["strategy"],
            r["replay"],
            r["policy"],
            str(r["seed"]),
            f"{r['batches_done']}/{r['batches']}",
            *shares,
            f"{r['replay_bytes']:,}",
            _number(r["effort"], "{:.3f}"),
        )
    return table


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)

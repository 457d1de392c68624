"""`tinycl cl run`: an experiment from a TOML file, with progress, checkpoints and results."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycl.cli.output import add_json, show, show_json
from tinycl.errors import TinyclError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tinycl.cl.session import Run, State


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="EXPERIMENT.toml", help="the experiment's keys"
    )
    for name in ("seed", "cores", "checkpoint"):
        also = ("--threads",) if name == "cores" else ()
        parser.add_argument(f"--{name}", *also, dest=name, type=int, metavar="N")
    parser.add_argument("--target", metavar="NAME", help="default: numba")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="put a key over the file's, such as replay.bits=7; may be repeated",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="default: runs/NAME of EXPERIMENT.toml"
    )
    parser.add_argument("--resume", action="store_true", help="go on at the last checkpoint in DIR")
    parser.add_argument(
        "--stop-after", type=int, metavar="N", help="stop after N steps and other runs of bodies"
    )
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Run, and print where it came to."""
    from tinycl.cl.session import Experiment, begin, resume

    if options.stop_after is not None and options.stop_after < 0:
        raise TinyclError(f"cl run: --stop-after must not be below 0, got {options.stop_after}")
    if options.file is None and not options.resume:
        raise TinyclError("cl run: give the TOML file of an experiment, or --resume and --out")
    out = options.out or Path("runs") / (options.file.stem if options.file else "cl")
    table = given(options)
    try:
        if options.resume:
            run = resume(table, out, whole=options.file is not None)
        else:
            run = begin(Experiment.from_table(table), out)
        begun = time.monotonic()
        with _bar(run) as watch:
            run.go_on(options.stop_after, watch)
    except MemoryError as error:
        raise TinyclError(
            "cl run: not enough memory; take a smaller net, minibatch or replay memory"
        ) from error
    document = run.document()
    seconds = time.monotonic() - begun
    if options.json:
        show_json(document | {"out": str(out), "seconds": round(seconds, 3)})
    else:
        show(_render(document, str(out), seconds))
    return 0


def given(options: argparse.Namespace) -> dict[str, Any]:
    """Return the table of the file with what the flags say put over it."""
    from tinycl.cli.train import put
    from tinycl.train.config import read_toml

    table = read_toml(options.file) if options.file else {}
    for name in ("seed", "cores", "checkpoint", "target"):
        if getattr(options, name) is not None:
            table[name] = getattr(options, name)
    for setting in options.set:
        put(table, setting, "cl run")
    return table


@contextmanager
def _bar(run: Run) -> Iterator[Callable[[State], None]]:
    """Show learning batches, steps and accuracy on standard error if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda state: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("learning batch"), BarColumn(), MofNCompleteColumn())
    told = TextColumn("{task.description}")
    with Progress(*columns, told, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=run.session.phases, completed=run.state.phase)
        of = sum(len(t.samples) for t in run.session.scenario.tasks)

        def watch(state: State) -> None:
            losses = state.losses.get(str(state.phase))
            loss = ""
            if losses is not None and len(losses):
                loss = f"run {state.place}  loss {losses[-1]:.4f}"
            last = f"  accuracy {sum(state.correct[-1]) / of:.2%}" if state.correct else ""
            bar.update(task, completed=state.phase, description=loss + last)

        yield watch


def _render(document: dict[str, Any], out: str, seconds: float) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    found = document["accuracy"]
    if found is None:
        return Text(f"no learning batch is learned yet; go on with --resume\n{out}")
    table = Table("learning batch", *found["tasks"], "all", title="accuracy on each task")
    names = [batch["name"] for batch in document["batches"]]
    for place, row in enumerate(found["correct"]):
        shares = [f"{c / n:.1%}" for c, n in zip(row, found["of"], strict=True)]
        table.add_row(names[place], *shares, f"{found['accuracy'][place]:.2%}")
    lines = [
        f"average accuracy {_share(found['average_accuracy'])}, forgetting "
        f"{_share(found['forgetting'])}, backward transfer {_share(found['backward_transfer'])}"
    ]
    costs = document["costs"]
    if costs is not None:
        memory = ", ".join(f"{k.replace('_', ' ')} {v:,}" for k, v in costs["memory"].items() if v)
        lines.append(f"bytes of a learning batch: {memory}")
        full = costs["dense_backward_macs"]
        if full:
            lines.append(
                f"backward passes: {costs['backward_macs']:,} multiply-accumulates, "
                f"{costs['backward_macs'] / full:.3f} of dense ones"
            )
    lines.append("finished" if document["finished"] else "not finished; go on with --resume")
    lines.append(f"{seconds:.1f} s; {out}: phase.h5, step.h5, results.json")
    return Group(table, Text("\n".join(lines)))


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2%}"

"""`tinycl train`: a net, a data set and a policy; checkpoints, and a results file."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycl.cli.output import add_json, show, show_json
from tinycl.errors import FileError, TinyclError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tinycl.trace import Recorder
    from tinycl.train import Run, State

NUMBERS = ("epochs", "batch", "microbatches", "seed", "cores", "checkpoint", "choose")
TEXTS = ("net", "optimiser", "target", "contract", "start")
REALS = ("lr", "momentum", "weight_decay")
TOLD = {
    "net": "digits, mlp:64-32-10, conv:8-16, mobilenet_v1:0.25, ... (default: digits)",
    "optimiser": "sgd or adam (default: sgd)",
    "target": "numpy, numba, host, qemu or gvsoc (default: numba)",
    "contract": "such as 'selection_order=heap' (default: the default contract)",
    "start": "begin with these weights: checkpoint.h5 of a run, .npz or .h5 of parameters",
    "epochs": "default: 5",
    "batch": "samples in one pass (default: 16)",
    "microbatches": "passes before one update (default: 1)",
    "seed": "of initial values and shuffles (default: 1)",
    "cores": "threads or harts; never changes a bit (default: 1)",
    "checkpoint": "write one every N steps too (default: once an epoch)",
    "choose": "policies choose anew every N epochs (default: 0, once)",
    "lr": "default: 0.02 for sgd, 0.001 for adam",
    "momentum": "default: 0.9 for sgd",
    "weight_decay": "default: 0",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    from tinycl.cli.export import add_layout

    parser.add_argument("file", nargs="?", type=Path, metavar="RUN.toml", help="the run's keys")
    for names, kind, metavar in ((TEXTS, str, "NAME"), (NUMBERS, int, "N"), (REALS, float, "X")):
        for name in names:
            also = ("--threads",) if name == "cores" else ()
            option = f"--{name.replace('_', '-')}"
            parser.add_argument(
                option, *also, dest=name, type=kind, metavar=metavar, help=TOLD[name]
            )
    parser.add_argument("--data", metavar="NAME", help="data set (default: digits)")
    parser.add_argument("--path", help="where its files are")
    parser.add_argument("--policy", metavar="KIND", help="default: dense")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="any other key of the file, such as policy.k=10 or data.size=64",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="default: runs/NAME of RUN.toml, else runs/train"
    )
    parser.add_argument("--resume", action="store_true", help="go on at the last checkpoint in DIR")
    parser.add_argument(
        "--stop-after", type=int, metavar="N", help="stop when N steps of the run are done"
    )
    parser.add_argument(
        "--trace", type=Path, metavar="FILE", help="write a hash of every tensor of every step"
    )
    add_layout(parser, "of the tensors that are hashed, in the device's memory (default: chw)")
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Train, and print where it came to."""
    from tinycl.train import Config, begin, resume

    if options.stop_after is not None and options.stop_after < 0:
        raise TinyclError(f"train: --stop-after must not be below 0, got {options.stop_after}")
    table = given(options)
    name = options.file.stem if options.file else "train"
    out = options.out or Path("runs") / name
    try:
        run = resume(table, out) if options.resume else begin(Config.from_table(table), out)
        first, begun = run.state.step, time.monotonic()
        with _bar(run) as watch, _recorder(options) as recorder:
            run.train(options.stop_after, watch, recorder)
    except MemoryError as error:
        raise TinyclError(
            "train: not enough memory; take a smaller net, batch or data set"
        ) from error
    seconds = time.monotonic() - begun
    document = run.document()
    if options.json:
        more = {"out": str(out), "first": first, "seconds": round(seconds, 3)}
        show_json(document | more)
    else:
        show(_render(document, str(out), run.state.step - first, seconds))
    return 0


def given(options: argparse.Namespace) -> dict[str, Any]:
    """Return the table of the file with what the flags say put over it."""
    from tinycl.train.config import data_table, read_toml
    from tinycl.train.policies import policy_table

    table = read_toml(options.file) if options.file else {}
    for name in (*TEXTS, *NUMBERS, *REALS):
        if getattr(options, name) is not None:
            table[name] = getattr(options, name)
    if options.policy is not None:
        policy = policy_table(table.get("policy", {}))
        same = options.policy == policy.get("kind")
        table["policy"] = policy if same else {"kind": options.policy}
    if options.data is not None or options.path is not None:
        data = dict(data_table(table.get("data", {})))
        if options.data is not None and options.data != data.get("name"):
            data = {"name": options.data}
        table["data"] = data if options.path is None else {**data, "path": options.path}
    for setting in options.set:
        _put(table, setting)
    return table


def _put(table: dict[str, Any], setting: str) -> None:
    """Put ``a.b=value`` into a table; a value that is not TOML is a text."""
    import tomllib

    key, equals, text = setting.partition("=")
    path = key.strip().split(".")
    if not equals or not all(path):
        raise TinyclError(f"train: cannot read --set {setting!r}; write it as policy.k=10")
    try:
        read = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        read = {"value": text}
    if len(read) > 1:
        raise TinyclError(f"train: --set {setting!r} takes one key and one value; repeat --set")
    value = read["value"]
    for part in path[:-1]:
        inner = table.get(part, {})
        if isinstance(inner, str) and part in ("data", "policy"):
            inner = {"name" if part == "data" else "kind": inner}
        if not isinstance(inner, dict):
            raise TinyclError(f"train: --set {setting!r}: {part} is {inner!r} and has no keys")
        table[part] = dict(inner)
        table = table[part]
    table[path[-1]] = value


@contextmanager
def _recorder(options: argparse.Namespace) -> Iterator[Recorder | None]:
    """Open the file of hashes; a run that is resumed goes on at its end."""
    if options.trace is None:
        if options.layout:
            raise TinyclError("train: --layout is of the hashes; give --trace FILE too")
        yield None
        return
    from tinycl.trace import Recorder

    try:
        file = options.trace.open("a" if options.resume else "x", encoding="utf-8")
    except FileExistsError as error:
        raise FileError(f"{options.trace}: is there already; give another --trace") from error
    except OSError as error:
        raise FileError(f"{options.trace}: cannot be written: {error.strerror}") from error
    with file:
        yield Recorder(file.write, options.layout or "chw")


@contextmanager
def _bar(run: Run) -> Iterator[Callable[[State, int], None]]:
    """Show steps, loss and accuracy on standard error if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda state, steps: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("train"), BarColumn(), MofNCompleteColumn(), Remaining())
    told = TextColumn("{task.description}")
    with Progress(*columns, told, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=run.steps, completed=run.state.step)

        def watch(state: State, steps: int) -> None:
            loss = state.records["train/loss"][-1:].mean() if state.step else float("nan")
            last = state.accuracy[-1] if state.accuracy else None
            accuracy = f"  accuracy {last.correct / last.of:.2%}" if last else ""
            bar.update(task, completed=state.step, description=f"loss {loss:.4f}{accuracy}")

        yield watch


def _render(document: dict[str, Any], out: str, done: int, seconds: float) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from tinycl.cli.train_report import render

    table = Table("epoch", "mean loss", "correct", "of", "accuracy")
    per_epoch = document["steps"] // document["config"]["epochs"]
    per_epoch *= document["config"]["microbatches"]
    for entry in document["accuracy"]:
        stop = entry["epoch"] * per_epoch
        losses = [float(loss) for loss in document["loss"][stop - per_epoch : stop]]
        table.add_row(
            str(entry["epoch"]),
            f"{sum(losses) / len(losses):.4f}",
            str(entry["correct"]),
            str(entry["of"]),
            f"{entry['accuracy']:.2%}",
        )
    verdict = "finished" if document["finished"] else "not finished; go on with --resume"
    told = f"step {document['step']} of {document['steps']}: {verdict}"
    speed = f"; {seconds / done * 1000:.2f} ms a step" if done else ""
    lines = f"{told}\n{done} steps in {seconds:.1f} s{speed}\n{out}: checkpoint.h5, results.json"
    page = document["policy"]
    return Group(table, *([] if page is None else [render(page)]), Text(lines))

"""Continual learning on handwritten digits, as 5 tasks of 2 classes: strategies, replay, policies.

`tools/continual` prepares the machine and starts this. All numbers are the same in every run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from tinycl.cl.session import Experiment, begin
from tinycl.errors import ExitCode, TinyclError

from table_text import line, put  # isort: skip

README = Path(__file__).resolve().parents[1] / "README.md"
NAME = "tools/continual"
console = Console(stderr=True, highlight=False)

COMMON: dict[str, Any] = {
    "net": "separable:norm=renorm,head_bias=false",
    "checkpoint": 0,
    "scenario": {"kind": "new_classes", "tasks": 5, "classes": 2},
    "first": {"epochs": 8, "minibatch": 16, "lr": 0.02},
}
STAGE = {"below": "depthwise9", "numbers": "int8"}
STRATEGY = {"epochs": 8, "minibatch": 32, "lr": 0.02, "weight_decay": 0.0, "renorm_rate": 0.05}
SLOTS = 150
POLICIES: dict[str, Any] = {
    "channels 25 %": {"kind": "channels", "ratio": 0.25},
    "TinyProp": {"kind": "tinyprop"},
    "TinyPropv2": {"kind": "tinypropv2"},
}


def experiments() -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """Return tables of experiments by strategy, frozen stage, replay and policy."""
    found = {}
    for name, kind in (("fine-tuning", "fine_tuning"), ("cumulative", "cumulative")):
        found[name, "INT8", "none", "dense"] = table(kind)
    found["CWR*", "INT8", "none", "dense"] = table("cwr_star")
    free = "AR1*free"
    found[free, "FP32", "FP32", "dense"] = table("ar1_star_free", bits=32, numbers="f32")
    for bits in (8, 7, 6):
        found[free, "INT8", f"{bits} bits", "dense"] = table("ar1_star_free", bits=bits)
    for name, policy in POLICIES.items():
        found[free, "INT8", "8 bits", name] = table("ar1_star_free", bits=8, policy=policy)
    return found


def table(
    kind: str, bits: int | None = None, numbers: str = "int8", policy: Any = "dense"
) -> dict[str, Any]:
    """Return the table of one experiment."""
    made = {
        **COMMON,
        "stage": {**STAGE, "numbers": numbers},
        "strategy": {"kind": kind, "train_depthwise": True, **STRATEGY},
        "policy": policy,
    }
    return made if bits is None else {**made, "replay": {"slots": SLOTS, "bits": bits}}


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(NAME, description=__doc__)
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every number as JSON")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="default: 5")
    parser.add_argument("--cores", type=int, default=2, metavar="N", help="default: 2")
    options = parser.parse_args(argv)
    if options.seeds < 1 or options.cores < 1:
        parser.error("--seeds and --cores take 1 or more")
    return options


def run(made: dict[str, Any], seed: int, cores: int, folder: Path) -> dict[str, Any]:
    """Run one experiment and return what the table tells of it."""
    session = begin(Experiment.from_table({**made, "seed": seed, "cores": cores}), folder)
    session.go_on()
    document = session.document()
    accuracy, costs = document["accuracy"], document["costs"]
    return {
        "seed": seed,
        "accuracy": accuracy["accuracy"][-1],
        "forgetting": accuracy["forgetting"],
        "replay_bytes": costs["replay_bytes"],
        "effort": costs["backward_macs"] / costs["dense_backward_macs"],
        "backward_macs": costs["backward_macs"],
    }


def markdown(rows: dict[tuple[str, ...], list[dict[str, Any]]], seeds: int) -> str:
    """Return the table."""
    over = f"mean and deviation of {seeds} seeds" if seeds > 1 else "one seed"
    head = ("strategy", "frozen stage", "replay", "policy", "accuracy", "forgetting")
    head += ("replay bytes", "backward effort", "million MAC backward")
    lines = [
        f"Digits as 5 tasks of 2 classes, {SLOTS} replays; test accuracy on all 10 classes after "
        f"the last task and forgetting, in percent, {over}:",
        "",
        line(head),
        line(["---"] * len(head)),
    ]
    for names, runs in rows.items():
        shares = [spread([100 * run[key] for run in runs]) for key in ("accuracy", "forgetting")]
        effort = statistics.fmean(run["effort"] for run in runs)
        macs = statistics.fmean(run["backward_macs"] for run in runs) / 1e6
        cells = [*names, *shares, f"{runs[0]['replay_bytes']:,}", f"{effort:.3f}", f"{macs:,.0f}"]
        lines.append(line(cells))
    return "\n".join(lines)


def spread(values: Sequence[float]) -> str:
    """Return the mean and, of several values, the sample deviation."""
    mean = f"{statistics.fmean(values):.1f}"
    return mean if len(values) < 2 else f"{mean} ± {statistics.stdev(values):.1f}"


def main(argv: Sequence[str] | None = None) -> int:
    """Make the table and return an exit code."""
    options = parse(argv)
    if options.readme:
        put(README.read_text(), "", NAME)  # says now whether it has a place
    rows: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory(prefix="tinycl-continual-") as folder:
        for place, (names, made) in enumerate(experiments().items()):
            console.print(f"continual: {', '.join(names)}")
            rows[names] = [
                run(made, seed, options.cores, Path(folder) / f"{place}-{seed}")
                for seed in range(1, options.seeds + 1)
            ]
    text = markdown(rows, options.seeds)
    print(text)
    if options.json:
        document = [{"experiment": list(names), "runs": runs} for names, runs in rows.items()]
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    if options.readme:
        README.write_text(put(README.read_text(), text, NAME))
    return ExitCode.EQUAL


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TinyclError as error:
        console.print(f"continual: {error}", style="bold red", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)

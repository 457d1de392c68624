"""The results of a session: accuracies, losses, costs, digests of the last weights."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from tinycl.bits import digest
from tinycl.cl.costs import memory, work
from tinycl.cl.learning.bodies import LATENTS as NEW_LATENTS
from tinycl.cl.learning.replay import LATENTS
from tinycl.cl.metrics import Accuracies
from tinycl.cl.session.session import Session, State
from tinycl.errors import FileError, TinyclError
from tinycl.train.results import number

FORMAT = 1
WRONG = TypeError, AttributeError, RecursionError  # of documents that are not as they should be
KINDS = {LATENTS: "latents", NEW_LATENTS: "activations"}  # of states in the memory's sums


def document(session: Session, state: State) -> dict[str, Any]:
    """Return the results as JSON holds them; equal sessions have equal documents.

    Returns
    -------
    dict
        ``format``, ``experiment``, ``data``, ``batches``, ``finished``, ``loss`` (by phase, one a
        step), ``accuracy`` (`Accuracies.to_json`, None before the first), ``costs`` (bytes by
        kind and multiply-accumulates of a learning batch, replay bytes, effort), ``tensors`` (to
        digest).
    """
    scenario = session.scenario
    return {
        "format": FORMAT,
        "experiment": session.experiment.to_table(),
        "data": {"name": scenario.data.name, "digest": scenario.digest},
        "batches": [
            {"name": b.name, "samples": len(b.samples), "classes": list(b.classes)}
            for b in scenario.batches
        ],
        "phase": state.phase,
        "place": state.place,
        "finished": session.is_finished(state),
        "loss": {k: [number(float(v)) for v in each] for k, each in state.losses.items()},
        "accuracy": _accuracy(session, state),
        "costs": _costs(session, state),
        "tensors": {name: digest(value) for name, value in sorted(state.tensors.items())},
    }


def _accuracy(session: Session, state: State) -> dict[str, Any] | None:
    if not state.correct:
        return None
    rows, before = np.array(state.correct, np.int64), np.array(state.before, np.int64)
    return Accuracies.of_scenario(session.scenario, rows, before).to_json()


def _costs(session: Session, state: State) -> dict[str, Any] | None:
    """Costs of the last learning batch, and the effort of all so far against dense ones."""
    if state.phase < 1 or len(session.counts) < 2:
        return None
    learner = session.learner(state)
    plan = learner.plan(learner.sizes(session.counts))
    replay = session.experiment.replay
    kinds = {name: kind for name, kind in KINDS.items() if name in plan.tensors}
    return {
        "memory": dataclasses.asdict(memory(plan, kinds)),
        "work": dataclasses.asdict(work(plan)),
        "replay_bytes": 0 if replay is None else replay.bytes(learner.latent),
        "backward_macs": state.macs,
        "dense_backward_macs": state.dense_macs,
    }


def read(path: Path) -> dict[str, Any]:
    """Read results; `path` may be the folder that holds them.

    Raises
    ------
    FileError
        Not there, or not results of a session.
    """
    try:
        file = path / "results.json" if path.is_dir() else path
        made = json.loads(file.read_text())
        known = made["format"] == FORMAT
        row(str(path), made)
        if made["accuracy"] is not None:
            accuracies(path, made)
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (TinyclError, ValueError, ArithmeticError, LookupError, *WRONG) as error:
        raise _no_results(file, error) from error
    if not known:
        raise _no_results(file, f"format {made['format']!r}, not {FORMAT}")
    return dict(made)


def _no_results(file: Path, why: object) -> FileError:
    return FileError(f"{file}: not the results of `tinycl cl run` ({why}); give its folder")


def row(name: str, made: dict[str, Any]) -> dict[str, Any]:
    """Return what a table tells of one session's results."""
    experiment, accuracy, costs = made["experiment"], made["accuracy"], made["costs"]
    replay = experiment.get("replay")
    full = int(costs["dense_backward_macs"]) if costs is not None else 0
    return {
        "name": name,
        "strategy": str(experiment["strategy"]["kind"]),
        "replay": "-" if replay is None else f"{replay['slots']} x {replay['bits']} bits",
        "policy": str(experiment["policy"]["kind"]),
        "seed": int(experiment["seed"]),
        "batches": len(made["batches"]),
        "batches_done": 0 if accuracy is None else len(accuracy["correct"]),
        "accuracy": None if accuracy is None else _finite(accuracy["accuracy"][-1]),
        "average": None if accuracy is None else _finite(accuracy["average_accuracy"]),
        "forgetting": None if accuracy is None else _finite(accuracy["forgetting"]),
        "replay_bytes": 0 if costs is None else int(costs["replay_bytes"]),
        "effort": int(costs["backward_macs"]) / full if full else None,
    }


def _finite(value: Any) -> float | None:
    """Return a number of a document, or None.

    Raises
    ------
    ValueError
        It is neither.
    """
    if value is None:
        return None
    if not math.isfinite(float(value)):
        raise ValueError(f"{value} is no accuracy")
    return float(value)


def accuracies(path: Path, made: dict[str, Any]) -> Accuracies:
    """Return the accuracies that results tell.

    Raises
    ------
    FileError
        No learning batch is learned yet, or the numbers make no sense.
    """
    told = made["accuracy"]
    if told is None:
        raise FileError(f"{path}: no learning batch is learned yet; go on with --resume")
    try:
        counts = np.array(told["correct"], np.int64), np.array(told["of"], np.int64)
        before = None if told["before"] is None else np.array(told["before"], np.int64)
        return Accuracies(*counts, tuple(told["learned"]), before, tuple(told["tasks"]))
    except (TinyclError, LookupError, TypeError, ValueError, OverflowError) as error:
        raise FileError(f"{path}: damaged results: {error}") from error

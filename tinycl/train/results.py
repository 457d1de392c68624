"""The results file: what was run, each loss, each accuracy, digests of the final weights."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from tinycl import nn
from tinycl.bits import digest
from tinycl.data import Dataset
from tinycl.files import write_whole
from tinycl.train.checkpoint import State
from tinycl.train.config import Config
from tinycl.train.policies import report

FORMAT = 1
LOSS = "train/loss"


def document(
    config: Config,
    data: Dataset,
    data_digest: str,
    training: nn.Training,
    state: State,
    steps: int,
    whole: bool = True,
) -> dict[str, Any]:
    """Return the results as JSON holds them; equal runs have equal documents.

    Parameters
    ----------
    config, data, data_digest, training, state
    steps : int
        Of the whole run; it is finished when the state has come so far.
    whole : bool
        With the policy's report, which takes a while after many steps.

    Returns
    -------
    dict
        ``format``, ``config``, ``data``, ``step``, ``steps``, ``finished``, ``loss`` (one a
        microbatch; what is not finite is a text, which `float` reads), ``accuracy``, ``weights``
        and ``states`` (tensor to digest), ``policy`` (`Report.json`; None for a
        dense one, at step 0, and where not `whole`).
    """
    losses = state.records.get(LOSS, ())
    tensors = training.plan(0).tensors
    digests = {
        role: {n: digest(v) for n, v in state.tensors.items() if tensors[n].role == role}
        for role in ("weight", "state")
    }
    return {
        "format": FORMAT,
        "config": config.to_table(),
        "data": {
            "name": data.name,
            "digest": data_digest,
            "train": len(data.train_y),
            "test": len(data.test_y),
            "sample": list(data.sample_shape),
            "classes": list(data.classes),
        },
        "step": state.step,
        "steps": steps,
        "finished": state.step == steps,
        "loss": [number(float(loss)) for loss in losses],
        "accuracy": [
            {"epoch": e.epoch, "correct": e.correct, "of": e.of, "accuracy": e.correct / e.of}
            for e in state.accuracy
        ],
        "weights": digests["weight"],
        "states": digests["state"],
        "policy": report(config.policy, training, state) if whole else None,
    }


def write(path: Path, made: dict[str, Any]) -> None:
    """Write the results file whole or not at all; one line a key.

    Raises
    ------
    FileError
        The place cannot be written.
    """
    lines = (f'"{key}": {json.dumps(value, allow_nan=False)}' for key, value in made.items())
    write_whole(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def number(value: float) -> float | str:
    """Return a value as JSON holds it; what is not finite is a text, which `float` reads."""
    return value if math.isfinite(value) else str(value)

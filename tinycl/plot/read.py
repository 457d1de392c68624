"""A results file, checked, as the arrays that a figure shows."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinycl.bits import Array
from tinycl.errors import FileError

FORMAT = 1
MOST = 1 << 53  # what float64 counts to


@dataclass(frozen=True, eq=False)
class Map:
    """Which channels of a layer were updated.

    Attributes
    ----------
    name : str
        Of the layer, and the side of its channels.
    width : int
        Steps a row.
    share : ndarray of float64, shape (rows, channels)
        Of these steps, those in which the channel was updated: 0 to 1.
    """

    name: str
    width: int
    share: Array


@dataclass(frozen=True, eq=False)
class Told:
    """What a results file tells.

    Attributes
    ----------
    title, totals : str
        What was run; effort and memory against dense.
    steps, every, samples : int
        Steps of the report, steps from one ratio to the next, samples of a step.
    ratios : dict of str to ndarray, shape (values,)
        By layer; NaN where it was no number.
    skipped : ndarray of float64, shape (steps,) or (0,)
    loss : ndarray of float64, shape (steps,)
    accuracy : ndarray of float64, shape (epochs, 2)
        The step after which it was measured, and its value.
    maps : tuple of Map
    """

    title: str
    totals: str
    steps: int
    every: int
    samples: int
    ratios: dict[str, Array]
    skipped: Array
    loss: Array
    accuracy: Array
    maps: tuple[Map, ...]


def read(path: Path) -> Told:
    """Read a results file, or that of a run's folder.

    Raises
    ------
    FileError
        Not there, no results of `tinycl train`, or without a policy's report.
    """
    path = path / "results.json" if path.is_dir() else path
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path}: not JSON, or cut short: {error}") from error
    if not isinstance(document, dict) or not {"format", "loss", "policy"} <= document.keys():
        raise FileError(f"{path}: holds no results; give the results.json that tinycl train wrote")
    if document["format"] != FORMAT:
        raise FileError(
            f"{path}: its format is {document['format']!r}; this tinycl reads {FORMAT}. Use the "
            "tinycl that wrote it"
        )
    if document["policy"] is None:
        raise FileError(
            f"{path}: has no report of a policy: the run was dense, or was interrupted. Train with "
            "--policy, or finish the run with --resume"
        )
    try:
        return _told(document)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise FileError(
            f"{path}: damaged, or of another tinycl ({type(error).__name__}: {error}); train again"
        ) from error


def _told(document: dict[str, Any]) -> Told:
    page, config = document["policy"], document["config"]
    steps, every = _whole(page["steps"], 1), _whole(page["every"], 1)
    values = -(-steps // every)
    losses = _series(document["loss"], steps)
    epochs = [_whole(entry["epoch"], 1) for entry in document["accuracy"]]
    accuracy = _series([entry["accuracy"] for entry in document["accuracy"]], len(epochs))
    per_epoch = _whole(document["steps"], 1) // _whole(config["epochs"], 1)
    per_epoch *= _whole(config["microbatches"], 1)
    skipped = page["skipped"]
    layers = [(_text(str(layer["layer"])), layer) for layer in page["layers"]]
    if not layers or len({name for name, _ in layers}) < len(layers):
        raise ValueError("layers without a name of their own")
    title = f"{config['net']} on {document['data']['name']}, policy {config['policy']['kind']}"
    return Told(
        title=_text(title),
        totals=_totals(page),
        steps=steps,
        every=every,
        samples=_whole(page["samples"], 1 if skipped else 0),
        ratios={name: _series(layer["ratio"], values) for name, layer in layers},
        skipped=_series(skipped, steps if skipped else 0),
        loss=losses,
        accuracy=np.column_stack([np.array(epochs, np.float64) * per_epoch, accuracy]),
        maps=tuple(_map(name, use, steps) for name, layer in layers for use in layer["channels"]),
    )


def _totals(page: dict[str, Any]) -> str:
    names = ("peak_bytes", "choosing_peak_bytes")
    steps, choosing = (page[name] / page["dense_peak_bytes"] for name in names)
    more = f" ({choosing:.1%} while choosing)" if choosing > steps else ""
    return (
        f"of dense training: backward {page['backward_effort']:.1%}, forward + backward "
        f"{page['total_effort']:.1%}, peak memory {steps:.1%}{more}"
    )


def _map(layer: str, use: dict[str, Any], steps: int) -> Map:
    width = _whole(use["width"], 1)
    first = np.arange(0, steps, width)
    updated = np.array(use["updated"], np.float64)
    if updated.ndim != 2 or len(updated) != len(first) or not updated.size:
        raise ValueError(f"the channels of {layer} are not a table of {len(first)} rows")
    share = updated / np.minimum(width, steps - first)[:, None]
    if not ((share >= 0) & (share <= 1)).all():
        raise ValueError(f"a channel of {layer} was updated in more steps than there are")
    side = "" if use["side"] == "channel" else f" {use['side']}"
    return Map(_text(f"{layer}{side}"), width, share)


def _series(values: Any, length: int) -> Array:
    """Return a list of numbers, None or texts such as 'nan' as float64; Inf becomes NaN."""
    made = np.array([math.nan if v is None else float(v) for v in values], np.float64)
    if (np.isfinite(made) & (np.abs(made) > np.finfo(np.float32).max)).any():
        raise ValueError("a value that is no float32")
    if len(made) != length:
        raise ValueError(f"{len(made)} values in the place of {length}")
    return np.where(np.isfinite(made), made, np.nan)


def _whole(value: Any, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST:
        raise ValueError(f"{value!r} is not a whole number from {least} to 2^53")
    return value


def _text(value: str) -> str:
    """Return a text that can be drawn: JSON also spells halves of characters."""
    value.encode()
    return value

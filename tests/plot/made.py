"""Results files, made up: of any number of layers, with everything that a figure can show."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np


def results(layers: int = 3, steps: int = 7, every: int = 1, width: int = 2) -> dict[str, Any]:
    """Return a document as `tinycl train` writes it: the part of it that a figure reads."""
    rng = np.random.default_rng(layers)
    values, rows = -(-steps // every), -(-steps // width)
    told = []
    for place in range(layers):
        lasts = np.minimum(width, steps - width * np.arange(rows))[:, None]
        updated = rng.integers(0, lasts + 1, (rows, 3 + place))
        use = {"side": "output", "width": width, "updated": updated.tolist()}
        ratio = [None if n % 5 == 3 else v for n, v in enumerate(rng.random(values).tolist())]
        told.append({"layer": f"pointwise{place}", "ratio": ratio, "channels": [use]})
    page = {
        "steps": steps,
        "every": every,
        "samples": 4,
        "skipped": rng.integers(0, 5, steps).tolist(),
        "backward_effort": 0.25,
        "total_effort": 0.5,
        "peak_bytes": 30,
        "choosing_peak_bytes": 36,
        "dense_peak_bytes": 40,
        "layers": told,
    }
    return {
        "format": 1,
        "config": {
            "net": "conv:3-4",
            "epochs": 1,
            "microbatches": 1,
            "policy": {"kind": "tinypropv2"},
        },
        "data": {"name": "digits"},
        "steps": steps,
        "loss": ["nan" if n % 4 == 2 else 1 / (n + 1) for n in range(steps)],
        "accuracy": [{"epoch": 1, "correct": 3, "of": 4, "accuracy": 0.75}],
        "policy": page,
    }


def altered(path: str, value: Any) -> dict[str, Any]:
    """Return results with another value at a path such as ``policy/layers/0/ratio``."""
    document = copy.deepcopy(results())
    *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    inner: Any = document
    for part in way:
        inner = inner[part]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return document

"""Labelled data made up for scenarios: each sample holds its own index."""

from __future__ import annotations

import numpy as np

from tinycl.data import Dataset


def made(per_class=(6, 6, 6, 6), sessions=0, tests=2, seed=3) -> Dataset:
    """A data set with so many samples of each class, shuffled; sessions in turn within a class."""
    y = np.repeat(np.arange(len(per_class)), per_class)
    session = np.concatenate([np.arange(n) % max(1, sessions) for n in per_class])
    order = np.random.default_rng(seed).permutation(len(y))
    x = np.arange(len(y), dtype=np.float32)[:, None]
    test_y = np.tile(np.arange(len(per_class)), tests).astype(np.int32)
    return Dataset(
        "made",
        x,
        y[order].astype(np.int32),
        np.arange(len(test_y), dtype=np.float32)[:, None],
        test_y,
        tuple(f"class{c}" for c in range(len(per_class))),
        session[order].astype(np.int32) if sessions else None,
    )

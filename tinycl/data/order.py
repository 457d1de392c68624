"""The order in which an epoch takes the samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinycl.num.generator import permutation

FIRST_STREAM = 1 << 32  # the initial values of the same seed have the streams below


def epoch_order(samples: int, epoch: int, seed: int) -> NDArray[np.int32]:
    """Return the order of one epoch; it depends on nothing else, so that a run can go on anywhere.

    Parameters
    ----------
    samples : int
    epoch : int
        From 0.
    seed : int
        Of the run.

    Returns
    -------
    ndarray of int32, shape (samples,)
        `tinycl.num.generator.permutation`, stream 2^32 + epoch.
    """
    return permutation(samples, seed, FIRST_STREAM + epoch)

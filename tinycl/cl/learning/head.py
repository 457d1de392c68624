"""The head of CWR*: rows of classes that are loaded, trained, and consolidated.

Source: Lomonaco et al., 2020, algorithm of CWR*; the authors' code.
"""

from __future__ import annotations

import numpy as np

from tinycl import nn
from tinycl.errors import PlanError

SAVED, PAST, COUNTS = "head.saved", "head.past", "head.counts"


def head_of(net: nn.Sequential) -> nn.Linear:
    """Return the last layer, a linear one.

    Raises
    ------
    PlanError
        It is another.
    """
    last = net.layers[-1] if net.layers else None
    if not isinstance(last, nn.Linear):
        raise PlanError(f"the net ends in {last and last.kind}; it must end in a linear layer")
    return last


def declare(b: nn.Builder, head: nn.Linear) -> None:
    """Declare the saved rows, and how many samples of each class they stand for."""
    b.state(SAVED, np.zeros(head.weight_shape, np.float32))
    b.state(PAST, np.zeros(head.weight_shape[0], np.int32))
    b.state(COUNTS, np.zeros(head.weight_shape[0], np.int32))


def count(b: nn.Builder, labels: str, classes: int) -> None:
    """Emit how many samples of each class a learning batch has."""
    b.emit("class_counts", (labels,), (COUNTS,), role="state", classes=classes)


def load(b: nn.Builder, head: nn.Linear) -> None:
    """Emit the head that a learning batch begins with: saved rows of its classes, else zeros."""
    b.emit("load_head", (SAVED, COUNTS), (head.weight,), role="weight")


def consolidate(b: nn.Builder, head: nn.Linear) -> None:
    """Emit the saved rows after a learning batch."""
    b.emit("consolidate_head", (SAVED, PAST, head.weight, COUNTS), ())

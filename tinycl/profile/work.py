"""What is profiled: training steps of the separable net, or golden cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinycl import nn, sparse
from tinycl.bits import Array
from tinycl.contract import DEFAULT, Contract
from tinycl.data import digits
from tinycl.errors import FileError, TinyclError
from tinycl.golden.store import read_case
from tinycl.models import separable_net
from tinycl.num.generator import integers, uniform
from tinycl.plan import Plan
from tinycl.profile.policies import POLICIES
from tinycl.target.registry import run

BATCH, WARM, SEED = 4, 200, 1
SIDE, CLASSES = 8, 10
LR, MOMENTUM = 0.02, 0.9
MOST_STEPS = 1000


@dataclass(frozen=True, eq=False)
class Work:
    """A plan to profile.

    Attributes
    ----------
    name : str
        Of its policy, or of its golden case.
    plan : Plan
    inputs : mapping of str to ndarray
    steps : int
        By which costs are divided.
    contract : Contract
    """

    name: str
    plan: Plan
    inputs: Mapping[str, Array]
    steps: int = 1
    contract: Contract = DEFAULT


def images(count: int) -> tuple[Array, Array, str]:
    """Return so many images (n, 1, 8, 8) and labels, and what they are.

    scikit-learn's digits where that is installed, over and over; random ones elsewhere.
    """
    try:
        split = digits()
    except TinyclError:
        pixels = uniform(SEED, 0, 0, count * SIDE * SIDE).reshape(count, 1, SIDE, SIDE)
        labels = integers(CLASSES, SEED, 1, 0, count).astype(np.int32)
        return pixels, labels, "random images (scikit-learn is not installed)"
    order = np.arange(count) % len(split.labels)
    return split.images[order], split.labels[order], "scikit-learn's digits"


def net_works(names: Iterable[str], steps: int) -> tuple[str, Iterator[Work]]:
    """Return what is trained, and the steps of each policy.

    Parameters
    ----------
    names : iterable of str
        Of `POLICIES`.
    steps : int
        They follow `WARM` steps with the same policy on the target ``numba``, so that a policy that
        learns what is large has seen some data, and the net makes few mistakes.

    Raises
    ------
    TinyclError
        Steps out of range.
    """
    if not 1 <= steps <= MOST_STEPS:
        raise TinyclError(f"profile: --steps takes 1 to {MOST_STEPS}, got {steps}")
    x, y, told = images((WARM + steps) * BATCH)
    what = (
        f"separable net on {told}, batches of {BATCH}, SGD with momentum; "
        f"{'step' if steps == 1 else 'steps'} {WARM + 1}"
        + (f" to {WARM + steps}" if steps > 1 else "")
    )
    return what, (net_work(name, steps, x, y) for name in names)


def net_work(name: str, steps: int, x: Array, y: Array) -> Work:
    """Return the steps of one policy, after `WARM` of them."""
    net = sparse.attach(separable_net(CLASSES), POLICIES[name])
    optimiser = nn.SGD(LR, MOMENTUM)
    training = nn.Training(net, nn.SoftmaxCrossEntropy(), optimiser, (BATCH, *x.shape[1:]))
    warm = run(
        training.plan(WARM),
        training.values(SEED) | training.calibration(x, y) | training.stream(x, y, WARM),
        target="numba",
        checked=False,
    )
    inputs = {**warm.outputs, **training.stream(x, y, steps, first=WARM)}
    return Work(name, training.plan(steps, choose=False), inputs, steps)


def case_works(folder: Path, names: Sequence[str]) -> Iterator[Work]:
    """Yield golden cases, one run of each.

    Raises
    ------
    FileError
        A file that is missing, damaged, or altered.
    """
    for name in names:
        golden = read_case(folder, name)
        if golden.altered:
            raise FileError(
                f"{name}: the golden was altered ({', '.join(golden.altered)}); take it from "
                "version control, or make it again with `tinycl golden make`"
            )
        yield Work(name, golden.plan, golden.inputs, 1, golden.contract)

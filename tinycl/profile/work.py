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
from tinycl.profile.policies import DENSE, POLICIES
from tinycl.target.registry import run

BATCH, BEFORE, WARM, SEED = 4, 1437, 100, 1
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
        They follow `BEFORE` dense steps and `WARM` steps with the policy, on the target ``numba``:
        policies are made for a net that already knows something, and some of them must see data
        before they know what is large.

    Raises
    ------
    TinyclError
        Steps out of range.
    """
    if not 1 <= steps <= MOST_STEPS:
        raise TinyclError(f"profile: --steps takes 1 to {MOST_STEPS}, got {steps}")
    x, y, told = images((BEFORE + WARM + steps) * BATCH)
    what = (
        f"separable net on {told}, batches of {BATCH}, SGD with momentum: {steps} step"
        f"{'s' if steps > 1 else ''} after {BEFORE:,} dense ones and {WARM} with the policy"
    )
    return what, _net_works(names, steps, x, y)


def _net_works(names: Iterable[str], steps: int, x: Array, y: Array) -> Iterator[Work]:
    dense = net_training(DENSE)
    values = _trained(dense, dense.values(SEED), x, y, 0, BEFORE)
    weights = {n: v for n, v in values.items() if dense.plan(0).tensors[n].role == "weight"}
    for name in names:
        training = net_training(name)
        states = {**training.values(SEED), **weights}
        inputs = _trained(training, states, x, y, BEFORE, WARM)
        inputs |= training.stream(x, y, steps, first=BEFORE + WARM)
        yield Work(name, training.plan(steps, choose=False), inputs, steps)


def net_training(name: str) -> nn.Training:
    """Return the training of the separable net with a policy of `POLICIES`."""
    net = sparse.attach(separable_net(CLASSES), POLICIES[name])
    shape = (BATCH, 1, SIDE, SIDE)
    return nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(LR, MOMENTUM), shape)


def _trained(
    training: nn.Training, values: Mapping[str, Array], x: Array, y: Array, first: int, steps: int
) -> dict[str, Array]:
    """Return parameters and states after some steps, from step `first` on."""
    given = {**values, **training.calibration(x, y), **training.stream(x, y, steps, first)}
    return dict(run(training.plan(steps), given, target="numba", checked=False).outputs)


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

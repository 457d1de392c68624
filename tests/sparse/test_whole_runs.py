"""Runs of 200 steps with every policy: the same bits on every executor and number of cores."""

import numpy as np
import pytest

from tests.sparse.nets import NETS, POLICIES, Work, differing, work
from tinycl import nn
from tinycl.contract import DEFAULT, Contract
from tinycl.sparse import TinyPropV2, TopK
from tinycl.target.registry import get
from tinycl.target.result import Result

STEPS = 200
CORES = {"numba": (1, 2, 3), "host": (1, 3, 8), "qemu": (1, 4, 8)}
PLAIN = {
    "top_k_rows": TopK(k=2, unified=True, rows=True),
    "tinypropv2_plain": TinyPropV2(threshold=0.7),
}


RATES = {"perceptron": 0.1, "convolution": 0.05}


def job(kind: str, name: str) -> Work:
    if name in PLAIN:
        return work(kind, PLAIN[name], optimiser=nn.SGD(RATES[kind] / 2), batch=3)
    return work(kind, POLICIES[name], optimiser=nn.SGD(RATES[kind], 0.5, 0.001), batch=3)


def everywhere(kind: str, name: str, contract: Contract) -> Result:
    """Run on every executor that is there, compare all of it, and tell which are not there."""
    wanted, missing = job(kind, name).run(STEPS, contract=contract), []
    for target, counts in CORES.items():
        reason = get(target).available()
        if reason is not None:
            missing.append(f"target {target} is not available: {reason}")
            continue
        for cores in counts:
            got = job(kind, name).run(STEPS, target=target, cores=cores, contract=contract)
            assert differing(wanted, got) == [], f"{target} on {cores} cores"
    if missing:
        pytest.skip("; ".join(missing))
    return wanted


@pytest.mark.parametrize("name", [*POLICIES, *PLAIN])
@pytest.mark.parametrize("kind", NETS)
def test_every_executor_gives_the_same_bits(kind, name):
    """In these runs the k of a layer varies, and TinyPropv2 skips and trains all along."""
    records = everywhere(kind, name, DEFAULT).records
    if name.startswith("tinyprop"):
        counts = [v for key, v in records.items() if key.endswith(".count")]
        assert max(len(np.unique(count[count > 0])) for count in counts) >= 2
    if name.startswith("tinypropv2"):
        trained = next(v for key, v in records.items() if key.endswith(".trained"))
        for part in (trained[: STEPS // 2], trained[STEPS // 2 :]):
            assert 0.05 < part.mean() < 0.99
    if name == "dense":
        losses = records["train/loss"]
        assert losses[-50:].mean() < 0.5 * losses[:20].mean()


@pytest.mark.parametrize("name", ["channels_both", "tinyprop", "tinyprop_channels", "top_k_rows"])
@pytest.mark.parametrize("kind", NETS)
def test_every_executor_follows_the_order_of_the_heap(kind, name):
    heap = everywhere(kind, name, DEFAULT.but(selection_order="heap"))
    if name == "tinyprop":
        assert differing(job(kind, name).run(STEPS, target="host"), heap)

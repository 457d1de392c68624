"""Runs of 200 steps with every policy: the same bits on every executor and number of cores."""

import functools

import numpy as np
import pytest

from tests.sparse.nets import NETS, POLICIES, Work, differing, work
from tinycl import nn
from tinycl.contract import DEFAULT
from tinycl.sparse import TinyPropV2, TopK
from tinycl.target.registry import get
from tinycl.target.result import Result

STEPS = 200
CORES = {"numba": (1, 2, 3), "host": (1, 3, 8), "qemu": (1, 4, 8)}
HEAP = DEFAULT.but(selection_order="heap")
PLAIN = {
    "top_k_rows": TopK(k=2, unified=True, rows=True),
    "tinypropv2_plain": TinyPropV2(threshold=0.6),
}


def job(kind: str, name: str) -> Work:
    if name in PLAIN:
        return work(kind, PLAIN[name], optimiser=nn.SGD(0.05), batch=3)
    return work(kind, POLICIES[name], optimiser=nn.SGD(0.02, 0.5, 0.001), batch=3)


@functools.cache
def specification(kind: str, name: str, order: str = "ascending") -> Result:
    return job(kind, name).run(STEPS, contract=DEFAULT.but(selection_order=order))


def need(target: str) -> None:
    reason = get(target).available()
    if reason is not None:
        pytest.skip(f"target {target} is not available: {reason}")


@pytest.mark.parametrize("target", CORES)
@pytest.mark.parametrize("name", [*POLICIES, *PLAIN])
@pytest.mark.parametrize("kind", NETS)
def test_every_executor_gives_the_same_bits(kind, name, target):
    need(target)
    wanted = specification(kind, name)
    for cores in CORES[target]:
        got = job(kind, name).run(STEPS, target=target, cores=cores)
        assert differing(wanted, got) == [], f"{cores} cores"


@pytest.mark.parametrize("target", CORES)
@pytest.mark.parametrize("name", ["channels_both", "tinyprop", "tinyprop_channels", "top_k_rows"])
@pytest.mark.parametrize("kind", NETS)
def test_every_executor_gives_the_same_bits_in_the_order_of_the_heap(kind, name, target):
    need(target)
    wanted = specification(kind, name, "heap")
    for cores in CORES[target]:
        got = job(kind, name).run(STEPS, target=target, cores=cores, contract=HEAP)
        assert differing(wanted, got) == [], f"{cores} cores"


@pytest.mark.parametrize("kind", NETS)
def test_the_order_of_the_heap_shows(kind):
    assert differing(specification(kind, "tinyprop"), specification(kind, "tinyprop", "heap"))


@pytest.mark.parametrize("name", [n for n in POLICIES if n.startswith("tinyprop")])
@pytest.mark.parametrize("kind", NETS)
def test_the_runs_hold_what_they_should(kind, name):
    """The k of a layer varies; of TinyPropv2, samples are skipped and trained, all along."""
    records = specification(kind, name).records
    counts = [v for key, v in records.items() if key.endswith(".count")]
    assert max(len(np.unique(count)) for count in counts) >= 3
    if name.startswith("tinypropv2"):
        trained = next(v for key, v in records.items() if key.endswith(".trained"))
        for part in (trained[: STEPS // 2], trained[STEPS // 2 :]):
            assert 0.05 < part.mean() < 0.95
        assert (counts[0] == 0).any()
    losses = records["train/loss"]
    assert losses[-50:].mean() < losses[:20].mean()

"""Sizes of learning batches against ALGORITHMS of the papers, counted independently."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinycl.cl.learning import Replay, Sizes
from tinycl.errors import PlanError

COUNTS = st.lists(st.integers(1, 400), min_size=1, max_size=6).map(tuple)
REPLAYS = st.builds(
    Replay,
    st.integers(1, 500),
    st.sampled_from((4, 6, 7, 8, 32)),
    st.sampled_from(("random", "reservoir", "balanced")),
)


def test_the_papers_minibatch():
    """300 new samples and 1500 replays: 21 + 107 of 128, 14 steps an epoch."""
    sizes = Sizes((3000, 300), Replay(1500))
    assert sizes.filled == 1500
    assert sizes.mix(128) == (21, 107)
    assert sizes.steps(128) == 14
    assert Replay(1500).stored((3000, 300)) == 300
    assert Replay(1500).stored((3000,) + (300,) * 9) == 150


@given(COUNTS, REPLAYS, st.integers(1, 300))
def test_a_minibatch_is_never_more_than_there_is(counts, replay, minibatch):
    sizes = Sizes(counts, replay)
    new, old = sizes.mix(minibatch)
    assert 1 <= new <= sizes.new
    assert 0 <= old <= sizes.filled
    assert new + old <= max(minibatch, 1)
    assert sizes.steps(minibatch) * new <= sizes.new
    assert sizes.new % sizes.chunk == 0
    assert sizes.chunk <= 32


@given(COUNTS, REPLAYS)
def test_the_memory_fills_and_stays_full(counts, replay):
    filled = [Sizes(counts[: i + 1], replay).filled for i in range(len(counts))]
    assert filled[0] == 0
    assert filled == sorted(filled)
    assert filled[-1] <= replay.slots
    for i in range(1, len(counts)):
        taken = min(replay.slots // i, counts[i - 1]) if replay.rule == "random" else counts[i - 1]
        assert filled[i] == min(replay.slots, filled[i - 1] + taken)


def test_cumulative_training_has_all_samples():
    sizes = Sizes((5, 7, 4), cumulative=True)
    assert (sizes.new, sizes.filled, sizes.number) == (16, 0, 2)


@pytest.mark.parametrize("counts", [(), (3, 0), (-1,)])
def test_a_batch_without_samples_is_refused(counts):
    with pytest.raises(PlanError, match="each needs one or more"):
        Sizes(counts)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"slots": 0}, "at least 1"),
        ({"slots": 2.5}, "whole number"),
        ({"bits": 9}, "4 to 8"),
        ({"bits": 3}, "4 to 8"),
        ({"bits": True}, "whole number"),
        ({"rule": "oldest"}, "one of random"),
    ],
)
def test_replay_says_what_it_takes(values, told):
    with pytest.raises(PlanError, match=told):
        Replay(**values)

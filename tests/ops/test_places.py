"""Replacement rules over several batches against plain re-implementations, and their statistics."""

import collections

import numpy as np
import pytest

from tests.ops.examples import i32, refused
from tinycl import ops
from tinycl.num import generator

SIZES = (7, 5, 12, 3, 9, 9)


def batches(sizes=SIZES):
    """Yield (batch, number of the first sample, numbers of all its samples)."""
    first = 0
    for batch, count in enumerate(sizes):
        yield batch, first, np.arange(first, first + count, dtype=np.int32)
        first += count


@pytest.mark.parametrize("seed", range(5))
def test_random_replacement(seed):
    """After batch i, h = min(N/(i+1), n) random entries are replaced by h random new samples."""
    slots, filled = 16, 0
    memory, plain = np.full(slots, -1, np.int32), []
    for batch, _, samples in batches():
        stored = min(slots // (batch + 1), len(samples))
        places = ops.random_places(
            i32(batch), seed=seed, stream=3, slots=slots, filled=filled, stored=stored,
            count=len(samples),
        )  # fmt: skip
        kept = [(s, p) for s, p in zip(samples.tolist(), places[0].tolist(), strict=True) if p >= 0]
        assert len(kept) == stored == len({p for _, p in kept})
        free = slots - len(plain)
        assert (
            sorted(p for _, p in kept if p >= len(plain))
            == list(range(slots))[len(plain) : len(plain) + min(free, stored)]
        )
        before = list(plain)
        plain += [None] * min(free, stored)
        for sample, place in kept:
            plain[place] = sample
        assert sum(a != b for a, b in zip(before, plain, strict=False)) == max(0, stored - free)
        memory = ops.put_labels(memory, samples, places)
        filled = min(slots, filled + stored)
        assert memory[:filled].tolist() == plain
        assert len(set(plain)) == filled


def test_random_replacement_is_fair():
    """Each of 10 samples is kept, and each of 8 entries replaced, equally often."""
    kept, replaced = np.zeros(10), np.zeros(8)
    for turn in range(4000):
        (places,) = ops.random_places(
            i32(turn), seed=1, stream=2, slots=8, filled=8, stored=3, count=10
        )
        kept += places >= 0
        replaced += np.bincount(places[places >= 0], minlength=8)
    assert np.abs(kept / 4000 - 0.3).max() < 0.03
    assert np.abs(replaced / 4000 - 3 / 8).max() < 0.03


def test_reservoir():
    """Algorithm R, plainly: the memory is the same, and every sample as likely to be in it."""
    often, slots, runs = np.zeros(sum(SIZES)), 11, 1500
    for seed in range(runs):
        memory, plain = np.full(slots, -1, np.int32), []
        for batch, seen, samples in batches():
            at = {"seed": seed, "stream": batch, "slots": slots}
            places = ops.reservoir_places(seen=seen, count=len(samples), **at)
            memory = ops.put_labels(memory, samples, places)
            for sample, place in zip(samples.tolist(), places[0].tolist(), strict=True):
                if len(plain) < slots:
                    assert place == len(plain)
                    plain.append(sample)
                elif place >= 0:
                    plain[place] = sample
            assert memory[: len(plain)].tolist() == plain
        often[plain] += 1
    assert np.abs(often / runs - slots / sum(SIZES)).max() < 0.06


class Balanced:
    """The rule of `balanced_places`, plainly: a list of (label, sample)."""

    def __init__(self, slots):
        self.slots, self.entries = slots, []

    def take(self, samples, labels, u):
        """Take new samples in, in random order; `u` holds the numbers drawn."""
        left, n = list(zip(labels.tolist(), samples.tolist(), strict=True)), len(samples)
        for k in range(n):
            new = left.pop(u[k] * len(left) >> 64)
            sizes = collections.Counter(label for label, _ in self.entries)
            if len(self.entries) < self.slots:
                self.entries.append(new)
                continue
            most = min(sizes, key=lambda c: (-sizes[c], c))
            if sizes[new[0]] < sizes[most]:
                of = [i for i, (label, _) in enumerate(self.entries) if label == most]
                self.entries[of[u[n + k] * len(of) >> 64]] = new


@pytest.mark.parametrize("seed", range(8))
def test_balanced(seed):
    """Classes come one after the other, and mixed; in the end all have the same."""
    slots, classes, filled, plain = 20, 4, 0, Balanced(20)
    kept, memory = np.full(slots, -1, np.int32), np.full(slots, -1, np.int32)
    for batch, pattern in enumerate(((0,), (0, 1), (2,), (1, 0, 3), (3,))):
        samples = np.arange(100 * batch, 100 * batch + 12, dtype=np.int32)
        labels = np.resize(np.array(pattern, np.int32), 12)
        places, after, counts = ops.balanced_places(
            kept, labels, i32(batch), seed=seed, stream=5, filled=filled, classes=classes
        )
        plain.take(samples, labels, generator.draws(seed, 5 + batch, 0, 24))
        memory = ops.put_labels(memory, samples, places)
        assert after.tolist() == ops.put_labels(kept, labels, places).tolist()
        kept, filled = after, min(slots, filled + 12)
        assert list(zip(kept.tolist(), memory.tolist(), strict=True))[:filled] == plain.entries
        held = collections.Counter(label for label, _ in plain.entries)
        assert counts.tolist() == [held[c] for c in range(classes)]
    assert counts.tolist() == [5, 5, 5, 5]


def test_balanced_takes_from_the_lowest_of_the_largest():
    """Of classes 1 and 2 with three entries each class 1 gives first, then class 2, then none."""
    kept = i32(1, 2, 1, 2, 1, 2)
    attrs = {"seed": 4, "stream": 0, "filled": 6, "classes": 4}
    for count, counts in ((1, [1, 2, 3, 0]), (2, [2, 2, 2, 0]), (5, [2, 2, 2, 0])):
        places, after, made = ops.balanced_places(kept, np.zeros(count, np.int32), **attrs)
        assert made.tolist() == counts
        assert [np.sum(after == c) for c in range(4)] == counts
        assert (places >= 0).sum() == min(count, 2)


def test_a_sample_may_replace_one_of_its_batch():
    """The one replaced is not kept: the places are different, and each class has its half."""
    labels = i32(*[0] * 6, *[1] * 3)
    for seed in range(60):
        places, after, counts = ops.balanced_places(
            i32(-1, -1, -1, -1), labels, seed=seed, stream=0, filled=0, classes=2
        )
        kept = places[0] >= 0
        assert sorted(places[0][kept].tolist()) == [0, 1, 2, 3]
        assert after[places[0][kept]].tolist() == labels[kept].tolist()
        assert counts.tolist() == np.bincount(labels[kept]).tolist() == [2, 2]


def test_wrong_sizes():
    refused("random_places", "filled is 10", "9 slots", filled=10)
    refused("random_places", "stored is 7", "6 samples and 9 slots allow 6", stored=7)
    refused("random_places", "stored is 5", "allow 4", slots=4, filled=4, stored=5)
    refused("reservoir_places", "2^31 - 1", seen=2**31 - 6)
    refused("balanced_places", "filled is 6", "5 slots", filled=6)
    kept, labels = i32(2, 2, 0, 2, 1), i32(1, 0, 3, 1)
    refused("balanced_places", "labels[2] is 3", "0 to 2", tensors=(kept, labels))
    refused("balanced_places", "kept[1] is -2", "-1 to 2", tensors=(i32(2, -2, 0, 0), labels[:2]))

"""CWR* over several batches against a plain re-implementation; synapses on written numbers."""

import numpy as np
import pytest

from tests.ops.examples import i32, ramp, refused
from tinycl import bits, ops

INF, NAN = np.inf, np.nan


def f32(*values):
    return np.array(values, np.float32)


class PlainHead:
    """CWR* in float64, a dictionary of rows."""

    def __init__(self):
        self.rows, self.past = {}, {}

    def consolidate(self, w, labels):
        """Take the rows of a batch's classes in."""
        current = {c: labels.count(c) for c in set(labels)}
        mean = np.mean([w[c] for c in sorted(current)])
        for c, count in current.items():
            change = w[c] - mean
            if c in self.rows:
                k = np.sqrt(self.past[c] / count)
                change = (self.rows[c] * k + change) / (k + 1)
            self.rows[c] = change
            self.past[c] = self.past.get(c, 0) + count


@pytest.mark.parametrize("seed", range(5))
def test_consolidation_over_batches(seed):
    """Classes come, come back and mix; each batch trains what `load_head` gave it."""
    random, classes, features = np.random.default_rng(seed), 6, 9
    saved, past = np.zeros((classes, features), np.float32), np.zeros(classes, np.int32)
    plain = PlainHead()
    for known in ((0, 1), (2,), (0, 2, 3), (4, 4, 4, 1), (5, 0)):
        labels = random.choice(known, 30).tolist()
        counts = ops.class_counts(i32(*labels), classes=classes)
        assert counts.tolist() == [labels.count(c) for c in range(classes)]
        w = ops.load_head(saved, counts)
        for c in range(classes):
            begun = plain.rows.get(c, np.zeros(features)) if c in labels else np.zeros(features)
            np.testing.assert_allclose(w[c], begun, rtol=1e-4, atol=1e-6)
        w += random.standard_normal(w.shape).astype(np.float32)
        plain.consolidate(w.astype(np.float64), labels)
        saved, past = ops.consolidate_head(saved, past, w, counts)
        for c in range(classes):
            assert past[c] == plain.past.get(c, 0)
            np.testing.assert_allclose(
                saved[c], plain.rows.get(c, np.zeros(features)), rtol=1e-4, atol=1e-6
            )


def test_consolidation_on_written_numbers():
    """Rows 0 and 2 are at hand: m = 14/4; k = sqrt(36/9) = 2."""
    saved, w = f32(1, 2, 9, 9, 5, 5).reshape(3, 2), f32(1, 3, 8, 8, 4, 6).reshape(3, 2)
    made, past = ops.consolidate_head(saved, i32(36, 4, 0), w, i32(9, 0, 2))
    rows = [[np.float32(2 - 2.5) / np.float32(3), np.float32(4 - 0.5) / np.float32(3)]]
    assert made.tolist() == [*np.array(rows).tolist(), [9, 9], [0.5, 2.5]]
    assert past.tolist() == [45, 4, 2]


def test_no_class_at_hand():
    saved, past = ramp(3, 2), i32(1, 0, 2)
    w = np.full((3, 2), NAN, np.float32)
    made, seen = ops.consolidate_head(saved, past, w, i32(0, -1, 0))
    assert bits.equal(made, saved)
    assert seen.tolist() == past.tolist()


def test_rows_of_absent_classes_are_never_read():
    saved, w = np.full((2, 2), NAN, np.float32), f32(1, 3, NAN, INF).reshape(2, 2)
    made, _ = ops.consolidate_head(saved, i32(0, 5), w, i32(4, 0))
    assert made[0].tolist() == [-1, 1]
    assert bits.words(ops.load_head(-saved, i32(-3, 0))).tolist() == [[0, 0], [0, 0]]


def importance(before, path, d, **attrs):
    tensors = f32(before), f32(path), f32(0), f32(d)
    rule = {"factor": 1.0, "eps": 0.5, "clip": 8.0, **attrs}
    return bits.to_hex(ops.synaptic_importance(*tensors, **rule)[0])


def test_importance():
    """A path that led down the loss is negative, and makes its weight important."""

    def word(value):
        return bits.to_hex(np.float32(value))

    assert importance(1, -3, 1) == word(1 + 3 / 1.5)
    assert importance(1, -3, 1, factor=0.5) == word(1 + 1.5 / 1.5)
    assert importance(7, -3, 1) == importance(7, -INF, 1) == importance(INF, -1, 1) == word(8)
    assert importance(1, 3, 1) == importance(1, INF, 1) == importance(-1, -0.5, 0.5) == word(0)
    assert importance(3, NAN, 1) == importance(3, INF, INF) == word(3)  # stays
    assert importance(3, 0, 0, eps=0.0) == word(3)  # 0/0
    assert importance(9, NAN, 1) == word(9)
    assert importance(NAN, -1, 1) == importance(-INF, -INF, 1) == word(0)
    assert importance(-0.0, 0, 1) == word(0)


def test_a_path_and_its_pull():
    """Two steps of a weight from 1 to 3 to 2, gradients -4 and 2: -8 - 2."""
    path = ops.synaptic_path(f32(0), f32(-4), f32(1), f32(3))
    path = ops.synaptic_path(path, f32(2), f32(3), f32(2))
    assert path.tolist() == [-10]
    made = ops.synaptic_importance(f32(0), path, f32(1), f32(2), factor=1.0, eps=0.25, clip=100.0)
    assert made.tolist() == [8]
    assert ops.synaptic_pull(f32(1), made, f32(5), f32(2), strength=0.5).tolist() == [13]


def test_wrong_heads():
    refused("class_counts", "labels[0] is 4", "-1 to 3", classes=4)
    refused("load_head", "counts has shape (2,)", "(3,)", tensors=(ramp(3, 5), i32(1, 2)))
    for clip in (-1.0, NAN):
        refused("synaptic_importance", "clip is", "from 0", clip=clip)

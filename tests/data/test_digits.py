"""The digits are what scikit-learn ships, shuffled by the specified generator."""

import numpy as np

from tinycl.data import digits, epochs


def test_split():
    split = digits()
    assert split.images.shape == (1437, 1, 8, 8)
    assert split.test_images.shape == (360, 1, 8, 8)
    assert split.images.dtype == np.float32
    assert split.labels.dtype == np.int32
    assert np.array_equal(split.images * 16, np.rint(split.images * 16))
    assert np.bincount(split.labels).min() > 100


def test_seed_decides():
    assert np.array_equal(digits(3).labels, digits(3).labels)
    assert not np.array_equal(digits(3).labels, digits(4).labels)


def test_epochs_are_shuffled_apart():
    split = digits()
    images, labels = epochs(split, 3, 160)
    assert images.shape == (480, 1, 8, 8)
    assert np.array_equal(labels[:160], split.labels[:160])
    assert not np.array_equal(labels[160:320], labels[320:])

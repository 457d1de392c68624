"""Small sessions for the tests: a data set of blobs, a net, an experiment."""

import numpy as np

from tinycl import nn
from tinycl.cl.learning import Learner, Replay, Strategy
from tinycl.data import Dataset

IMAGE = (1, 6, 6)
CLASSES = 4


def blobs(classes=CLASSES, each=12, image=IMAGE, seed=3):
    """Return a data set: each class is a pattern of its own with noise around it."""
    random = np.random.default_rng(seed)
    patterns = random.standard_normal((classes, *image))
    y = np.arange(classes * each, dtype=np.int32) % classes
    x = (patterns[y] + 0.4 * random.standard_normal((len(y), *image))).astype(np.float32)
    cut = classes * each * 3 // 4
    names = tuple(str(c) for c in range(classes))
    return Dataset("blobs", x[:cut], y[:cut], x[cut:], y[cut:], names)


def net(classes=CLASSES, stage=True, bias=False):
    """Return a small separable net whose first two layers are frozen."""
    below = [nn.Conv2d(1, 4, 3, padding=1), nn.ReLU()]
    above = [
        nn.Depthwise(4, 3, padding=1),
        nn.ReLU(),
        nn.Pointwise(4, 6),
        nn.ReLU(),
        nn.GlobalAvgPool2d(),
        nn.Flatten(),
        nn.Linear(6, classes, bias=bias),
    ]
    return nn.Sequential(*([nn.Frozen(*below)] if stage else below), *above)


def weights(b, seed=5):
    """Return random values of a builder's parameters."""
    random = np.random.default_rng(seed)
    return {
        name: (0.5 * random.standard_normal(b.shape(name))).astype(np.float32)
        for name in b.parameters
    }


EIGHT = Replay(8, 8)


def learner(kind="ar1_star_free", replay=EIGHT, **strategy):
    """Return a learner of that net."""
    chosen = {"epochs": 2, "minibatch": 6, "lr": 0.05, "train_depthwise": True} | strategy
    return Learner(net(), IMAGE, Strategy(kind, **chosen), replay, seed=11)

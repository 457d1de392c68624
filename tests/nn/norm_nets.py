"""Small nets with normalisation, squeeze-excite and dropout, and runs of them."""

from __future__ import annotations

import numpy as np

import tinycl
from tinycl import nn, sparse
from tinycl.bits import equal

SAMPLES, CLASSES = 64, 3
SHAPES = {"perceptron": (7,), "dropout": (7,)}
IMAGE = (2, 6, 5)


def mobile(norm):
    return nn.Sequential(
        nn.Conv2d(2, 5, 3, stride=2, padding=1, bias=False),
        norm(5),
        nn.ReLU(),
        nn.Residual(
            nn.Depthwise(5, 3, padding=1, bias=False),
            norm(5),
            nn.HardSwish(),
            nn.SqueezeExcite(5, 2),
            nn.Pointwise(5, 5, bias=False),
            norm(5),
        ),
        nn.GlobalAvgPool2d(),
        nn.Flatten(),
        nn.Linear(5, CLASSES),
    )


def perceptron():
    return nn.Sequential(
        nn.Linear(7, 11, bias=False), nn.BatchNorm(11), nn.ReLU(), nn.Linear(11, CLASSES)
    )


def dropout():
    return nn.Sequential(
        nn.Dropout(0.25, seed=3, stream=1 << 16),
        nn.Linear(7, 11),
        nn.ReLU(),
        nn.Dropout(0.5, seed=3, stream=2 << 16),
        nn.Linear(11, CLASSES),
    )


def partly():
    """Frozen layers below, moving statistics in the middle, a live norm on top."""
    return nn.Sequential(
        nn.Frozen(nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm(4), nn.ReLU()),
        nn.Pointwise(4, 6),
        nn.BatchRenorm(6, frozen=True),
        nn.SqueezeExcite(6, 3, activation=nn.HardSwish, bias=False),
        nn.Pointwise(6, 5),
        nn.BatchNorm(5, trained=False),
        nn.GlobalAvgPool2d(),
        nn.Flatten(),
        nn.Linear(5, CLASSES),
    )


def renorm(channels):
    return nn.BatchRenorm(channels, rate=0.05, rmax=1.25, dmax=0.5)


NETS = {
    "batch_norm": lambda: mobile(nn.BatchNorm),
    "batch_renorm": lambda: mobile(renorm),
    "perceptron": perceptron,
    "dropout": dropout,
    "partly_frozen": partly,
    "top_k": lambda: sparse.attach(mobile(nn.BatchNorm), sparse.TopK(ratio=0.5)),
    "channels": lambda: sparse.attach(mobile(renorm), sparse.Channels(0.6, by="gradient")),
}


def training(name, microbatches=1, optimiser=None):
    shape = SHAPES.get(name, IMAGE)
    optimiser = optimiser or nn.SGD(0.05, momentum=0.9, weight_decay=1e-3)
    net, loss = NETS[name](), nn.SoftmaxCrossEntropy()
    return nn.Training(net, loss, optimiser, (4, *shape), microbatches)


def data(name):
    """Return images and learnable labels."""
    shape = (SAMPLES, *SHAPES.get(name, IMAGE))
    images = np.random.default_rng(23).standard_normal(shape, np.float32)
    return images, images.reshape(SAMPLES, -1)[:, :CLASSES].argmax(axis=1).astype(np.int32)


def run(job, name, steps, first=0, values=None, evaluations=0, choose=True, **options):
    """Run steps of a training from its own first values, or from those given."""
    images, labels = data(name)
    inputs = dict(values or job.values(5)) | job.stream(images, labels, steps, first)
    plan = job.plan(steps, evaluations=evaluations, choose=choose)
    if choose:
        inputs |= job.calibration(images, labels)
    if evaluations:
        inputs["evaluate.x"] = images[: 4 * evaluations].reshape(evaluations, 4, *images.shape[1:])
    return tinycl.run(plan, inputs, **options)


def differing(wanted, got):
    """Return the tensors of two runs that differ."""
    a, b = wanted.tensors(), got.tensors()
    assert a.keys() == b.keys()
    return [k for k in a if not equal(a[k], b[k])]

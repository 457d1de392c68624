"""Layers, losses and optimisers: they emit plans, and the backward pass is written out in each."""

from tinycl.nn.activations import HardSwish, ReLU, ReLU6, Sigmoid
from tinycl.nn.builder import Builder
from tinycl.nn.containers import Flatten, Frozen, Residual, Sequential
from tinycl.nn.dropout import Dropout
from tinycl.nn.layer import Layer
from tinycl.nn.losses import Loss, MeanSquaredError, SoftmaxCrossEntropy
from tinycl.nn.normalisation import BatchNorm, BatchRenorm
from tinycl.nn.optimisers import SGD, Adam, Optimiser
from tinycl.nn.pooling import AvgPool2d, GlobalAvgPool2d, MaxPool2d
from tinycl.nn.squeeze import SqueezeExcite
from tinycl.nn.training import Training
from tinycl.nn.update import Dense, Place, Update
from tinycl.nn.weighted import Conv2d, Depthwise, Linear, Pointwise, Weighted

__all__ = [
    "SGD",
    "Adam",
    "AvgPool2d",
    "BatchNorm",
    "BatchRenorm",
    "Builder",
    "Conv2d",
    "Dense",
    "Depthwise",
    "Dropout",
    "Flatten",
    "Frozen",
    "GlobalAvgPool2d",
    "HardSwish",
    "Layer",
    "Linear",
    "Loss",
    "MaxPool2d",
    "MeanSquaredError",
    "Optimiser",
    "Place",
    "Pointwise",
    "ReLU",
    "ReLU6",
    "Residual",
    "Sequential",
    "Sigmoid",
    "SoftmaxCrossEntropy",
    "SqueezeExcite",
    "Training",
    "Update",
    "Weighted",
]

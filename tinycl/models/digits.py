"""The small convolutional net that learns scikit-learn's digits."""

from __future__ import annotations

from tinycl import nn

IMAGE = (1, 8, 8)


def digits_net(head_bias: bool = True) -> nn.Sequential:
    """Return conv 3x3 (8), depthwise 3x3, pointwise (16), max pool, linear; 2,874 parameters.

    Parameters
    ----------
    head_bias : bool
        Whether the last layer has one.
    """
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.Depthwise(8, 3, padding=1),
        nn.ReLU(),
        nn.Pointwise(8, 16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 10, head_bias),
    )


def digits_training(batch: int = 16, lr: float = 0.02, momentum: float = 0.9) -> nn.Training:
    """Return the training of `digits_net` with softmax cross-entropy and SGD with momentum."""
    return nn.Training(
        digits_net(), nn.SoftmaxCrossEntropy(), nn.SGD(lr, momentum), (batch, *IMAGE)
    )

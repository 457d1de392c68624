"""The small nets of the papers on TinyProp: linear layers, and two convolutions 5x5."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tinycl import nn
from tinycl.errors import ShapeError

ACTIVATIONS: dict[str, Callable[[], nn.Layer]] = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "hard_swish": nn.HardSwish,
    "sigmoid": nn.Sigmoid,
}


def mlp(
    sizes: Sequence[int] = (784, 32, 16, 10), activation: str = "relu", last: bool = False
) -> nn.Sequential:
    """Return linear layers with an activation between them; 784-32-16-10 learns MNIST (2023).

    Parameters
    ----------
    sizes : sequence of int
        Features in, of each hidden layer, and out.
    activation : {"relu", "relu6", "hard_swish", "sigmoid"}
    last : bool
        Whether it stands behind the last layer too.

    Returns
    -------
    nn.Sequential
        For samples (n, features).

    Raises
    ------
    ShapeError
        Fewer than two sizes, or one below 1; no such activation.
    """
    if len(sizes) < 2 or any(isinstance(s, bool) or s < 1 for s in sizes):
        raise ShapeError(f"mlp: sizes must be two or more numbers from 1, got {list(sizes)}")
    layers: list[nn.Layer] = []
    for wide, out in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(wide, out), activation_of("mlp", activation)]
    return nn.Sequential(*(layers if last else layers[:-1]))


def anomaly_mlp(sizes: Sequence[int] = (2607, 256, 128, 64, 32, 1)) -> nn.Sequential:
    """Return linear layers with a sigmoid behind each: one score of a recording (2023).

    That the last layer has one too is our reading: a score lies in 0..1.
    """
    return mlp(sizes, "sigmoid", last=True)


def conv_net(
    classes: int = 10,
    size: int = 28,
    channels: int = 1,
    filters: Sequence[int] = (6, 12),
    hidden: Sequence[int] = (120, 60),
) -> nn.Sequential:
    """Return conv 5x5, max pool, conv 5x5, max pool, and linear layers, with ReLU (2023).

    Parameters
    ----------
    classes : int
    size, channels : int
        Of the images, (n, channels, size, size).
    filters : (int, int)
        Output channels of the convolutions. With (6, 12) and 28x28 the linear layers are
        192-120-60-10.
    hidden : sequence of int
        Features of the hidden linear layers.

    Returns
    -------
    nn.Sequential

    Raises
    ------
    ShapeError
        Images too small for two convolutions, or another number of these.
    """
    left = ((size - 4) // 2 - 4) // 2
    if len(filters) != 2 or left < 1:
        raise ShapeError(
            f"conv_net: takes two numbers of filters and images of 16x16 and larger, got "
            f"{list(filters)} and {size}x{size}"
        )
    layers: list[nn.Layer] = []
    for channels_in, out in zip((channels, filters[0]), filters, strict=True):
        layers += [nn.Conv2d(channels_in, out, 5), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(
        *layers, nn.Flatten(), *mlp((filters[1] * left * left, *hidden, classes)).layers
    )


def activation_of(where: str, name: str) -> nn.Layer:
    """Return a new activation layer by name.

    Raises
    ------
    ShapeError
        There is none of that name.
    """
    if name not in ACTIVATIONS:
        raise ShapeError(
            f"{where}: there is no activation {name!r}; choose from {', '.join(ACTIVATIONS)}"
        )
    return ACTIVATIONS[name]()

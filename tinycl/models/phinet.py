"""PhiNet (Paissan et al., 2022): ReLU6, without squeeze-excite and normalisation layers."""

from __future__ import annotations

from tinycl import nn

DOWNSAMPLING = (5, 7)


def phinet(
    classes: int = 50, alpha: float = 0.2, beta: float = 1.0, t0: float = 6.0, blocks: int = 7
) -> nn.Layer:
    """Return the net for images (n, 3, h, w).

    Parameters
    ----------
    classes : int
    alpha : float
        Width multiplier.
    beta : float
        Shape parameter: the expansion of block b is t0*beta*b/N + t0*(N-b)/N.
    t0 : float
        Base expansion factor.
    blocks : int
        N.

    Returns
    -------
    nn.Sequential
    """
    channels = width(48, alpha)
    layers: list[nn.Layer] = [
        nn.Depthwise(3, 3, stride=2, padding=1),
        nn.Pointwise(3, channels),
        nn.ReLU6(),
    ]
    wide = 24
    for b in range(1, blocks + 1):
        wide = 48 if b == 4 else wide * 2 if b in DOWNSAMPLING else wide
        stride = 2 if b in (2, 4, *DOWNSAMPLING) else 1
        expansion = t0 * beta * b / blocks + t0 * (blocks - b) / blocks
        out, inner = width(wide, alpha), max(1, int(channels * expansion))
        expand: list[nn.Layer] = [] if b == 1 else [nn.Pointwise(channels, inner), nn.ReLU6()]
        inner = channels if b == 1 else inner
        body = [*expand, nn.Depthwise(inner, 3, stride, 1), nn.ReLU6(), nn.Pointwise(inner, out)]
        layers += [nn.Residual(*body)] if stride == 1 and channels == out else body
        channels = out
    return nn.Sequential(*layers, nn.GlobalAvgPool2d(), nn.Flatten(), nn.Linear(channels, classes))


def width(channels: int, alpha: float, divisor: int = 8) -> int:
    """Return int(channels * alpha) to the nearest multiple of the divisor, never below 90 %."""
    wanted = int(channels * alpha)
    found = max(divisor, int(wanted + divisor / 2) // divisor * divisor)
    return found + divisor if found < 0.9 * wanted else found

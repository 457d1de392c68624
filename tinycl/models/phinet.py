"""PhiNet (Paissan et al., 2022), without squeeze-excite and normalisation layers."""

from __future__ import annotations

from collections.abc import Sequence

from tinycl import nn
from tinycl.errors import ShapeError
from tinycl.models.mobilenet_v2 import rounded
from tinycl.models.small import activation_of

DOWNSAMPLING = (5, 7)


def phinet(
    classes: int = 50,
    alpha: float = 0.2,
    beta: float = 1.0,
    t0: float = 6.0,
    blocks: int = 7,
    downsampling: Sequence[int] = DOWNSAMPLING,
    divisor: int = 8,
    filters: Sequence[int] = (48, 24, 48),
    activation: str = "relu6",
    residuals: bool = True,
    channels: int = 3,
) -> nn.Layer:
    """Return the net for images (n, channels, h, w).

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
    downsampling : sequence of int
        Blocks that double the channels and have stride 2; blocks 2 and 4 have it as well.
    divisor : int
        Channels are rounded to multiples of it.
    filters : (int, int, int)
        Channels, before `alpha`, of the first convolution, of blocks 1 to 3 and of block 4.
    activation : {"relu6", "hard_swish", "relu", "sigmoid"}
        The compatible variant has ReLU6, the full one hard-swish.
    residuals : bool
        Whether blocks of stride 1 that keep their channels add their input.
    channels : int
        Of the images.

    Returns
    -------
    nn.Sequential

    Raises
    ------
    ShapeError
        A number out of range, or no such activation.
    """
    _check(alpha, t0, beta, blocks, divisor, filters)
    first, wide, fourth = filters
    inside = width(first, alpha, divisor)
    layers: list[nn.Layer] = [
        nn.Depthwise(channels, 3, stride=2, padding=1),
        nn.Pointwise(channels, inside),
        activation_of("phinet", activation),
    ]
    for b in range(1, blocks + 1):
        wide = fourth if b == 4 else wide * 2 if b in downsampling else wide
        stride = 2 if b in (2, 4, *downsampling) else 1
        expansion = t0 * beta * b / blocks + t0 * (blocks - b) / blocks
        out, inner = width(wide, alpha, divisor), max(1, int(inside * expansion))
        body: list[nn.Layer] = []
        if b == 1:
            inner = inside
        else:
            body += [nn.Pointwise(inside, inner), activation_of("phinet", activation)]
        body += [nn.Depthwise(inner, 3, stride, 1), activation_of("phinet", activation)]
        body.append(nn.Pointwise(inner, out))
        layers += [nn.Residual(*body)] if residuals and stride == 1 and inside == out else body
        inside = out
    return nn.Sequential(*layers, nn.GlobalAvgPool2d(), nn.Flatten(), nn.Linear(inside, classes))


def width(channels: int, alpha: float, divisor: int = 8) -> int:
    """Return int(channels * alpha) to the nearest multiple of the divisor, never below 90 %."""
    return rounded(int(channels * alpha), divisor)


def _check(
    alpha: float, t0: float, beta: float, blocks: int, divisor: int, filters: Sequence[int]
) -> None:
    for name, value in {"alpha": alpha, "beta": beta, "t0": t0}.items():
        if not 0 < value <= 64:
            raise ShapeError(f"phinet: {name} must be above 0 and at most 64, got {value}")
    if blocks < 1 or divisor < 1 or len(filters) != 3 or min(filters) < 1:
        raise ShapeError(
            f"phinet: blocks and divisor must be at least 1 and filters three numbers from 1, got "
            f"{blocks}, {divisor} and {list(filters)}"
        )

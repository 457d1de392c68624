"""PhiNet (Paissan et al., 2022)."""

from __future__ import annotations

from collections.abc import Sequence

from tinycl import nn
from tinycl.errors import ShapeError
from tinycl.models.mobilenet_v2 import rounded
from tinycl.models.parts import Convolutions, joined
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
    compatible: bool = True,
    activation: str | None = None,
    squeeze_excite: bool | None = None,
    residuals: bool = True,
    channels: int = 3,
    norm: str = "none",
    train_from: str | None = None,
    head_bias: bool = True,
) -> nn.Layer:
    """Return the net for images (n, channels, h, w).

    A separable convolution of stride 2, block 0, which does not expand, and blocks 1 to N.

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
        Blocks that double the channels and have stride 2; blocks 1 and 3 have it as well.
    divisor : int
        Channels are rounded to multiples of it.
    filters : (int, int, int)
        Channels, before `alpha`, of the first convolution, of blocks 0 to 2 and of block 3.
    compatible : bool
        The variant that runs everywhere: ReLU6 and no squeeze-excite. The full one has hard-swish,
        and squeeze-excite in blocks 1 to N. The next two options differ from that where they are
        given.
    activation : {"relu6", "hard_swish", "relu", "sigmoid"}, optional
    squeeze_excite : bool, optional
        Two pointwise layers without bias, the inner one with a sixth of the channels, rounded as
        all; the block's activation between them, a sigmoid behind them.
    residuals : bool
        Whether blocks of stride 1 that keep their channels add their input.
    channels : int
        Of the images.
    norm : {"none", "batch", "renorm"}
        Behind each convolution but the first depthwise one and those of squeeze-excite;
        `nn.BatchNorm` or `nn.BatchRenorm`. Convolutions then have no bias.
    train_from : str, optional
        The lowest part that trains: ``block0`` to ``blockN``, ``pool`` or ``fc``; those below it
        are frozen, norms with their moving statistics.
    head_bias : bool
        Whether the last layer has one.

    Returns
    -------
    nn.Sequential

    Raises
    ------
    ShapeError
        A number out of range, or no such activation, norm or part.

    Notes
    -----
    Numbers of blocks are those of the authors' code (micromind), whose norms have an epsilon of
    1e-3; here it is that of `nn.BatchNorm`.
    """
    _check(alpha, t0, beta, blocks, divisor, filters)
    beyond = sorted({*downsampling} - {*range(1, blocks + 1)})
    if beyond and tuple(downsampling) != DOWNSAMPLING:  # which small nets have in part
        raise ShapeError(
            f"phinet: downsampling names block {beyond[0]}; there are blocks 1 to {blocks}"
        )
    named = ("relu6" if compatible else "hard_swish") if activation is None else activation
    active = activation_of("phinet", named)
    excited = not compatible if squeeze_excite is None else squeeze_excite
    make = Convolutions("phinet", norm)
    first, wide, third = filters
    inside = width(first, alpha, divisor)
    stem = nn.Depthwise(channels, 3, stride=2, padding=1, bias=make.bias)
    parts = {"first": [stem, *make.pointwise(channels, inside), active()]}
    for b in range(blocks + 1):
        wide = third if b == 3 else wide * 2 if b in downsampling else wide
        stride = 2 if b in (1, 3, *downsampling) else 1
        expansion = t0 * beta * b / blocks + t0 * (blocks - b) / blocks
        out = width(wide, alpha, divisor)
        inner = width(inside, expansion, divisor) if b else inside
        body = [*make.pointwise(inside, inner), active()] if b else []
        body += [*make.depthwise(inner, stride), active()]
        if excited and b:
            hidden = rounded(max(1, inner // 6), divisor)
            body.append(nn.SqueezeExcite(inner, hidden, active, bias=False))
        body += make.pointwise(inner, out)
        same = residuals and stride == 1 and inside == out
        parts[f"block{b}"] = [nn.Residual(*body)] if same else body
        inside = out
    parts["pool"] = [nn.GlobalAvgPool2d()]
    parts["fc"] = [nn.Flatten(), nn.Linear(inside, classes, head_bias)]
    return joined("phinet", parts, train_from)


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

"""Statistics of channels: mean and variance, deviation, moving averages, batch renormalisation.

x is (n, c, h, w) or (n, c). Sums run over (n, h, w) in row-major order, from +0.0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array, f32, quiet
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, Attr, operation, same


def expect_channels(name: str, operand: str, shape: Shape, **channels: Shape | None) -> None:
    """Raise ShapeError unless a tensor is (n, c, h, w) or (n, c) and the others are (c,)."""
    if len(shape) not in (2, 4):
        raise ShapeError(
            f"{name}: {operand} has shape {shape}; it needs 4 axes (n, c, h, w) or 2 (n, c)"
        )
    for other, given in channels.items():
        if given is not None and given != shape[1:2]:
            raise ShapeError(
                f"{name}: {other} has shape {given}; {operand} has {shape[1]} channels, "
                f"so it needs {shape[1:2]}"
            )


def across(values: F32Array, x: F32Array) -> F32Array:
    """Return values (c,) so that they broadcast along axis 1 of x."""
    return values.reshape(-1, *[1] * (x.ndim - 2))


def places(x: F32Array) -> F32Array:
    """Return x as (n*h*w, c): all channels of one position a row, in row-major order."""
    return np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def count_of(x: F32Array) -> F32Array:
    """Return n*h*w, rounded once."""
    return f32(x.size // x.shape[1])


def chain(one: Arithmetic, values: F32Array, factors: F32Array | None = None) -> F32Array:
    """Return acc = values + acc, or mac(values, factors, acc), over the rows from +0.0."""
    total = np.zeros(values.shape[1], np.float32)
    rows: Iterator[F32Array] = iter(values)
    if factors is None:
        for row in rows:
            total = one.add(row, total)
        return total
    for row, factor in zip(rows, factors, strict=True):
        total = one.mac(row, factor, total)
    return total


def _moment_shapes(x: Shape) -> tuple[Shape, ...]:
    expect_channels("channel_moments", "x", x)
    return x[1:2], x[1:2]


@operation(
    inputs=(Arg("x", "n c h w"),),
    outputs=(Arg("mean", "c"), Arg("var", "c")),
    shapes=_moment_shapes,
)
def channel_moments(x: F32Array, *, contract: Contract = DEFAULT) -> tuple[F32Array, F32Array]:
    """Take each channel's mean and biased variance, in two passes.

    Parameters
    ----------
    x : ndarray of float32, shape (n, c, h, w) or (n, c)
    contract : Contract

    Returns
    -------
    mean, var : ndarray of float32, shape (c,)
        mean = (sum of x)/count; d = x - mean; var = (sum of mac(d, d, acc))/count.

    Raises
    ------
    ShapeError
        Another number of axes.
    """
    one, rows, count = Arithmetic(contract), places(x), count_of(x)
    mean = one.div(chain(one, rows), count)
    away = one.sub(rows, mean)
    return mean, one.div(chain(one, away, away), count)


@operation(
    inputs=(Arg("var", "i"),),
    outputs=(Arg("std", "i"),),
    attrs=(Attr("eps", kind="f32"),),
    shapes=lambda var, eps: (var,),
)
def deviation(var: F32Array, *, eps: float, contract: Contract = DEFAULT) -> F32Array:
    """Return sqrt(var + eps).

    Parameters
    ----------
    var : ndarray of float32, any shape
    eps : float
        Rounded to binary32.
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
    """
    one = Arithmetic(contract)
    return one.sqrt(one.add(var, f32(eps)))


def _average_shapes(m: Shape, value: Shape, *, rate: float, scale: float) -> tuple[Shape, ...]:
    same("moving_average", m=m, value=value)
    return (m,)


@operation(
    inputs=(Arg("m", "i"), Arg("value", "i")),
    outputs=(Arg("m", "i", updates="m"),),
    attrs=(Attr("rate", kind="f32"), Attr("scale", kind="f32")),
    shapes=_average_shapes,
)
def moving_average(
    m: F32Array,
    value: F32Array,
    *,
    rate: float,
    scale: float = 1.0,
    contract: Contract = DEFAULT,
) -> F32Array:
    """Move an average towards a value.

    Parameters
    ----------
    m, value : ndarray of float32, any shape
    rate, scale : float
        Rounded to binary32.
    contract : Contract

    Returns
    -------
    ndarray of float32, same shape
        m = mac(rate, scale*value - m, m).

    Raises
    ------
    ShapeError
        Shapes that do not agree.
    """
    one = Arithmetic(contract)
    return one.mac(f32(rate), one.sub(one.mul(f32(scale), value), m), m)


def _correction_shapes(
    mean: Shape,
    std: Shape,
    moving_mean: Shape,
    moving_std: Shape,
    *,
    rmax: float,
    dmax: float,
) -> tuple[Shape, ...]:
    name = "renorm_corrections"
    same(name, mean=mean, std=std, moving_mean=moving_mean, moving_std=moving_std)
    if not rmax >= 1:
        raise ShapeError(f"{name}: rmax must be at least 1, got {rmax}")
    if not dmax >= 0:
        raise ShapeError(f"{name}: dmax must be at least 0, got {dmax}")
    return mean, mean


@quiet
def _clip(one: Arithmetic, value: F32Array, low: F32Array, high: F32Array) -> F32Array:
    """Return low where value < low, high where value > high; a NaN stays."""
    low, high = one.read(low), one.read(high)
    return np.where(value < low, low, np.where(value > high, high, value))


@operation(
    inputs=tuple(Arg(name, "i") for name in ("mean", "std", "moving_mean", "moving_std")),
    outputs=(Arg("r", "i"), Arg("d", "i")),
    attrs=(Attr("rmax", kind="f32"), Attr("dmax", kind="f32")),
    shapes=_correction_shapes,
)
def renorm_corrections(
    mean: F32Array,
    std: F32Array,
    moving_mean: F32Array,
    moving_std: F32Array,
    *,
    rmax: float,
    dmax: float,
    contract: Contract = DEFAULT,
) -> tuple[F32Array, F32Array]:
    """Return what turns a batch's normalisation into that of the moving statistics, within bounds.

    Parameters
    ----------
    mean, std, moving_mean, moving_std : ndarray of float32, any shape
    rmax, dmax : float
        Rounded to binary32; `rmax` is at least 1, `dmax` at least 0.
    contract : Contract

    Returns
    -------
    r, d : ndarray of float32, same shape
        r = std/moving_std held between 1/rmax, rounded once, and rmax;
        d = (mean - moving_mean)/moving_std held between -dmax and dmax. A NaN stays.

    Raises
    ------
    ShapeError
        Shapes that do not agree; bounds that hold nothing.
    """
    one, most, far = Arithmetic(contract), f32(rmax), f32(dmax)
    ratio = one.div(std, moving_std)
    shift = one.div(one.sub(mean, moving_mean), moving_std)
    return (
        _clip(one, ratio, one.div(f32(1), most), most),
        _clip(one, shift, np.negative(far), far),
    )

"""TinyProp: how much of a gradient is used adapts to its size (Rueb et al., 2023 and 2024).

Shapes: y, peak, trained, measure, ratio and count (n,), y_max (1,). Samples follow each other, as
each sees the largest y so far. CONTRACT.md section 5 has the rules.
"""

from __future__ import annotations

import numpy as np

from tinycl.contract import DEFAULT, Contract
from tinycl.errors import ShapeError
from tinycl.num.arithmetic import Arithmetic, F32Array, f32, quiet
from tinycl.num.sums import Shape
from tinycl.ops.spec import Arg, Attr, expect, operation, same
from tinycl.ops.survivors import I32Array

_Y, _Y_MAX, _PEAK = Arg("y", "n"), Arg("y_max", "one"), Arg("peak", "n")
_UPDATED = Arg("y_max", "one", updates="y_max")
_REMEMBER, _HALF_EVEN = Attr("remember"), Attr("half_even")


def _expect_state(name: str, y: Shape, y_max: Shape) -> None:
    expect(name, "y", y, 1, "n")
    if y_max != (1,):
        raise ShapeError(f"{name}: y_max has shape {y_max}; it needs (1,)")


def _flag(name: str, attribute: str, value: int) -> None:
    if value > 1:
        raise ShapeError(f"{name}: {attribute} is {value}; it takes 0 (no) or 1 (yes)")


def _max_shapes(y: Shape, y_max: Shape) -> tuple[Shape, ...]:
    _expect_state("running_max", y, y_max)
    return y, y_max


@operation(inputs=(_Y, _Y_MAX), outputs=(_PEAK, _UPDATED), shapes=_max_shapes)
def running_max(
    y: F32Array, y_max: F32Array, *, contract: Contract = DEFAULT
) -> tuple[F32Array, F32Array]:
    """Keep the largest y so far.

    Parameters
    ----------
    y : ndarray of float32, shape (n,)
    y_max : ndarray of float32, shape (1,)
        The largest before this batch.
    contract : Contract

    Returns
    -------
    peak : ndarray of float32, shape (n,)
        The largest up to and with each sample. A NaN in y is never larger.
    y_max : ndarray of float32, shape (1,)

    Raises
    ------
    ShapeError
        Shapes that do not fit.
    """
    one = Arithmetic(contract)
    y, largest = one.read(y), one.read(y_max)
    peak = np.empty_like(y)
    for s in range(len(y)):
        largest = np.where(y[s] > largest, y[s], largest)
        peak[s] = largest[0]
    return peak, largest


def _decide_shapes(y: Shape, y_max: Shape, *, remember: int, **_: float) -> tuple[Shape, ...]:
    _expect_state("tinyprop_decide", y, y_max)
    _flag("tinyprop_decide", "remember", remember)
    return y, y, y, y_max


@operation(
    inputs=(_Y, _Y_MAX),
    outputs=(Arg("trained", "n", "i32"), Arg("measure", "n"), _PEAK, _UPDATED),
    attrs=(*(Attr(a, "f32") for a in ("d_min", "d_max", "factor", "threshold")), _REMEMBER),
    shapes=_decide_shapes,
)
def tinyprop_decide(
    y: F32Array,
    y_max: F32Array,
    *,
    d_min: float,
    d_max: float,
    factor: float,
    threshold: float,
    remember: int = 1,
    contract: Contract = DEFAULT,
) -> tuple[I32Array, F32Array, F32Array, F32Array]:
    """Decide for each sample whether it trains.

    Parameters
    ----------
    y : ndarray of float32, shape (n,)
    y_max : ndarray of float32, shape (1,)
        The largest before this batch.
    d_min, d_max, factor, threshold : float
        Rounded to binary32.
    remember : int
        1 where a sample that does not train raises y_max too.
    contract : Contract

    Returns
    -------
    trained : ndarray of int32, shape (n,)
        0 where measure <= threshold, 1 elsewhere (NaN trains).
    measure : ndarray of float32, shape (n,)
        (d_min + (y*(d_max - d_min))/peak)*factor; d_min*factor where peak is 0.
    peak : ndarray of float32, shape (n,)
        The largest up to and with each sample.
    y_max : ndarray of float32, shape (1,)

    Raises
    ------
    ShapeError
        Shapes or attributes that do not fit.
    """
    one = Arithmetic(contract)
    y, largest = one.read(y), one.read(y_max)[0]
    bound = one.read(f32(threshold))
    trained, measure, peak = np.empty(len(y), np.int32), np.empty_like(y), np.empty_like(y)
    for s in range(len(y)):
        peak[s] = y[s] if y[s] > largest else largest
        measure[s] = _scaled(one, y[s], peak[s], d_min, d_max, factor)
        trained[s] = 0 if measure[s] <= bound else 1
        largest = peak[s] if trained[s] or remember else largest
    return trained, measure, peak, np.full(1, largest, np.float32)


@quiet
def _scaled(
    one: Arithmetic, y: F32Array, peak: F32Array, least: float, most: float, factor: float
) -> F32Array:
    """Return (least + (y*(most - least))/peak)*factor, each step rounded; least where peak is 0."""
    low = f32(least)
    share = one.div(one.mul(y, one.sub(f32(most), low)), peak)
    zero = one.read(peak) == 0
    return one.mul(np.where(zero, low, one.add(low, share)), f32(factor))


def _count_shapes(
    y: Shape, peak: Shape, trained: Shape | None, *, half_even: int, **_: float
) -> tuple[Shape, ...]:
    name = "tinyprop_count"
    expect(name, "y", y, 1, "n")
    same(name, y=y, peak=peak, trained=y if trained is None else trained)
    _flag(name, "half_even", half_even)
    return y, y


@operation(
    inputs=(_Y, _PEAK, Arg("trained", "n", "i32", optional=True)),
    outputs=(Arg("count", "n", "i32"), Arg("ratio", "n")),
    attrs=(
        Attr("entries", least=1),
        *(Attr(a, "f32") for a in ("s_min", "s_max", "zeta")),
        _HALF_EVEN,
    ),
    shapes=_count_shapes,
)
def tinyprop_count(
    y: F32Array,
    peak: F32Array,
    trained: I32Array | None = None,
    *,
    entries: int,
    s_min: float,
    s_max: float,
    zeta: float,
    half_even: int = 0,
    contract: Contract = DEFAULT,
) -> tuple[I32Array, F32Array]:
    """Tell how many entries of each sample survive.

    Parameters
    ----------
    y, peak : ndarray of float32, shape (n,)
    trained : ndarray of int32, shape (n,), optional
        0 where a sample does not train.
    entries : int
        How many there are.
    s_min, s_max, zeta : float
        Rounded to binary32; zeta is the layer's whole factor.
    half_even : int
        How entries*ratio becomes whole: 0 cuts, 1 takes the nearest, ties to even.
    contract : Contract

    Returns
    -------
    count : ndarray of int32, shape (n,)
        1 to entries, and entries where the ratio is not finite; 0 without training.
    ratio : ndarray of float32, shape (n,)
        (s_min + (y*(s_max - s_min))/peak)*zeta; s_min*zeta where peak is 0; +0.0 without training.

    Raises
    ------
    ShapeError
        Shapes or attributes that do not fit.
    """
    one = Arithmetic(contract)
    ratio = _scaled(one, y, peak, s_min, s_max, zeta)
    product = one.mul(f32(entries), ratio).astype(np.float64)
    whole = np.rint(product) if half_even else np.trunc(product)
    # Clamped as binary64, which holds `entries` exactly, before any cast.
    count = np.where(np.isfinite(ratio), np.clip(whole, 1, entries), entries).astype(np.int32)
    if trained is None:
        return count, ratio
    return np.where(trained != 0, count, np.int32(0)), np.where(trained != 0, ratio, np.float32(0))

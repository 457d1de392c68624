"""Hypothesis strategies: hard binary32 values, tensors of them, contracts, shapes of layers.

All shrink: values towards 0, 1 and 2, tensors towards few distinct values, shapes towards 1,
contracts towards the default one.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tinycl.contract import Contract, Reduction

F32Array = NDArray[np.float32]
Shape = tuple[int, ...]

SIMPLE = (0x00000000, 0x3F800000, 0x40000000, 0xBF800000, 0x3F000000, 0x40400000, 0x80000000)

HARD = {
    "subnormal": (0x00000001, 0x00000003, 0x00400000, 0x007FFFFF, 0x80000001, 0x807FFFFF),
    "least normal": (0x00800000, 0x00800001, 0x00FFFFFF, 0x01000000, 0x80800000, 0x80800001),
    "small": (0x1FB504F3, 0x20000000, 0x20000001, 0x9FB504F3, 0x33000000, 0x33800000),
    "near one": (0x3F7FFFFF, 0x3F800001, 0x3F800003, 0x3FC00000, 0x3FFFFFFF, 0xBF800001),
    "large": (0x5F000000, 0x5F7FFFFF, 0x5F800000, 0xDF7FFFFF, 0x4B800000, 0x4B7FFFFF),
    "near overflow": (0x7F7FFFFF, 0x7F7FFFFE, 0x7F000000, 0x7EFFFFFF, 0xFF7FFFFF, 0xFF000000),
    "infinite": (0x7F800000, 0xFF800000),
    "not a number": (0x7FC00000, 0xFFC00000, 0x7F800001, 0xFFFFFFFF),
}

_FINITE = tuple(p for kind in list(HARD)[:-2] for p in HARD[kind])
_ALL = tuple(p for kind in HARD.values() for p in kind)


def _from_bits(pattern: int) -> float:
    return float(np.array(pattern, np.uint32).view(np.float32))


def _patterns(hard: bool, finite: bool) -> st.SearchStrategy[int]:
    """Bit patterns; ordinary ones have magnitudes from 2^-6 to 2^6 and full significands."""
    sign_exponent_fraction = st.tuples(
        st.integers(0, 1), st.integers(121, 132), st.integers(0, 2**23 - 1)
    )
    ordinary = sign_exponent_fraction.map(lambda t: t[0] << 31 | t[1] << 23 | t[2])
    choices = [st.sampled_from(SIMPLE), ordinary, ordinary]
    if hard:
        every = st.integers(0, 2**32 - 1)
        if finite:
            every = every.filter(lambda p: p & 0x7F800000 != 0x7F800000)
        choices += [st.sampled_from(_FINITE if finite else _ALL), every]
    return st.one_of(choices)


def hard_float32(*, finite: bool = False) -> st.SearchStrategy[float]:
    """Generate binary32 values that rounding, order, underflow and overflow act upon.

    Parameters
    ----------
    finite : bool
        Leave infinities and NaNs out.

    Returns
    -------
    strategy of float
        A Python float that a binary32 holds exactly. NaNs lose sign and payload this way;
        `arrays` keeps them.
    """
    return _patterns(True, finite).map(_from_bits)


@st.composite
def arrays(draw: st.DrawFn, shape: Shape, hard: bool | None = None) -> F32Array:
    """Generate a float32 tensor.

    Its elements come from a palette of at most 12 values and their negatives, so that sums
    cancel, maxima tie, and a failing example shows few distinct numbers.

    Parameters
    ----------
    shape : tuple of int
    hard : bool, optional
        False: ordinary values only. True: every bit pattern, NaNs and infinities too. None:
        ordinary, or hard but finite, or hard, in equal parts.

    Returns
    -------
    ndarray of float32, shape `shape`
    """
    kind = draw(st.sampled_from(("ordinary", "finite", "any"))) if hard is None else ""
    pattern = _patterns(hard or kind in ("finite", "any"), finite=kind == "finite")
    size = math.prod(shape)
    palette = draw(st.lists(pattern, min_size=1, max_size=min(12, max(size, 1))))
    palette += [p ^ 0x80000000 for p in palette]
    places = st.integers(0, len(palette) - 1)
    chosen = draw(st.lists(places, min_size=size, max_size=size))
    bits = np.array([palette[i] for i in chosen], np.uint32)
    return bits.view(np.float32).reshape(shape)


@st.composite
def reductions(draw: st.DrawFn) -> Reduction:
    """Generate a `Reduction`: small numbers mostly, now and then more than there are terms."""
    kind = draw(st.sampled_from(("sequential", "lanes", "grouped", "blocks", "split")))
    if kind == "sequential":
        return Reduction()
    least = 2 if kind in ("lanes", "split") else 1
    n = draw(st.one_of(st.integers(least, 9), st.sampled_from((16, 64))))
    join = draw(st.sampled_from(("left", "pairwise"))) if kind == "lanes" else ""
    return Reduction(kind, n, join)


@st.composite
def contracts(draw: st.DrawFn, /, **fixed: Any) -> Contract:
    """Generate a contract; every field, every combination that is not rejected.

    Parameters
    ----------
    **fixed
        Fields that are not to vary, such as ``subnormals="keep"``. A fixed ``start`` or ``bias``
        takes the other one along where the pair would be rejected.

    Returns
    -------
    Contract
    """
    chosen: dict[str, Any] = {
        "mac": draw(st.sampled_from(("fma", "mul_add", "fma_via_double"))),
        "reduction": draw(reductions()),
        "taps": draw(st.sampled_from(("channel_major", "spatial_major"))),
        "input_grad_taps": draw(st.sampled_from(("by_output", "by_weight"))),
        "padding": draw(st.sampled_from(("multiply", "skip"))),
        "batch": draw(st.sampled_from(("chain", "per_sample"))),
        "subnormals": draw(st.sampled_from(("keep", "flush"))),
        "selection_order": draw(st.sampled_from(("ascending", "heap"))),
    }
    pairs = [("zero", "after"), ("zero", "start"), ("first_product", "after")]
    pairs = [p for p in pairs if p[0] == fixed.get("start", p[0])]
    pairs = [p for p in pairs if p[1] == fixed.get("bias", p[1])]
    chosen["start"], chosen["bias"] = draw(st.sampled_from(pairs)) if pairs else ("zero", "after")
    return Contract(**{**chosen, **fixed})


class Layer(NamedTuple):
    """Geometry of a convolution or pool; a depthwise layer or a pool has ci = co channels."""

    n: int
    ci: int
    co: int
    size: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int, int, int]

    @property
    def out(self) -> tuple[int, int]:
        """Height and width of the output."""
        top, bottom, left, right = self.padding
        return (
            (self.size[0] + top + bottom - self.kernel[0]) // self.stride[0] + 1,
            (self.size[1] + left + right - self.kernel[1]) // self.stride[1] + 1,
        )


@st.composite
def _layers(draw: st.DrawFn, batch: int, channels: int, side: int, pool: bool, same: bool) -> Layer:
    """Draw a geometry in which at least one window fits."""
    n, ci = draw(st.integers(1, batch)), draw(st.integers(1, channels))
    co = ci if same else draw(st.integers(1, channels))
    axes = []
    for _ in range(2):
        size, stride = draw(st.integers(1, side)), draw(st.integers(1, 3))
        kernel = draw(st.integers(1, 3))
        most = kernel - 1 if pool else kernel + 1
        before = draw(st.integers(0, most))
        lacking = max(0, kernel - size - before)  # at most kernel - 1, as size is at least 1
        axes.append((size, kernel, stride, before, draw(st.integers(lacking, most))))
    (h, kh, sh, top, bottom), (w, kw, sw, left, right) = axes
    return Layer(n, ci, co, (h, w), (kh, kw), (sh, sw), (top, bottom, left, right))


def conv2d_layers(batch: int = 3, channels: int = 3, side: int = 5) -> st.SearchStrategy[Layer]:
    """Generate convolutions: kernels and strides 1 to 3, asymmetric padding up to kernel + 1.

    Parameters
    ----------
    batch, channels, side : int
        Upper bounds of samples, of channels each way, and of the image's sides.

    Returns
    -------
    strategy of Layer
    """
    return _layers(batch, channels, side, pool=False, same=False)


def depthwise_layers(batch: int = 3, channels: int = 3, side: int = 5) -> st.SearchStrategy[Layer]:
    """Generate depthwise convolutions; bounds as in `conv2d_layers`."""
    return _layers(batch, channels, side, pool=False, same=True)


def pool_layers(batch: int = 2, channels: int = 2, side: int = 5) -> st.SearchStrategy[Layer]:
    """Generate pools: as `depthwise_layers`, with every padding smaller than the kernel."""
    return _layers(batch, channels, side, pool=True, same=True)

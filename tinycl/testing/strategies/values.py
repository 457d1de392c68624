"""Hard binary32 values and tensors of them."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

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

"""Constants that are rounded once from their exact value."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

WORKING_BITS = 320


def round_to_f32(value: Fraction) -> np.float32:
    """Return the float32 nearest to a rational number, ties to even.

    Parameters
    ----------
    value : Fraction
        Inside the range of float32.

    Returns
    -------
    float32
    """
    near = np.float32(float(value))
    down, up = np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))

    def rank(candidate: np.float32) -> tuple[Fraction, int]:
        return abs(Fraction(float(candidate)) - value), int(candidate.view(np.uint32)) & 1

    return min((c for c in (down, near, up) if np.isfinite(c)), key=rank)


def one_minus_powers(base: float, count: int) -> list[np.float32]:
    """Return 1 - base^t for t = 1 .. count, each rounded once.

    The power is carried as an interval of 320-bit fixed-point numbers; both ends must round alike.

    Parameters
    ----------
    base : float
        A float32 value in [0, 1).
    count : int

    Returns
    -------
    list of float32

    Raises
    ------
    ValueError
        A base outside [0, 1).
    """
    if not 0 <= base < 1:
        raise ValueError(f"the base must be at least 0 and below 1, got {base}")
    exact = Fraction(float(np.float32(base)))
    unit = 1 << WORKING_BITS
    low = high = unit
    results = []
    for _ in range(count):
        low = low * exact.numerator // exact.denominator
        high = -(-high * exact.numerator // exact.denominator)
        ends = {round_to_f32(1 - Fraction(end, unit)).item() for end in (low, high)}
        if len(ends) > 1:
            raise ArithmeticError(f"1 - {base}^t needs more than {WORKING_BITS} bits")
        results.append(np.float32(ends.pop()))
    return results

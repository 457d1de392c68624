"""Arrays of bit patterns, and a comparison that shows the operands of what differs."""

import numpy as np
import pytest

from tinycl import bits


def floats(patterns):
    """Return the float32 values of bit patterns."""
    return np.array(patterns, np.uint32).view(np.float32)


def from_bits(*patterns):
    """Return one float32 array of shape () for each bit pattern."""
    return [floats(p).reshape(()) for p in patterns]


def assert_same(got, expected, *operands):
    """Compare two lists of results and show the first that differs, with its operands."""
    wrong = np.flatnonzero(bits.words(got) != bits.words(expected))
    if wrong.size:
        i = wrong[0]
        told = " ".join(bits.to_hex(o[i]) for o in operands)
        pytest.fail(
            f"{wrong.size} of {got.size} differ; the first: {told} gives "
            f"{bits.to_hex(got[i])}, exactly {bits.to_hex(expected[i])}"
        )

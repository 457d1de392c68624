"""NaN, Inf, zeros of both signs, ties and bends: every combination of a few values."""

from itertools import product

import numpy as np
import pytest

from tests.num.compare import floats
from tests.ops.agreement import assert_agrees
from tinycl.contract import Contract
from tinycl.testing.strategies import HARD, SIMPLE

MODES = ("keep", "flush")
# NaN, Inf, 1, the largest subnormal, and zeros and least subnormals of both signs.
FEW = floats(
    [0x7FC00000, 0xFF800001, 0x7F800000, 0xFF800000, 0x3F800000]
    + [0x007FFFFF, 0x00000000, 0x80000000, 0x00000001, 0x80000001]
)
TRIPLES = np.array(list(product(FEW, FEW, FEW)), np.float32)
# Hard values, and four steps either way from where an activation bends.
BENDS = [p + step for p in (0x40400000, 0xC0400000, 0x40C00000) for step in range(-4, 5)]
VALUES = floats([*SIMPLE, *(p for kind in HARD.values() for p in kind), *BENDS])


@pytest.mark.parametrize("subnormals", MODES)
def test_windows_of_three(subnormals):
    """The first maximum wins, the first NaN wins over all, and the place says which it was."""
    contract = Contract(subnormals=subnormals)
    x, attrs = TRIPLES.reshape(-1, 1, 1, 3), {"stride": (1, 1), "padding": (0, 0, 0, 0)}
    assert_agrees("max_pool_forward", (x,), {**attrs, "kernel": (1, 3)}, contract)
    assert_agrees("avg_pool_forward", (x,), {**attrs, "kernel": (1, 3)}, contract)


@pytest.mark.parametrize("subnormals", MODES)
def test_rows_of_three(subnormals):
    contract = Contract(subnormals=subnormals)
    target = (np.arange(len(TRIPLES)) % 3).astype(np.int32)
    assert_agrees("softmax_cross_entropy_forward", (TRIPLES, target), {}, contract)
    attrs = {"batch": 3}
    assert_agrees("softmax_cross_entropy_input_grad", (TRIPLES, target), attrs, contract)
    assert_agrees("mean_squared_error_forward", (TRIPLES, TRIPLES[::-1]), {}, contract)


@pytest.mark.parametrize("subnormals", MODES)
@pytest.mark.parametrize("family", ["relu", "relu6", "hard_swish", "sigmoid"])
def test_activations(family, subnormals):
    contract = Contract(subnormals=subnormals)
    assert_agrees(f"{family}_forward", (VALUES,), {}, contract)
    x, dy = np.meshgrid(VALUES, FEW)
    assert_agrees(f"{family}_input_grad", (x, dy), {}, contract)


@pytest.mark.parametrize("subnormals", MODES)
@pytest.mark.parametrize("name", ["compare", "add", "accumulate"])
def test_pairs(name, subnormals):
    a, b = np.meshgrid(VALUES, VALUES)
    assert_agrees(name, (a, b), {}, Contract(subnormals=subnormals))

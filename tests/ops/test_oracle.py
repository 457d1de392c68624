"""The NumPy specification and the scalar oracle agree bit for bit, for every operation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import oracle
from tests.ops.agreement import assert_agrees
from tests.ops.cases import CASES
from tests.ops.examples import EXAMPLES
from tests.ops.sparse_cases import reordered
from tinycl.contract import Contract
from tinycl.ops import TABLE
from tinycl.testing.strategies import contracts


def test_every_operation_is_covered():
    assert sorted(CASES) == sorted(TABLE) == sorted(oracle.OPERATIONS)


@pytest.mark.parametrize("name", sorted(TABLE))
@given(st.data())
def test_agrees(name, data):
    case, contract = data.draw(CASES[name]), data.draw(contracts())
    assert_agrees(name, *reordered(data.draw, name, case, contract), contract)


# Every kind of reduction and every setting of every field.
SPREAD = [
    "default",
    "reduction=lanes(3,left) taps=spatial_major input_grad_taps=by_weight mac=mul_add",
    "reduction=lanes(4,pairwise) padding=skip batch=per_sample",
    "reduction=lanes(8,left) bias=start subnormals=flush",
    "reduction=grouped(4) start=first_product mac=fma_via_double",
    "reduction=grouped(3) bias=start padding=skip",
    "reduction=blocks(5) batch=per_sample input_grad_taps=by_weight",
    "reduction=split(3) start=first_product taps=spatial_major padding=skip",
]


@pytest.mark.parametrize("text", SPREAD)
@pytest.mark.parametrize("name", sorted(TABLE))
def test_agrees_on_ordinary_numbers(name, text):
    """Normal values of full length: a wrong order of summation shows in nearly every element."""
    source = np.random.Generator(np.random.PCG64(11))
    tensors, attrs = EXAMPLES[name]
    tensors = [
        source.standard_normal(t.shape).astype(np.float32) if t.dtype == np.float32 else t
        for t in tensors
    ]
    assert_agrees(name, tensors, attrs, Contract.parse(text))


@pytest.mark.parametrize("text", SPREAD)
@pytest.mark.parametrize("name", [n for n in sorted(TABLE) if n.startswith(("conv2d", "depth"))])
def test_agrees_on_zeros_and_infinities(name, text):
    """What meets the padding shows: -0.0 where nothing is added, Inf where +0.0 makes a NaN."""
    source = np.random.Generator(np.random.PCG64(13))
    tensors, attrs = EXAMPLES[name]
    values, often = np.array([-0.0, 0.0, -1.0, np.inf], np.float32), (0.7, 0.1, 0.15, 0.05)
    tensors = [
        source.choice(values, t.shape, p=often) if t.dtype == np.float32 else t for t in tensors
    ]
    assert_agrees(name, tensors, attrs, Contract.parse(text))

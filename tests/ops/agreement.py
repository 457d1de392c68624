"""Comparison of one operation's specification with the oracle, bit for bit."""

import numpy as np
import pytest

from tests import oracle
from tinycl import bits
from tinycl.ops import TABLE


def explain(name, case, contract, output, got, expected):
    """Say where two results first differ."""
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return f"{name} {output}: {got.dtype}{got.shape}, oracle {expected.dtype}{expected.shape}"
    place = tuple(np.argwhere(bits.words(got) != bits.words(expected))[0].tolist())
    return (
        f"{name} {output}{list(place)}: specification {bits.to_hex(got[place])}, "
        f"oracle {bits.to_hex(expected[place])}\ncontract {contract}\n{case}"
    )


def assert_agrees(name, tensors, attrs, contract):
    """Compare every output of one operation."""
    operation = TABLE[name]
    got = operation.function(*tensors, **attrs, contract=contract)
    got = got if isinstance(got, tuple) else (got,)
    expected = oracle.OPERATIONS[name](tensors, attrs, contract)
    assert len(got) == len(expected) == len(operation.outputs)
    for output, ours, theirs in zip(operation.outputs, got, expected, strict=True):
        if theirs is None:
            assert ours is None
            continue
        if not bits.equal(ours, theirs):
            pytest.fail(explain(name, (tensors, attrs), contract, output.name, ours, theirs))

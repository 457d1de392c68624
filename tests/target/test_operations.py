"""Every operation on the C targets equals the specification: any shape, hard values, any cores."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.cases import CASES, settled
from tinycl.bits import equal
from tinycl.golden.catalogue.case import one_operation
from tinycl.ops import TABLE
from tinycl.target.numpy_target import NumpyTarget


def assert_equal(target, name, case, cores, checked):
    """Run one operation on a target and on the specification."""
    tensors, attrs = case
    inputs = dict(zip((a.name for a in TABLE[name].inputs), tensors, strict=False))
    plan, data = one_operation(name, inputs, settled(name, attrs))
    got = target.run(plan, data, cores=cores, checked=checked, timeout=60).tensors()
    wanted = NumpyTarget().run(plan, data, checked=checked).tensors()
    assert got.keys() == wanted.keys()
    assert [k for k in got if not equal(got[k], wanted[k])] == []


def test_every_operation_is_covered():
    assert sorted(CASES) == sorted(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
@given(st.data())
def test_host(host, name, data):
    cores, checked = data.draw(st.sampled_from((1, 2, 3, 8, 16))), data.draw(st.booleans())
    assert_equal(host, name, data.draw(CASES[name]), cores, checked)


@pytest.mark.parametrize("name", sorted(TABLE))
@settings(max_examples=8)
@given(st.data())
def test_qemu(qemu, name, data):
    cores = data.draw(st.sampled_from((1, 2, 4, 8)))
    assert_equal(qemu, name, data.draw(CASES[name]), cores, True)

"""Every operation on the C targets equals the specification: shapes, hard values, orders, cores."""

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.cases import CASES, settled
from tests.ops.sparse_cases import reordered
from tinycl.bits import equal
from tinycl.contract import Contract
from tinycl.golden.catalogue.case import one_operation
from tinycl.ops import TABLE
from tinycl.target.build import Recipe
from tinycl.target.host import HostTarget
from tinycl.target.numpy_target import NumpyTarget

CONTRACTS = st.sampled_from(("ascending", "heap")).map(lambda o: Contract(selection_order=o))


def case_of(name, data, contract):
    """Draw a case of one operation; return its plan and inputs."""
    tensors, attrs = reordered(data.draw, name, data.draw(CASES[name]), contract)
    inputs = dict(zip((a.name for a in TABLE[name].inputs), tensors, strict=False))
    return one_operation(name, inputs, settled(name, attrs))


def compared(target, plan, values, contract, cores, checked):
    """Return the tensors that differ from the specification's."""
    options = {"contract": contract, "checked": checked}
    got = target.run(plan, values, cores=cores, timeout=60, **options).tensors()
    wanted = NumpyTarget().run(plan, values, **options).tensors()
    assert got.keys() == wanted.keys()
    return [k for k in got if not equal(got[k], wanted[k])]


def assert_equal(target, name, data, cores, checked):
    """Run a case of one operation on a target and on the specification."""
    contract = data.draw(CONTRACTS)
    plan, values = case_of(name, data, contract)
    assert compared(target, plan, values, contract, cores, checked) == []


def test_every_operation_is_covered():
    assert sorted(CASES) == sorted(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
@given(st.data())
def test_host(host, name, data):
    cores, checked = data.draw(st.sampled_from((1, 2, 3, 8, 16))), data.draw(st.booleans())
    assert_equal(host, name, data, cores, checked)


@pytest.fixture(scope="session")
def sanitized():
    """Return a build that stops at what C does not define."""
    flags = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g")
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed (Debian: apt install gcc)")
    target = HostTarget(Recipe("host", "gcc", "-O1", True, flags))
    yield target
    target.close()


@pytest.mark.parametrize("name", sorted(TABLE))
@settings(max_examples=10)
@given(st.data())
def test_sanitizers_find_nothing(sanitized, name, data):
    assert_equal(sanitized, name, data, data.draw(st.sampled_from((1, 3, 8))), True)


@pytest.mark.parametrize("name", sorted(TABLE))
@settings(max_examples=8)
@given(st.data())
def test_qemu(qemu, name, data):
    cores = data.draw(st.sampled_from((1, 2, 4, 8)))
    assert_equal(qemu, name, data, cores, True)

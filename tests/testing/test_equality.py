"""`assert_bits_equal` passes on equal bits alone and tells what differs."""

import subprocess
import sys

import numpy as np
import pytest

from tinycl.errors import ShapeError
from tinycl.testing import assert_bits_equal

F = np.float32


def told(*args, **keys) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_bits_equal(*args, **keys)
    return str(caught.value)


def test_equal():
    nans = np.array([0x7FC00000, 0xFFFFFFFF], np.uint32).view(F)
    assert_bits_equal(nans, nans[::-1])
    assert_bits_equal(F(1), np.array(1, F))
    assert_bits_equal(np.zeros((0, 3), F), np.zeros((0, 3), F))
    assert_bits_equal(
        {"a": nans, "b": np.arange(3, dtype=np.int32)},
        {"b": np.arange(3, dtype=np.int32), "a": nans},
    )


def test_the_report_of_one_tensor():
    expected = np.zeros((2, 3), F)
    got = expected.copy()
    got[0, 1], got[1, 2] = F(1e-45), F(1)
    lines = told(expected, got, axes="n co", name="y").splitlines()
    assert (
        lines[0] == "y: 2 of 6 elements differ, first at n=0 co=1: 00000000 expected, got 00000001"
    )
    assert lines[-1] == "the first element that differs; below it the one that is furthest off"
    assert [line.split() for line in lines[2:-1]] == [
        ["tensor", "differ", "at", "expected", "got", "ulp"],
        ["y", "2", "n=0", "co=1", "00000000", "0.0", "00000001", "1e-45", "1"],
        ["of", "6", "n=1", "co=2", "00000000", "0.0", "3f800000", "1.0", "1065353216"],
    ]


@pytest.mark.parametrize(
    ("expected", "got", "line"),
    [
        (np.zeros(2, F), np.zeros((2, 1), F), "tensor: shape: shape (2,) expected, got (2, 1)"),
        (np.zeros(2, F), np.zeros(2), "tensor: dtype: dtype float32 expected, got float64"),
        (np.zeros(1, F), [0.0], "tensor: dtype: dtype float32 expected, got float64"),
        (
            F(0),
            F(-0.0),
            "tensor: 1 of 1 elements differ, first at -: 00000000 expected, got 80000000",
        ),
        (
            np.array([np.nan], F),
            np.array([1], F),
            "tensor: 1 of 1 elements differ, first at i0=0: 7fc00000 expected, got 3f800000",
        ),
        (
            np.array([7], np.int32),
            np.array([-1], np.int32),
            "tensor: 1 of 1 elements differ, first at i0=0: 00000007 expected, got ffffffff",
        ),
    ],
)
def test_what_differs(expected, got, line):
    assert told(expected, got).splitlines()[0] == line


def test_mappings():
    a, b = np.zeros(2, F), np.ones(2, F)
    text = told(
        {"x": a, "y": a, "lost": a}, {"x": a, "y": b, "odd": b}, axes={"y": "co"}, name="step 3"
    )
    head = text.splitlines()[0]
    assert head.startswith("step 3: y: 2 of 2 elements differ, first at co=0: ")
    assert head.endswith("(3 of 4 tensors differ)")
    assert "it did not come back" in text
    assert "nobody expects it" in text
    many = {str(i): a for i in range(60)}
    assert told(many, dict.fromkeys(many, b)).endswith("and 10 more")
    assert "missing" in told({"x": a}, {})


def test_names_that_are_no_text():
    one, two = np.ones(2, np.float32), np.full(2, 2, np.float32)
    with pytest.raises(AssertionError, match=r"^net: 0: 2 of 2 elements differ, first at n=0: "):
        assert_bits_equal({0: one, ("a", 1): one}, {0: two, ("a", 1): one}, "n", name="net")
    with pytest.raises(AssertionError, match=r"^\('a', 1\): missing: it did not come back"):
        assert_bits_equal({("a", 1): one}, {0: one})


def test_what_cannot_be_compared():
    a = np.zeros(2, F)
    for expected, got, axes in (
        ({"x": a}, a, None),
        (a, {"x": a}, None),
        ({}, {}, None),
        (np.zeros(2), a, None),
        (a, a, {"x": "co"}),
    ):
        with pytest.raises(ShapeError):
            assert_bits_equal(expected, got, axes=axes)


def test_without_the_plugin_and_without_assertions():
    code = (
        "import sys, numpy as np\nfrom tinycl.testing import assert_bits_equal\n"
        "assert_bits_equal(np.float32(0), np.float32(-0.0))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-O", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 1
    assert "AssertionError: tensor: 1 of 1 elements differ" in ran.stderr
    assert "pytest" not in ran.stderr

"""The comparison finds exactly what differs, and no NaN passes."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tinycl.bits import words
from tinycl.errors import ShapeError
from tinycl.parity.compare import axis_names, compare

SHAPES = npst.array_shapes(min_dims=0, max_dims=4, max_side=5)
PATTERNS = SHAPES.flatmap(
    lambda shape: npst.arrays(np.uint32, shape, elements=st.integers(0, 2**32 - 1))
)


def f32(*bits: int) -> np.ndarray:
    return np.array(bits, np.uint32).view(np.float32)


@given(PATTERNS, st.sampled_from([np.float32, np.int32]))
def test_equal_bits_are_equal(bits: np.ndarray, dtype: type) -> None:
    assert compare(bits.view(dtype), bits.copy().view(dtype)) is None


@given(PATTERNS, st.sampled_from([np.float32, np.int32]), st.data())
def test_flipped_bits_are_found_and_no_others(bits: np.ndarray, dtype: type, data) -> None:
    places = data.draw(
        st.sets(st.integers(0, bits.size - 1), min_size=1, max_size=min(bits.size, 6))
    )
    other = bits.copy()
    for place in places:
        other.flat[place] ^= np.uint32(1 << data.draw(st.integers(0, 31)))
    expected, got = bits.view(dtype), other.view(dtype)
    wrong = [p for p in sorted(places) if words(expected).flat[p] != words(got).flat[p]]
    assume(wrong)
    found = compare(expected, got, "n c h w")
    assert found is not None
    assert (found.kind, found.differing, found.total) == ("values", len(wrong), bits.size)
    assert found.first is not None
    assert np.ravel_multi_index(found.first.index, bits.shape) == wrong[0] if bits.ndim else True
    assert found.first.expected_hex == f"{words(expected).flat[wrong[0]]:08x}"
    assert found.first.got_hex == f"{words(got).flat[wrong[0]]:08x}"
    assert found.largest is not None
    assert len(found.axes) == bits.ndim


@given(st.integers(0, 2**23 - 1), st.integers(0, 1), st.integers(0, 2**32 - 1))
def test_a_nan_equals_nothing_but_a_nan(payload: int, sign: int, other: int) -> None:
    nan = f32(sign << 31 | 0x7F800000 | max(payload, 1))
    assert compare(nan, f32(0x7FC00000)) is None
    value = f32(other)
    if np.isnan(value[0]):
        assert compare(nan, value) is None
        return
    for found in (compare(nan, value), compare(value, nan)):
        assert found is not None
        assert found.first is not None
        assert found.first.ulp is None
        assert "7fc00000" in (found.first.expected_hex, found.first.got_hex)


def test_zeros_of_both_signs_differ() -> None:
    found = compare(f32(0), f32(1 << 31))
    assert found is not None
    assert found.first is not None
    assert (found.first.expected, found.first.got, found.first.ulp) == ("0.0", "-0.0", 1)


def test_first_and_largest() -> None:
    a, b = np.ones((2, 3), np.float32), np.ones((2, 3), np.float32)
    b[0, 1], b[1, 0], b[1, 2] = np.nextafter(np.float32(1), 2), 8, 4
    found = compare(a, b, "co ho")
    assert found is not None
    assert found.first is not None
    assert found.largest is not None
    assert found.place(found.first) == "co=0 ho=1"
    assert found.first.ulp == 1
    assert found.place(found.largest) == "co=1 ho=0"
    assert found.largest.ulp == 3 << 23
    b[1, 2] = np.nan
    found = compare(a, b)
    assert found is not None
    assert found.largest is not None
    assert (found.largest.index, found.largest.ulp) == ((1, 2), None)


def test_scalars_and_whole_numbers() -> None:
    found = compare(np.array(3, np.int32), np.array(-1, np.int32))
    assert found is not None
    assert found.first is not None
    assert found.place(found.first) == "-"
    assert (found.first.expected, found.first.got_hex, found.first.ulp) == ("3", "ffffffff", None)


@pytest.mark.parametrize(
    ("got", "kind"),
    [
        (np.zeros((2, 3), np.float64), "dtype"),
        (np.zeros((2, 3), np.int32), "dtype"),
        (np.zeros((3, 2), np.float32), "shape"),
        (np.zeros(6, np.float32), "shape"),
        (np.zeros((2, 1), np.float32), "shape"),
        (np.zeros((0,), np.float32), "shape"),
    ],
)
def test_shape_and_dtype_are_differences_of_their_own(got: np.ndarray, kind: str) -> None:
    found = compare(np.zeros((2, 3), np.float32), got)
    assert found is not None
    assert found.kind == kind
    assert found.first is None
    assert str(getattr(got, kind)) in found.told


def test_other_dtypes_are_refused() -> None:
    with pytest.raises(ShapeError, match="float64"):
        compare(np.zeros(2), np.zeros(2))


def test_axis_names() -> None:
    assert axis_names("n co ho wo", 4) == ("n", "co", "ho", "wo")
    assert axis_names("i", 1) == ("i",)
    assert axis_names("i", 3) == ("i0", "i1", "i2")
    assert axis_names("n f", 4) == ("n", "f0", "f1", "f2")
    assert axis_names("i", 0) == axis_names("", 0) == ()
    assert axis_names("", 2) == axis_names("a b c", 2) == ("i0", "i1")
    assert axis_names(("execution", "n"), 2) == ("execution", "n")

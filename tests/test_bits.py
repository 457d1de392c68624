"""Tensors as bits: one NaN, equality, hexadecimal, distance, digests."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinycl import bits
from tinycl.testing.strategies import arrays

SHAPES = st.lists(st.integers(0, 3), max_size=4).map(tuple)
TENSORS = SHAPES.flatmap(lambda shape: arrays(shape, hard=True))


def f32(*patterns):
    return np.array(patterns, np.uint32).view(np.float32)


def bits_of(x):
    """Return the raw words of a float32 tensor, NaNs as they are."""
    return np.frombuffer(x.tobytes(), np.uint32).tolist()


@given(TENSORS)
def test_canonical(x):
    made = bits.canonical(x)
    assert made.shape == x.shape
    assert made.dtype == np.float32
    for before, after in zip(bits_of(x), bits_of(made), strict=True):
        nan = before & 0x7FFFFFFF > 0x7F800000
        assert after == (0x7FC00000 if nan else before)
    assert bits.words(x).ravel().tolist() == bits_of(made)
    assert bits.words(x).shape == x.shape


def test_canonical_leaves_integers_alone():
    x = np.array([0x7F800001, -1], np.int32)
    assert bits.canonical(x) is x
    assert bits.words(x).tolist() == [0x7F800001, 0xFFFFFFFF]


@given(TENSORS)
def test_equal_to_itself(x):
    assert bits.equal(x, x.copy())
    assert bits.equal(x, np.array(x, order="F"))
    assert bits.digest(x) == bits.digest(np.array(x, order="F"))


@given(TENSORS.filter(lambda x: x.size), st.integers(0, 31), st.data())
def test_one_flipped_bit_is_seen(x, bit, data):
    """It is seen by `equal` and by `digest`, unless both are NaNs."""
    at = data.draw(st.integers(0, x.size - 1))
    words = np.array(bits_of(x), np.uint32)
    words[at] ^= np.uint32(1 << bit)
    other = words.view(np.float32).reshape(x.shape)
    both_nan = bool(np.isnan(x.ravel()[at]) and np.isnan(other.ravel()[at]))
    assert bits.equal(x, other) == both_nan
    assert (bits.digest(x) == bits.digest(other)) == both_nan


def test_what_is_not_equal():
    one = np.ones(2, np.float32)
    assert not bits.equal(f32(0), f32(0x80000000))
    assert not bits.equal(one, one.reshape(2, 1))
    assert not bits.equal(one, one.astype(np.float64))
    assert not bits.equal(f32(1), np.array([1], np.int32))
    assert bits.equal(f32(0x7F800001, 0xFFC00000), f32(0x7FC00000, 0x7FFFFFFF))


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.float32(1), "3f800000"),
        (np.float32(-0.0), "80000000"),
        (np.float32(np.nan), "7fc00000"),
        (np.int32(-2), "fffffffe"),
        (f32(1)[0], "00000001"),
        (np.ones((1, 1), np.float32), "3f800000"),
    ],
)
def test_to_hex(x, text):
    assert bits.to_hex(x) == text


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        (0x00000000, 0x80000000, 1),
        (0x3F800000, 0x3F800001, 1),
        (0x00000001, 0x80000001, 3),
        (0x7F7FFFFF, 0x7F800000, 1),
        (0xFF800000, 0x7F800000, 2 * 0x7F800000 + 1),
        (0x7FC00000, 0xFFC12345, 0),
    ],
)
def test_ulp_distance(a, b, distance):
    assert bits.ulp_distance(f32(a), f32(b)).tolist() == [distance]
    assert bits.ulp_distance(f32(b), f32(a)).tolist() == [distance]


def test_a_nan_is_one_step_above_infinity():
    assert bits.ulp_distance(f32(0x7F800000), f32(0xFFFFFFFF)).tolist() == [1]


def test_digest_as_it_is_defined():
    """SHA-256 over dtype, shape and little-endian words."""
    x = f32(0x3F800000, 0xFFC00001).reshape(1, 2)
    told = b"f4 1,2\n" + bytes.fromhex("0000803f0000c07f")
    assert bits.digest(x) == hashlib.sha256(told).hexdigest()
    scalar = np.array(-2, np.int32)
    assert bits.digest(scalar) == hashlib.sha256(b"i4 \n\xfe\xff\xff\xff").hexdigest()
    assert bits.digest(x) != bits.digest(x.reshape(2, 1))
    assert bits.digest(x) != bits.digest(x.view(np.int32))

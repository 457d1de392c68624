"""The random generator against published vectors, written-down values and its C twin."""

import ctypes
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinycl.num import generator

C_REF = Path(__file__).resolve().parents[2] / "c_ref"
U64 = st.integers(0, 2**64 - 1)
SEED, STREAM = 0x0123456789ABCDEF, 0xFEDCBA9876543210

# Random123, tests/kat_vectors: counter, key, result.
KNOWN_ANSWERS = [
    ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.fixture(scope="module")
def c_library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Return c_ref/src/philox.c as a shared library of this machine."""
    path = tmp_path_factory.mktemp("c") / "philox.so"
    flags = ["-std=c11", "-O2", "-ffp-contract=off", "-shared", "-fPIC", f"-I{C_REF / 'include'}"]
    source = C_REF / "src" / "philox.c"
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, *flags, str(source), "-o", str(path)], check=True)
    return ctypes.CDLL(str(path))


def call_c(function: Any, out: np.ndarray, *arguments: Any) -> np.ndarray:
    """Fill `out` by a C function whose middle arguments are uint64 and whose last is its count."""
    function.restype = None
    function(out.ctypes.data_as(ctypes.c_void_p), *arguments)
    return out


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_known_answers(
    counter: tuple[int, ...], key: tuple[int, int], expected: tuple[int, ...], c_library: Any
) -> None:
    """Both languages give the published blocks."""
    block = generator.philox(np.array(counter, np.uint64).reshape(4, 1), key)
    assert tuple(block[:, 0].tolist()) == expected
    out = (ctypes.c_uint32 * 4)()
    c_library.tinycl_philox_block(out, (ctypes.c_uint32 * 4)(*counter), (ctypes.c_uint32 * 2)(*key))
    assert tuple(out) == expected


def test_address() -> None:
    """Seed, stream and index reach the key and the counter as documented."""
    first = generator.words(0, 0, 0, 4)
    assert tuple(first.tolist()) == KNOWN_ANSWERS[0][2]
    counter = np.array([[0x80000001], [2], [0x76543210], [0xFEDCBA98]], np.uint64)
    block = generator.philox(counter, (0x89ABCDEF, 0x01234567))[:, 0]
    start = 4 * (2 * 2**32 + 0x80000001)
    assert generator.words(SEED, STREAM, start, 4).tolist() == block.tolist()


def test_written_vectors() -> None:
    """Values that must never change."""
    words = generator.words(SEED, STREAM, 5, 4)
    assert [f"{word:08x}" for word in words.tolist()] == [
        "4671fd85",
        "74decae0",
        "4b77ec76",
        "d7bb4a2f",
    ]
    uniform = generator.uniform(SEED, STREAM, 5, 4)
    assert [f"{bits:08x}" for bits in uniform.view(np.uint32).tolist()] == [
        "3e8ce3fa",
        "3ee9bd94",
        "3e96efd8",
        "3f57bb4a",
    ]
    assert generator.integers(1000, SEED, STREAM, 3, 6).tolist() == [294, 722, 284, 896, 158, 873]
    assert generator.integers(2**32 - 1, SEED, STREAM, 3, 2).tolist() == [1266150518, 3103222823]
    assert generator.permutation(10, SEED, STREAM).tolist() == [9, 4, 0, 5, 3, 8, 6, 1, 7, 2]


def test_integers_are_exact() -> None:
    """Integers are (u * bound) >> 64 in unbounded arithmetic."""
    words = generator.words(SEED, STREAM, 14, 200).tolist()
    for bound in (1, 2, 3, 1000, 2**31 + 1, 2**32 - 1):
        expected = [
            ((low | high << 32) * bound) >> 64
            for low, high in zip(words[::2], words[1::2], strict=True)
        ]
        assert generator.integers(bound, SEED, STREAM, 7, 100).tolist() == expected


def test_uniform_range() -> None:
    """Uniform numbers are multiples of 2^-24 in [0, 1) and fill it evenly."""
    values = generator.uniform(1, 2, 0, 100_000)
    assert values.dtype == np.float32
    assert values.min() >= 0
    assert values.max() < 1
    assert np.all(values.astype(np.float64) * 2**24 % 1 == 0)
    counts = np.histogram(values, 16, (0, 1))[0]
    assert np.abs(counts - 6250).max() < 400


@given(U64, U64, st.integers(0, 2**63 - 100), st.integers(0, 40), st.integers(0, 40))
def test_chunks(seed: int, stream: int, start: int, first: int, second: int) -> None:
    """A request equals its parts, wherever it is cut."""
    functions: list[Callable[..., np.ndarray]] = [
        generator.words,
        generator.uniform,
        lambda *address: generator.integers(12345, *address),
    ]
    for function in functions:
        whole = function(seed, stream, start, first + second)
        parts = [
            function(seed, stream, start, first),
            function(seed, stream, start + first, second),
        ]
        assert np.array_equal(whole, np.concatenate(parts))
        assert whole.dtype == parts[0].dtype


@given(U64, U64, st.integers(0, 2**63 - 100), st.integers(0, 20), st.integers(1, 2**32 - 1))
def test_c_equality(
    c_library: Any, seed: int, stream: int, start: int, count: int, bound: int
) -> None:
    """C gives the same words, uniforms and integers."""
    address = (ctypes.c_uint64(seed), ctypes.c_uint64(stream), ctypes.c_uint64(start))
    size = ctypes.c_uint32(count)
    words = call_c(c_library.tinycl_philox_words, np.empty(count, np.uint32), *address, size)
    assert np.array_equal(words, generator.words(seed, stream, start, count))
    uniform = call_c(c_library.tinycl_uniform, np.empty(count, np.float32), *address, size)
    assert np.array_equal(uniform, generator.uniform(seed, stream, start, count))
    integers = np.empty(count, np.uint32)
    call_c(c_library.tinycl_integers, integers, ctypes.c_uint32(bound), *address, size)
    assert np.array_equal(integers, generator.integers(bound, seed, stream, start, count))


@given(st.integers(0, 300), U64, U64)
def test_permutation(c_library: Any, n: int, seed: int, stream: int) -> None:
    """Every number appears once, and C gives the same order."""
    order = generator.permutation(n, seed, stream)
    assert order.dtype == np.int32
    assert sorted(order.tolist()) == list(range(n))
    out = np.empty(n, np.int32)
    address = (ctypes.c_uint64(seed), ctypes.c_uint64(stream))
    call_c(c_library.tinycl_permutation, out, ctypes.c_uint32(n), *address)
    assert np.array_equal(out, order)


def test_permutations_are_even() -> None:
    """All 24 orders of four things turn up equally often."""
    counts: dict[tuple[int, ...], int] = {}
    for stream in range(4800):
        order = tuple(generator.permutation(4, 7, stream).tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 24
    assert all(130 < count < 270 for count in counts.values())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((-1, 0, 0, 1), ValueError, "seed must be in 0..18446744073709551615, got -1"),
        ((0, 2**64, 0, 1), ValueError, "stream must be in 0"),
        ((0, 0, -1, 1), ValueError, "start must be in 0"),
        ((0, 0, 0, -1), ValueError, "count must be in 0"),
        ((0, 0, 2**64 - 1, 2), ValueError, "count must be in 0..1, got 2"),
        ((0.5, 0, 0, 1), TypeError, "seed must be an integer, got 0.5"),
        ((0, 0, 0, None), TypeError, "count must be an integer"),
    ],
)
def test_bad_addresses(arguments: Any, error: type[Exception], message: str) -> None:
    """A bad address is refused with the range that is allowed."""
    for function in (generator.words, generator.uniform):
        with pytest.raises(error, match=message):
            function(*arguments)


def test_bad_bounds() -> None:
    """A bad bound or length is refused with the range that is allowed."""
    for bound in (0, -1, 2**32):
        with pytest.raises(ValueError, match=f"bound must be in 1..4294967295, got {bound}"):
            generator.integers(bound, 0, 0, 0, 1)
    with pytest.raises(TypeError, match="bound must be an integer"):
        generator.integers(2.0, 0, 0, 0, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="start must be in 0..9223372036854775808"):
        generator.integers(2, 0, 0, 2**63 + 1, 0)
    with pytest.raises(ValueError, match="n must be in 0..2147483647, got -1"):
        generator.permutation(-1, 0, 0)

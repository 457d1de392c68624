"""exp and log: correct rounding on a stratified sample, NumPy equal to C on a million inputs."""

import ctypes
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gmpy2  # type: ignore[import-untyped]
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinycl.num import explog

C_REF = Path(__file__).resolve().parents[2] / "c_ref"
PRECISE = gmpy2.context(precision=300)
FUNCTIONS: dict[str, Callable[[Any], Any]] = {"exp": explog.exp, "log": explog.log}
NAN, INFINITY, ONE = 0x7FC00000, 0x7F800000, 0x3F800000
NEGATIVE = 1 << 31

# Where a function changes its behaviour: the sample holds these and their neighbours.
THRESHOLDS = [
    0x42B17217,  # largest x with a finite exp
    0xC2AEAC50,  # smallest x with a normal exp
    0xC2CE8ED0,  # exp is 2^-149 to a few places
    0xC2CFF1B4,  # exp is 2^-150: from here on it rounds to 0
    0x33000000,  # 2^-25 and 2^-24 of both signs: exp leaves 1
    0xB3000000,
    0x33800000,
    0xB3800000,
    0x42FFFFFF,  # 2^7 of both signs: no fixed point any more
    0xC2FFFFFF,
    0x00000003,  # subnormals, normals, sqrt(1/2), 1, sqrt(2), Inf and the NaNs around it
    0x00800000,
    0x3F3504F3,
    ONE,
    0x3FB504F3,
    INFINITY,
    INFINITY | NEGATIVE,
    0x80000003,
    NAN,
]

# Results nearest to the middle of two floats, out of all 2^32 inputs.
HARDEST = {
    "exp": [
        0xC16912CD,
        0xBBF0EDF1,
        0xBAE0E25C,
        0xB3000000,
        0x377EFF81,
        0x40315B33,
        0x4001B249,
        0x39C6BE5B,
    ],
    "log": [
        0x65D890D3,
        0x4C5D65A5,
        0x4D604EBE,
        0x66A8C860,
        0x1F116AB8,
        0x41178FEB,
        0x3C413D3A,
        0x6F31A8EC,
    ],
}


def stratified(seed: int) -> np.ndarray:
    """Return bit patterns: every exponent and sign, thresholds, and what exp does not saturate."""
    rng = np.random.default_rng(seed)
    top = np.arange(512, dtype=np.uint32)[:, None] << np.uint32(23)  # sign and exponent
    edges = np.array([0, 1, 0x400000, 0x7FFFFE, 0x7FFFFF], np.uint32)
    drawn = rng.integers(0, 1 << 23, (512, 4), dtype=np.uint32)
    near = np.add.outer(np.array(THRESHOLDS, np.int64), np.arange(-3, 4)).astype(np.uint32)
    magnitude = rng.integers(0x32800000, 0x43000000, 2000, dtype=np.uint32)
    sign = rng.integers(0, 2, 2000, dtype=np.uint32) << np.uint32(31)
    parts = [top | edges, top | drawn, near, magnitude | sign]
    return np.concatenate([part.reshape(-1) for part in parts])


def nearest_even(significand: int, exponent: int) -> int:
    """Return the float32 bits of significand * 2^exponent, by rounding unbounded integers."""
    place = max(significand.bit_length() + exponent - 24, -149)  # of the last bit of the result
    drop = place - exponent
    if drop <= 0:
        units = significand << -drop
    else:
        units, rest = significand >> drop, significand & ((1 << drop) - 1)
        half = 1 << (drop - 1)
        units += rest > half or (rest == half and units & 1 == 1)
    return min(((place + 149) << 23) + units, INFINITY)


def correctly_rounded(function: str, bits: int) -> int:
    """Return the bits of exp or log of a float32, from 300-bit arithmetic."""
    magnitude = bits & 0x7FFFFFFF
    if magnitude > INFINITY or (function == "log" and magnitude != bits and magnitude != 0):
        return NAN
    if function == "log" and magnitude in (0, INFINITY):
        return INFINITY | (NEGATIVE if magnitude == 0 else 0)
    if function == "exp" and magnitude >= 0x44000000:  # |x| >= 512
        return INFINITY if bits == magnitude else 0
    x = gmpy2.mpfr(np.uint32(bits).view(np.float32).item())
    exact = PRECISE.exp(x) if function == "exp" else PRECISE.log(x)
    if exact == 0:
        return 0
    signed, exponent = (int(part) for part in exact.as_mantissa_exp())
    return nearest_even(abs(signed), exponent) | (NEGATIVE if signed < 0 else 0)


@pytest.fixture(scope="module")
def c_library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Return exp and log of c_ref as loops over arrays, and their rounding, for this machine."""
    folder = tmp_path_factory.mktemp("c")
    flags = ["-std=c11", "-O2", "-ffp-contract=off", "-shared", "-fPIC"]
    flags += ["-Wall", "-Wextra", "-Wconversion", "-Werror"]
    flags += [f"-I{C_REF / 'include'}", f"-I{C_REF / 'src'}"]
    loop = folder / "loop.c"
    loop.write_text(
        '#include "tinycl_num.h"\n#include "fixed.h"\n'
        "void exp_all(float *v, uint32_t n) { while (n--) v[n] = tinycl_exp(v[n]); }\n"
        "void log_all(float *v, uint32_t n) { while (n--) v[n] = tinycl_log(v[n]); }\n"
        "uint32_t rounded(uint64_t s, int e) { return round_to_float32(s, e); }\n"
    )
    sources = [str(C_REF / "src" / "exp.c"), str(C_REF / "src" / "log.c"), str(loop)]
    output = str(folder / "explog.so")
    subprocess.run([os.environ.get("CC", "cc"), *flags, *sources, "-o", output], check=True)
    library = ctypes.CDLL(output)
    library.rounded.restype = ctypes.c_uint32
    return library


def apply_c(library: ctypes.CDLL, function: str, bits: np.ndarray) -> np.ndarray:
    """Return the bits of the C function."""
    values = bits.copy()
    pointer = values.ctypes.data_as(ctypes.c_void_p)
    getattr(library, f"{function}_all")(pointer, ctypes.c_uint32(values.size))
    return values


def apply_numpy(function: str, bits: np.ndarray) -> np.ndarray:
    """Return the bits of the NumPy function."""
    result: np.ndarray = FUNCTIONS[function](bits.view(np.float32)).view(np.uint32)
    return result


def check(function: str, bits: np.ndarray, got: np.ndarray) -> None:
    """Compare results with 300-bit arithmetic, and name the inputs that are wrong."""
    expected = [correctly_rounded(function, pattern) for pattern in bits.tolist()]
    wrong = np.flatnonzero(got != np.array(expected, np.uint32))
    report = [f"{bits[i]:08x}: {got[i]:08x}, right is {expected[i]:08x}" for i in wrong[:5]]
    assert wrong.size == 0, f"{wrong.size} wrong: {report}"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_correct_rounding(function: str, c_library: ctypes.CDLL) -> None:
    """NumPy and C are right on the stratified sample and on the hardest inputs."""
    bits = np.concatenate([stratified(1), np.array(HARDEST[function], np.uint32)])
    check(function, bits, apply_numpy(function, bits))
    check(function, bits, apply_c(c_library, function, bits))


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8))
def test_correct_rounding_anywhere(patterns: list[int]) -> None:
    """Any bit pattern is right."""
    bits = np.array(patterns, np.uint32)
    for function in FUNCTIONS:
        check(function, bits, apply_numpy(function, bits))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_numpy_equals_c(function: str, c_library: ctypes.CDLL) -> None:
    """NumPy and C agree on a million inputs, half of them where exp does not saturate."""
    rng = np.random.default_rng(2)
    anywhere = rng.integers(0, 2**32, 1 << 19, dtype=np.uint32)
    middle = rng.integers(0x32800000, 0x43000000, 1 << 19, dtype=np.uint32)
    middle |= anywhere & np.uint32(NEGATIVE)
    for bits in (anywhere, middle):
        differing = np.flatnonzero(
            apply_numpy(function, bits) != apply_c(c_library, function, bits)
        )
        assert differing.size == 0, f"{differing.size} differ, first {bits[differing[0]]:08x}"


@settings(max_examples=200)
@given(st.integers(2**63, 2**64 - 1), st.integers(-200, 200), st.integers(0, 24))
def test_rounding(c_library: ctypes.CDLL, significand: int, exponent: int, lost: int) -> None:
    """The last step rounds any fixed-point value, subnormals, ties and next to ties included."""
    check_rounding(c_library, significand, exponent)
    tie = 1 << (39 + lost)  # half of the last place, for a result that lost so many bits
    significand = significand & -2 * tie & 2**64 - 1 | tie | 1 << 63
    for near in (significand - (lost < 24), significand, significand + 1):
        check_rounding(c_library, near, -126 - lost)


def check_rounding(c_library: ctypes.CDLL, significand: int, exponent: int) -> None:
    """Compare both languages with integer rounding."""
    expected = nearest_even(significand, exponent - 63)
    array = np.array([significand], np.uint64), np.array([exponent], np.int64)
    assert explog._round_to_float32(*array).tolist() == [expected]
    assert c_library.rounded(ctypes.c_uint64(significand), exponent) == expected


def test_special_values() -> None:
    """Infinities, zeros, NaNs, one and the tie that is exact."""
    f = np.float32
    x = np.array([-np.inf, np.inf, 0, -0.0, -np.nan, np.nan, -1e-45, -1, 1], f)
    exp, log = explog.exp(x).view(np.uint32).tolist(), explog.log(x).view(np.uint32).tolist()
    assert exp == [0, INFINITY, ONE, ONE, NAN, NAN, ONE, 0x3EBC5AB2, 0x402DF854]
    zero = INFINITY | NEGATIVE
    assert log == [NAN, INFINITY, zero, zero, NAN, NAN, NAN, NAN, 0]
    signalling = np.array([0x7F800001, 0xFFFFFFFF], np.uint32)
    for function in FUNCTIONS:
        assert apply_numpy(function, signalling).tolist() == [NAN, NAN]


def test_shapes() -> None:
    """Any shape, layout and size keeps its shape; the input is not written to."""
    base = np.linspace(0.5, 2, 12, dtype=np.float32)
    for function in FUNCTIONS.values():
        flat = function(base)
        for array in (base.reshape(3, 4), base.reshape(3, 4).T, base[::2], base[:0], base[3]):
            result = function(array)
            assert result.dtype == np.float32
            assert result.shape == array.shape
        assert np.array_equal(function(base.reshape(3, 4).T), flat.reshape(3, 4).T)
        assert function(np.float32(0.5)) == flat[0]
        with pytest.raises(TypeError, match="take float32, got float64"):
            function(np.ones(2))
    assert np.array_equal(base, np.linspace(0.5, 2, 12, dtype=np.float32))


def test_constants() -> None:
    """The constants follow from 300-bit arithmetic, and C has the same ones."""
    floor, ln2, two = PRECISE.floor, PRECISE.log(gmpy2.mpfr(2)), gmpy2.mpfr(2)
    assert int(floor(PRECISE.mul(ln2, two**96))) == explog.LN2 << 32 | explog.LN2_LOW
    assert int(floor(PRECISE.div(two**30, ln2))) == explog.INVERSE_LN2
    assert int(floor(PRECISE.mul(PRECISE.sqrt(two), two**23))) == explog.SQRT2
    exp_terms = [int(floor(PRECISE.div(two**64, PRECISE.factorial(k)))) for k in range(2, 19)]
    log_terms = [int(floor(PRECISE.div(two**64, 2 * k + 1))) for k in range(1, 13)]
    assert list(explog.EXP_TERMS) == exp_terms
    assert list(explog.LOG_TERMS) == log_terms

    text = {name: (C_REF / "src" / name).read_text() for name in ("exp.c", "log.c", "fixed.h")}
    for name, terms in (("exp.c", exp_terms), ("log.c", log_terms)):
        table = re.search(r"_terms\[\w+\] = \{(.*?)\};", text[name], re.DOTALL)
        assert table is not None
        found = re.findall(r"UINT64_C\((0x\w+)\)", table[1])
        assert [int(term, 16) for term in found] == terms
    defined = dict(re.findall(r"#define (\w+) U?INT\d\d_C\((0x\w+)\)", "".join(text.values())))
    for constant in ("LN2", "LN2_LOW", "INVERSE_LN2", "SQRT2", "EXP_TINY", "EXP_HUGE"):
        assert int(defined[constant], 16) == getattr(explog, constant)

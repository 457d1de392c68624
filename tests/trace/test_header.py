"""tinycl_trace.h in C and in C++, hosted and bare, and the example that trains with it."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from tests.export.goldens import values
from tinycl.bits import crc32, words
from tinycl.export import export
from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.trace import compare, expected, lines_in

C_REF = Path(__file__).parents[2] / "c_ref"
CASE = "training/linear_sgd_plain"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", f"-I{C_REF / 'trace'}"]
NEEDS = ("linear_forward", "linear_weight_grad", "linear_bias_grad", "sgd", "exp", "log")
NEEDS += ("softmax_cross_entropy_forward", "softmax_cross_entropy_input_grad")
LANGUAGES = {
    "gcc": ["-xc", "-std=c11"],
    "clang": ["-xc", "-std=c11"],
    "g++": ["-xc++", "-std=c++17"],
    "clang++": ["-xc++", "-std=c++11"],
}
STANDARDS = [("gcc", "c99"), ("gcc", "c11"), ("clang", "c99"), ("clang", "c11")]
STANDARDS += [("g++", "c++11"), ("g++", "c++20"), ("clang++", "c++17"), ("clang++", "c++20")]
HERE = [name for name in LANGUAGES if shutil.which(name)]
pytestmark = pytest.mark.skipif("gcc" not in HERE, reason="no gcc")

TWO_FILES = """
#define TINYCL_TRACE_CORE core
extern int core;
#include "tinycl_trace.h"
void other(const float *x);
#ifdef SECOND
void other(const float *x) { TINYCL_TRACE(2u, "relu", "y", x, 2); }
#else
int core;
int main(void)
{
    static const float x[2] = {1.0f, -0.0f};
    const int32_t whole[2] = {-1, 7};
    const uint32_t bits[2] = {0xffffffffu, 7u};
    const void *raw = bits;
    uint8_t packed[3] = {255, 0, 9};
    const int8_t small[3] = {-1, 0, 9};
    TINYCL_TRACE(0, "relu", "x", x, 2);
    TINYCL_TRACE(1, "top_k", "index", whole, 2);
    TINYCL_TRACE(1, "top_k", "odd name: 3", &whole[0], 2);
    core = 3;
    TINYCL_TRACE(1, "relu", "bits", bits, 2);
    TINYCL_TRACE(1, "relu", "raw", raw, sizeof bits / 4);
    core = 0;
    TINYCL_TRACE(1, "put_bytes", "x", packed, 3);
    TINYCL_TRACE(1, "put_bytes", "signed", small, sizeof small);
    other(x);
    return 0;
}
#endif
"""
BARE = """
#include <stdint.h>
void put(const char *text);
#define TINYCL_TRACE_PUT(text) put(text)
#include "tinycl_trace.h"
void firmware(const float *x);
void firmware(const float *x) { TINYCL_TRACE(0, "relu_forward", "y", x, 3); }
"""


def run(command: list[str]) -> bytes:
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("compiler", HERE)
@pytest.mark.parametrize("option", ["-O2", "-DTINYCL_TRACE_BITWISE", "-DTINYCL_TRACE_LINE=7"])
def test_what_it_prints(tmp_path: Path, compiler: str, option: str) -> None:
    source = tmp_path / "a.c"
    source.write_text(TWO_FILES)
    build = [compiler, *LANGUAGES[compiler], *STRICT, option, str(source)]
    run([*build, "-c", "-o", str(tmp_path / "a.o")])
    run([*build, "-DSECOND", "-c", "-o", str(tmp_path / "b.o")])
    run([compiler, *(str(tmp_path / f) for f in ("a.o", "b.o")), "-o", str(tmp_path / "a")])
    log = run([str(tmp_path / "a")])
    whole, floats = np.array([-1, 7], np.int32), np.array([1.0, -0.0], np.float32)
    nan, packed = whole.view(np.float32), np.array([255, 0, 9], np.uint8)
    told = [
        (0, 0, 0, "relu", "x", 2, crc32(floats)),
        (1, 0, 1, "top_k", "index", 2, crc32(whole)),
        (2, 0, 1, "top_k", "odd name: 3", 2, crc32(whole)),
        (0, 3, 1, "relu", "bits", 2, crc32(nan)),
        (1, 3, 1, "relu", "raw", 2, crc32(nan)),
        (3, 0, 1, "put_bytes", "x", 3, crc32(packed)),
        (4, 0, 1, "put_bytes", "signed", 3, crc32(packed.view(np.int8))),
        (5, 0, 2, "relu", "y", 2, crc32(floats)),
    ]
    assert crc32(nan) != crc32(whole)
    assert list(lines_in(log)) == told
    assert log.decode() == "".join(f"{line.text}\n" for line in lines_in(log))


@pytest.mark.parametrize(("compiler", "standard"), STANDARDS)
def test_every_standard(tmp_path: Path, compiler: str, standard: str) -> None:
    if compiler not in HERE:
        pytest.skip(f"no {compiler}")
    source = tmp_path / "a.c"
    source.write_text(TWO_FILES)
    language = LANGUAGES[compiler][0]
    for option in ("-DTINYCL_TRACE_ON", "-DTINYCL_TRACE_OFF"):
        build = [compiler, language, f"-std={standard}", *STRICT, option, "-c", str(source)]
        run([*build, "-o", str(tmp_path / "a.o")])


@given(value=values((50,), "f32"))
@settings(max_examples=8)
def test_every_pattern_has_the_hash_of_a_golden(value, hasher) -> None:
    raw = value.tobytes()
    done = subprocess.run([hasher], input=raw, capture_output=True, timeout=10, check=True)
    ints = np.frombuffer(raw, np.int32)
    assert done.stdout.decode().split() == [f"{crc32(value):08x}", f"{crc32(ints):08x}"]
    assert np.array_equal(words(ints), ints.view(np.uint32))


@pytest.fixture(scope="session")
def hasher(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("hasher")
    (folder / "a.c").write_text(
        '#include <stdio.h>\n#include "tinycl_trace.h"\n'
        "int main(void)\n{\n    char data[201] = {0};\n"
        "    if (fread(data + 1, 4, 50, stdin) != 50)\n        return 1;\n"  # at an odd address
        '    printf("%08x %08x\\n", tinycl_trace_crc32(data + 1, 50, 1),\n'
        "           tinycl_trace_crc32(data + 1, 50, 0));\n    return 0;\n}\n"
    )
    run(["gcc", "-std=c11", *STRICT, str(folder / "a.c"), "-o", str(folder / "a")])
    return str(folder / "a")


def test_off_says_nothing(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("#define TINYCL_TRACE_OFF\n" + TWO_FILES.replace("other(x);", ""))
    for compiler in HERE:
        build = [compiler, *LANGUAGES[compiler], *STRICT, str(source), "-o", str(tmp_path / "a")]
        run(build)
        assert run([str(tmp_path / "a")]) == b""


@pytest.mark.parametrize(
    "command",
    [
        ["riscv64-unknown-elf-gcc", "-march=rv32imafc", "-mabi=ilp32f", "-std=c11"],
        ["riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32", "-std=c99"],
        ["clang-19", "--target=riscv32-unknown-elf", "-march=rv32imc_zfinx", "-std=c11"],
    ],
    ids=["gcc", "gcc-c99", "clang"],
)
def test_bare_firmware_needs_nothing_else(tmp_path: Path, command: list[str]) -> None:
    if not shutil.which(command[0]):
        pytest.skip(f"no {command[0]}")
    source, made = tmp_path / "a.c", tmp_path / "a.o"
    source.write_text(BARE)
    run([*command, "-O2", "-ffreestanding", *STRICT, "-c", str(source), "-o", str(made)])
    data = made.read_bytes()
    assert b"put" in data
    for name in (b"memcpy", b"memset", b"printf", b"strlen", b"malloc"):
        assert name not in data


@pytest.mark.parametrize("compiler", [c for c in HERE if c in ("gcc", "clang")])
def test_the_example(tmp_path: Path, compiler: str) -> None:
    golden = make(catalogue()[CASE])
    export(golden, tmp_path / "golden.h", "c", tensors=["input/*"], prefix="golden")
    build = [compiler, "-std=c11", "-ffp-contract=off", "-fno-math-errno", *STRICT]
    build += [f"-I{tmp_path}", f"-I{C_REF / 'include'}", str(C_REF / "examples/trace_example.c")]
    build += [*(str(C_REF / "src" / f"{name}.c") for name in NEEDS), "-lm"]
    build += ["-o", str(tmp_path / "a")]
    run(build)
    hashes = expected(golden)
    found = compare(run([str(tmp_path / "a")]), hashes)
    assert found.mismatches == found.unknown == []
    assert [h.key for h in found.missing] == [hashes[-1].key]  # the evaluation
    run([*build, "-DBUG"])
    found = compare(run([str(tmp_path / "a")]), hashes)
    assert found.first.expected.key == "trace/1/train/04.linear_weight_grad/linear0.dweight"
    assert len(found.mismatches) == 2

"""A thread whose floating point was changed by a library is found out, in a process of its own."""

import platform
import shutil
import subprocess
import sys

import pytest

from tinycl.num.environment import check_environment

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
X86 = platform.machine().lower() in ("x86_64", "amd64")

# MXCSR: 0x8000 flush to zero, 0x0040 denormals are zero, 0x6000 the rounding mode.
SOURCE = r"""
#include <xmmintrin.h>
void set_bits(unsigned bits) { _mm_setcsr(_mm_getcsr() | bits); }
"""

PROGRAM = """
import ctypes, sys, threading
import numpy
from tinycl.errors import EnvironmentFault
from tinycl.num.environment import check_environment
check_environment()
library = ctypes.CDLL(sys.argv[1])
library.set_bits(int(sys.argv[2], 16))
told = []
def check():
    try:
        check_environment()
        told.append("nothing")
    except EnvironmentFault as fault:
        told.append(str(fault))
if sys.argv[3] == "later thread":
    thread = threading.Thread(target=check)
    thread.start()
    thread.join()
else:
    check()
library.set_bits(0)
print(told[0])
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A shared library with one function, which sets bits of MXCSR."""
    if not X86:
        pytest.skip(f"MXCSR is a register of x86; this machine is {platform.machine()}")
    if COMPILER is None:
        pytest.skip("needs a C compiler (cc, gcc or clang)")
    folder = tmp_path_factory.mktemp("library")
    source, made = folder / "set_bits.c", folder / "set_bits.so"
    source.write_text(SOURCE)
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", made, source], check=True)
    return made


def test_this_thread_is_as_it_should_be():
    check_environment()


@pytest.mark.parametrize("thread", ["this thread", "later thread"])
@pytest.mark.parametrize(
    ("bits", "told"),
    [
        ("0000", "nothing"),
        ("8040", "subnormal"),
        ("8000", "subnormal"),
        ("0040", "subnormal"),
        ("2000", "rounding mode"),  # down
        ("4000", "rounding mode"),  # up
        ("6000", "rounding mode"),  # toward zero
    ],
)
def test_a_library_that_changes_it(library, bits, told, thread):
    """Linux hands the control register of the parent to a thread that starts later."""
    command = [sys.executable, "-c", PROGRAM, str(library), bits, thread]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert told in done.stdout
    if told != "nothing":
        assert "process of its own" in done.stdout  # what to do next


def test_a_library_built_with_fast_math(library, tmp_path):
    """GCC before 13 links a start-up routine into it that turns flush-to-zero on."""
    made = tmp_path / "fast.so"
    source = library.with_name("set_bits.c")
    flags = ["-shared", "-fPIC", "-Ofast", "-ffast-math"]
    subprocess.run([COMPILER, *flags, "-o", made, source], check=True)
    command = [sys.executable, "-c", PROGRAM, str(made), "0000", "this thread"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    if done.stdout.strip() == "nothing":
        pytest.skip("this compiler's -ffast-math does not touch the flags of a shared library")
    assert "-ffast-math" in done.stdout

"""The example of a trace on RV32 under QEMU, where four harts print."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trace.test_header import C_REF, CASE, NEEDS
from tinycl.export import export
from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.trace import compare, expected

QEMU = "qemu-system-riscv32"
OPTIONS = "-M virt -smp 8 -m 512M -bios none -display none -serial none -monitor none -nodefaults"
FIRMWARE = """
#include <string.h>
#include "platform.h"
#include "runner.h"
static uint32_t hart(void)
{
    uint32_t id;
    __asm__ volatile("csrr %0, mhartid" : "=r"(id));
    return id;
}
#define TINYCL_TRACE_CORE hart()
#define TINYCL_TRACE_PUT(text) platform_write(text, strlen(text))
#define main example
#include "examples/trace_example.c"
#undef main
static void tell(void *arg, int core, int cores)
{
    (void)arg;
    for (int turn = 0; turn < cores; turn++) {
        if (turn == core)
            TINYCL_TRACE(1, "sgd", "linear0.weight", weight, CLASSES * FEATURES);
        platform_barrier(core, cores);
    }
}
int runner_serve(void)
{
    example();
    platform_fork(tell, NULL, 4);
    return 0;
}
"""


@pytest.mark.skipif(
    not (shutil.which(QEMU) and shutil.which("riscv64-unknown-elf-gcc") and shutil.which("make")),
    reason="needs QEMU, GCC for RISC-V and make",
)
def test_four_harts(tmp_path: Path) -> None:
    golden = make(catalogue()[CASE])
    export(golden, tmp_path / "golden.h", "c", tensors=["input/*"], prefix="golden")
    firmware = tmp_path / "firmware.c"
    firmware.write_text(FIRMWARE)
    sources = " ".join([str(firmware), *(f"src/{name}.c" for name in NEEDS)])
    build = ["make", "-s", "qemu", f"BUILD={tmp_path / 'build'}", f"PYTHON={sys.executable}"]
    build += [f"SOURCES={sources}", f"FLAGS=-I{tmp_path} -I. -Itrace"]
    done = subprocess.run(
        build, cwd=C_REF, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    command = [QEMU, *OPTIONS.split(), "-semihosting-config", "enable=on,target=native"]
    command += ["-kernel", str(tmp_path / "build" / "tinycl-qemu.elf")]
    ran = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found = compare(ran.stdout, expected(golden))
    assert found.mismatches == found.unknown == []
    assert (found.read, found.matched, found.damaged, found.lost) == (26, 26, 0, 0)
    assert found.cores == (0, 1, 2, 3)

"""Compilers for c_ref: which ones do, where they are, and the options that differ among them."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tinycl.errors import TargetMissing

COMPILERS = {
    "host": ("cc", "gcc", "clang"),
    "qemu": ("riscv64-unknown-elf-gcc", "riscv32-unknown-elf-gcc"),
    "pulp": ("clang-19", "clang-20", "clang-21", "clang-18", "clang-17", "clang"),
}
VARIABLES = {"host": "CC", "qemu": "RISCV_CC", "pulp": "PULP_CC"}
INSTALL = {
    "host": "a C compiler and make (Debian: apt install gcc make)",
    "qemu": "gcc for RISC-V and make (Debian: apt install gcc-riscv64-unknown-elf make)",
    "pulp": (
        "clang 17 or later with lld, gcc for RISC-V and make "
        "(Debian: apt install clang-19 lld-19 gcc-riscv64-unknown-elf make)"
    ),
}
ZFINX = ("--target=riscv32-unknown-elf", "-march=rv32imc_zicsr_zfinx", "-mabi=ilp32")
INTEGER = ("-march=rv32im", "-mabi=ilp32")


@dataclass(frozen=True)
class Recipe:
    """What to build, and how.

    Attributes
    ----------
    platform : {"host", "qemu", "pulp"}
    compiler : str, optional
        Default: the environment variable CC (host), RISCV_CC (qemu) or PULP_CC (pulp), else the
        first one found.
    optimise : str
    native : bool
        Use the whole instruction set of this machine, its FMA above all; host only.
    flags : tuple of str
        More options, for compiler and linker.
    sources : tuple of str
        Files to link with the platform in place of the runner; empty for the runner.
    kernels : tuple of str
        C files with kernels to link in place of the reference's of the same names.
    """

    platform: str
    compiler: str | None = None
    optimise: str = "-O2"
    native: bool = True
    flags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kernels: tuple[str, ...] = ()


def ask(*command: str) -> str | None:
    """Return what a program prints, or None if it fails."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else None


def find_compiler(recipe: Recipe) -> str:
    """Return the path of the compiler, or raise TargetMissing."""
    return _find(recipe.platform, recipe.compiler)


def _find(platform: str, compiler: str | None = None) -> str:
    named = compiler or os.environ.get(VARIABLES[platform])
    refused = ""
    for name in [named] if named else COMPILERS[platform]:
        found = shutil.which(name)
        if found and (platform != "pulp" or _builds_for_pulp(found)):
            return found
        if found:
            refused = f"{found} has no Zfinx for RISC-V or no lld beside it; "
    wanted = f"{named} is not there; " if named and not refused else refused
    raise TargetMissing(f"{wanted}install {INSTALL[platform]}")


@functools.cache
def _builds_for_pulp(compiler: str) -> bool:
    """Tell whether it is a clang that takes Zfinx and finds its linker.

    GCC 12 takes the option too, and silently emits calls of a soft-float library.
    """
    if ask(compiler, *ZFINX, "-fsyntax-only", "-x", "c", os.devnull) is None:
        return False
    linker = (ask(compiler, "-print-prog-name=ld.lld") or "").strip()
    return shutil.which(linker) is not None


def arguments(recipe: Recipe) -> list[str]:
    """Return the variables that make is called with.

    Raises
    ------
    TargetMissing
        No compiler.
    """
    compiler = find_compiler(recipe)
    native = _native(compiler) if recipe.native and recipe.platform == "host" else ""
    variables = [
        f"{VARIABLES[recipe.platform]}={compiler}",
        f"OPT={recipe.optimise}",
        f"NATIVE={native}",
        f"FLAGS={' '.join(recipe.flags)}",
    ]
    if recipe.platform == "pulp":
        variables.append(f"PULP_LIBGCC={find_libgcc()}")
    return variables + ([f"SOURCES={' '.join(recipe.sources)}"] if recipe.sources else [])


def find_libgcc() -> str:
    """Return GCC's library for integer RV32 code, which divides 64-bit numbers."""
    library = _libgcc(_find("qemu"))
    if not Path(library).is_file():
        raise TargetMissing(f"no libgcc.a for rv32im; install {INSTALL['pulp']}")
    return library


@functools.cache
def _libgcc(compiler: str) -> str:
    return (ask(compiler, *INTEGER, "-print-libgcc-file-name") or "").strip()


@functools.cache
def _native(compiler: str) -> str:
    """Return the option for this machine's whole instruction set; compilers differ."""
    for option in ("-march=native", "-mcpu=native"):
        if ask(compiler, option, "-E", "-x", "c", os.devnull) is not None:
            return option
    return ""

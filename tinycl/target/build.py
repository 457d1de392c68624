"""Builds c_ref: finds the sources, compiles them once, keeps the program in a cache.

The cache is ``$TINYCL_CACHE``, ``$XDG_CACHE_HOME/tinycl`` or ``~/.cache/tinycl``. A program's name
there is a hash of every source, the table of operations, the compiler and its options, so nothing
in it is ever stale. Several processes may build at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tinycl.errors import TargetError, TargetMissing
from tinycl.target.table import operations_inc
from tinycl.target.toolchain import INSTALL, Recipe, arguments, ask, find_compiler

__all__ = ["Recipe", "build", "cache_folder", "find_compiler", "missing", "source_folder"]
PARTS = ("include", "src", "tile", "runner", "platform")
PROGRAMS = {"host": "tinycl-host", "qemu": "tinycl-qemu.elf", "pulp": "tinycl-pulp.elf"}
MOST_LINES = 12


def source_folder() -> Path:
    """Return the folder c_ref: ``$TINYCL_C_REF``, beside the package, or as installed."""
    named = os.environ.get("TINYCL_C_REF")
    beside = Path(__file__).resolve().parents[2] / "c_ref"
    installed = Path(sys.prefix) / "share" / "tinycl" / "c_ref"
    for folder in [Path(named)] if named else [beside, installed]:
        if (folder / "Makefile").is_file():
            return folder.resolve()
    told = f"TINYCL_C_REF is {named}" if named else f"looked in {beside} and {installed}"
    raise TargetMissing(f"no C sources: {told}; set TINYCL_C_REF to the folder c_ref")


def cache_folder() -> Path:
    """Return the folder in which built programs are kept."""
    named, shared = os.environ.get("TINYCL_CACHE"), os.environ.get("XDG_CACHE_HOME")
    if named:
        return Path(named)
    return (Path(shared) if shared else Path.home() / ".cache") / "tinycl"


def missing(recipe: Recipe) -> str | None:
    """Return None if this machine can build it, else what to install."""
    try:
        source_folder()
        arguments(recipe)
    except TargetMissing as error:
        return str(error)
    return None if shutil.which("make") else INSTALL[recipe.platform]


def build(recipe: Recipe) -> Path:
    """Return the program, compiled now or earlier.

    Raises
    ------
    TargetMissing
        No compiler, no make, or no sources.
    TargetError
        The compiler refused; the message begins with its first lines.
    """
    reason = missing(recipe)
    if reason is not None:
        raise TargetMissing(f"{recipe.platform}: {reason}")
    folder, variables = source_folder(), arguments(recipe)
    cache = cache_folder()
    program = cache / f"{_key(recipe, folder, variables)}-{PROGRAMS[recipe.platform]}"
    if not program.exists():
        try:
            cache.mkdir(parents=True, exist_ok=True)
            with _locked(program.with_suffix(".lock")):
                if not program.exists():
                    _compile(recipe, folder, variables, program)
        except OSError as error:
            raise TargetError(
                f"{recipe.platform}: cannot write to the cache ({error}); "
                "set TINYCL_CACHE to a folder that can be written"
            ) from error
    return program


def _key(recipe: Recipe, folder: Path, variables: list[str]) -> str:
    """Hash all that the program depends on; predefined macros tell what "native" means here."""
    compiler = find_compiler(recipe)
    native = [v.removeprefix("NATIVE=") for v in variables if v.startswith("NATIVE=-")]
    told = [
        operations_inc(),
        *variables,
        ask(compiler, "--version") or "",
        ask(compiler, *native, "-dM", "-E", "-x", "c", os.devnull) or "",
    ]
    digest = hashlib.sha256("\0".join(told).encode())
    found = [p for part in PARTS for p in (folder / part).rglob("*")]
    files = [p for p in found if p.is_file() and p.suffix != ".pyc"]
    for path in sorted([*files, folder / "Makefile", *map(Path, recipe.sources)]):
        name = str(path.relative_to(folder) if path.is_relative_to(folder) else path)
        content = path.read_bytes()
        digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:32]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _compile(recipe: Recipe, folder: Path, variables: list[str], program: Path) -> None:
    """Run make in a scratch folder; the program appears in the cache whole or not at all."""
    with tempfile.TemporaryDirectory(prefix="tinycl-") as scratch:
        (Path(scratch) / "operations.inc").write_text(operations_inc())
        jobs = f"-j{os.cpu_count() or 1}"
        command = ["make", "-s", jobs, "-C", str(folder), recipe.platform, f"BUILD={scratch}"]
        done = subprocess.run(
            [*command, *variables, f"PYTHON={sys.executable}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            lines = (done.stderr + done.stdout).splitlines()[:MOST_LINES]
            raise TargetError(
                f"{recipe.platform}: {find_compiler(recipe)} cannot build {folder}:\n"
                + "\n".join(lines)
            )
        new = program.with_suffix(f".{os.getpid()}")
        shutil.copy2(Path(scratch) / PROGRAMS[recipe.platform], new)
        new.replace(program)

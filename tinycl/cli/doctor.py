"""`tinycl doctor`: which targets work here, and what to install for the others."""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from tinycl import __version__
from tinycl.cli.output import add_json, show, show_json
from tinycl.errors import ExitCode, TinyclError

if TYPE_CHECKING:
    from rich.console import RenderableType

PACKAGES = ("numpy", "numba", "h5py", "rich", "scikit-learn")
PROGRAMS = (
    *("cc", "gcc", "clang", "clang-19", "make"),
    *("riscv64-unknown-elf-gcc", "qemu-system-riscv32"),
)
OPTIONAL = ("gvsoc",)  # targets that nobody needs to have
FLAGS = ("fma", "fma4", "avx2", "avx512f", "asimd")


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Look around and print; fail only if floating point here is not what NumPy needs."""
    found = examine()
    if options.json:
        show_json(found)
    else:
        show(_render(found))
    return ExitCode.EQUAL if found["floating_point"] == "ok" else ExitCode.USAGE


def examine() -> dict[str, Any]:
    """Return versions, the processor, programs, targets and the floating-point environment."""
    return {
        "tinycl": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: _package(name) for name in PACKAGES},
        "hdf5": _hdf5(),
        "processor": processor(),
        "programs": {name: _program(name) for name in PROGRAMS},
        "targets": targets(),
        "floating_point": floating_point(),
    }


def processor() -> dict[str, Any]:
    """Model, number of processors, and the vector extensions that matter here."""
    import os

    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    told = dict(line.replace("\t", "").split(":", 1) for line in reversed(lines) if ":" in line)
    flags = told.get("flags", told.get("Features", "")).split()
    return {
        "model": told.get("model name", "").strip() or platform.processor() or platform.machine(),
        "count": os.cpu_count(),
        "flags": [flag for flag in FLAGS if flag in flags],
    }


def targets() -> dict[str, str]:
    """``ok`` or what to install, for each target; more about a simulator after ``ok``."""
    from tinycl.target.registry import TARGETS, get

    found = {}
    for name in TARGETS:
        try:
            target = get(name)
            found[name] = target.available() or "ok"
            if found[name] == "ok" and isinstance(target, Simulated):
                facts = target.simulator()
                found[name] = f"ok, mac={facts['mac']}, revision {facts['revision']}"
        except TinyclError as error:
            found[name] = str(error)
        if name in OPTIONAL and not found[name].startswith("ok"):
            found[name] = f"optional: {found[name]}"
    return found


@runtime_checkable
class Simulated(Protocol):
    """A target whose simulator has properties of its own."""

    def simulator(self) -> dict[str, str]:
        """Return path, revision and kind of FMA."""


def floating_point() -> str:
    """``ok``, or what is wrong with this thread."""
    from tinycl.num.environment import check_environment

    try:
        check_environment()
    except TinyclError as error:
        return str(error)
    return "ok"


def _package(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _hdf5() -> str:
    try:
        import h5py
    except ImportError as error:
        return f"h5py cannot be imported: {error}"
    return str(h5py.version.hdf5_version)


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        return "not found"
    try:
        told = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{path}: does not start: {error}"
    return f"{path}: {(told.stdout or told.stderr).strip().partition(chr(10))[0]}"


def _render(found: dict[str, Any]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    cpu = found["processor"]
    rows: dict[str, str] = {
        "tinycl": found["tinycl"],
        "python": f"{found['python']} on {found['system']}",
        **found["packages"],
        "HDF5": found["hdf5"],
        "processor": f"{cpu['model']}, {cpu['count']} processors, {' '.join(cpu['flags'])}",
        **found["programs"],
        **{f"target {name}": told for name, told in found["targets"].items()},
        "floating point": found["floating_point"],
    }
    table = Table(show_header=False)
    for name, told in rows.items():
        judged = name.startswith("target") or name == "floating point"
        table.add_row(name, Text(told, _style(told) if judged else ""))
    return table


def _style(told: str) -> str:
    if told == "ok" or told.startswith("ok, "):
        return "green"
    return "yellow" if told.startswith("optional: ") else "red"

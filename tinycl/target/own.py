"""The caller's own kernels: what may be linked in place of the reference's, and what was."""

from __future__ import annotations

import difflib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tinycl.errors import TargetError, TargetMissing
from tinycl.target.kernels import PREFIX, kernel_names
from tinycl.target.make import MOST_LINES, make

QUOTED = '"\\\n'  # what a path in an #include cannot hold
NO_DEFINITION = "Uvw"


@dataclass(frozen=True)
class Own:
    """The caller's kernels, compiled.

    Attributes
    ----------
    kernels : mapping of str to str
        Those of the reference that they replace, and the file of each as the caller named it.
    warnings : tuple of str
        Lines of the compiler.
    objects : tuple of Path
        While their scratch folder lasts.
    variables : tuple of str
        What make needs to know.
    """

    kernels: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    objects: tuple[Path, ...] = ()
    variables: tuple[str, ...] = ()

    def key(self, reference: str) -> str:
        """Hash the objects and what the rest of the program depends on."""
        digest = hashlib.sha256(reference.encode())
        for path in self.objects:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:32]


def compile_own(
    names: Sequence[str],
    units: Sequence[Path],
    compiler: str,
    platform: str,
    folder: Path,
    variables: Sequence[str],
    scratch: str,
) -> Own:
    """Compile the caller's kernels and see what they define.

    Parameters
    ----------
    names, units : sequence
        The files as the caller named them, and what `write_units` returned for them.
    compiler, platform : str
    folder : Path
        c_ref.
    variables : sequence of str
        For make.
    scratch : str
        Folder for the objects.

    Raises
    ------
    TargetError
        They do not compile, or what they define is not fit to replace anything.
    """
    if not units:
        return Own()
    listed = f"KERNELS={' '.join(map(str, units))}"
    done = make(f"{platform}-kernels", folder, [*variables, listed], scratch)
    said = _lines(done.stderr + done.stdout, (scratch, str(units[0].parent)))
    if done.returncode != 0:
        raise TargetError(
            f"own kernels: {compiler} cannot compile {', '.join(names)}:\n"
            + "\n".join(said[:MOST_LINES])
        )
    made = Path(scratch) / platform / "own"
    for rules in made.rglob("*.d"):
        rules.unlink()  # what was compiled is what will be linked, whatever changes meanwhile
    objects = tuple(Path(f"{made}/{unit}.o") for unit in units)
    nm = find_nm(compiler)
    defines = {name: defined(nm, path) for name, path in zip(names, objects, strict=True)}
    return Own(replaced(defines, folder), tuple(said), objects, (listed,))


def check_files(files: Sequence[str]) -> list[Path]:
    """Return the absolute paths of C sources.

    Raises
    ------
    TargetError
        One is missing, no file, no C source, or given twice.
    """
    found: list[Path] = []
    for name in files:
        path = Path(name).absolute()
        if path.suffix != ".c":
            raise TargetError(
                f"own kernels: {name!r} is not a C source (.c); the names of cases go before "
                "--kernels, headers are found in the folder of the file that includes them"
            )
        if not path.exists():
            raise TargetError(f"own kernels: {name} does not exist")
        if not path.is_file():
            raise TargetError(f"own kernels: {name} is not a file")
        if any(mark in str(path) for mark in QUOTED):
            raise TargetError(f"own kernels: {str(path)!r} has a quote, backslash or newline")
        if not os.access(path, os.R_OK):
            raise TargetError(f"own kernels: {name} cannot be read")
        if path.resolve() in [p.resolve() for p in found]:
            raise TargetError(f"own kernels: {name} is given twice")
        found.append(path)
    return found


def write_units(files: Sequence[Path], folder: Path) -> list[Path]:
    """Return a unit for each file that includes it, so that make never sees the file's own name.

    A unit's name depends on its content alone: it is the same in each build, and so is the object.
    """
    units = []
    for path in files:
        text = f'#include "{path}"\n'
        unit = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.c"
        if not unit.exists():
            folder.mkdir(parents=True, exist_ok=True)
            new = unit.with_suffix(f".{os.getpid()}")
            new.write_text(text)
            new.replace(unit)
        units.append(unit)
    return units


def _lines(text: str, hidden: Sequence[str]) -> list[str]:
    """Return what a compiler said, without the lines about folders that the caller never named."""
    return [
        line
        for line in text.splitlines()
        if line.strip() and not any(folder in line for folder in hidden)
    ]


def find_nm(compiler: str) -> str:
    """Return the program that lists the symbols of a compiler's objects."""
    told = subprocess.run(
        [compiler, "-print-prog-name=nm"], capture_output=True, text=True, check=False
    )
    for name in (told.stdout.strip(), "nm", "llvm-nm"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise TargetMissing("own kernels: install nm (Debian: apt install binutils)")


def defined(nm: str, unit: Path) -> set[str]:
    """Return the global names that an object defines."""
    told = subprocess.run([nm, "-P", "-g", str(unit)], capture_output=True, text=True, check=False)
    if told.returncode != 0:
        raise TargetError(f"own kernels: {nm} cannot read an object: {told.stderr.strip()}")
    rows = [line.split() for line in told.stdout.splitlines()]
    names = {row[0] for row in rows if len(row) > 1 and row[1] not in NO_DEFINITION}
    return {name[1:] if name.startswith(f"_{PREFIX}") else name for name in names}


def replaced(defines: Mapping[str, Iterable[str]], folder: Path) -> dict[str, str]:
    """Return which kernels the caller's files replace, and by which file.

    Parameters
    ----------
    defines : mapping of str to iterable of str
        The global names that each file defines.
    folder : Path
        c_ref.

    Raises
    ------
    TargetError
        None is replaced, one is defined twice, or a name begins as a kernel's and is none.
    """
    kernels = kernel_names(folder)
    found: dict[str, str] = {}
    for file, names in defines.items():
        for name in sorted(names):
            if name not in kernels:
                if name.startswith(PREFIX):
                    raise TargetError(
                        f"own kernels: {file} defines {name}, which is no kernel of "
                        f"{folder / 'include'}{_meant([name], kernels)} A helper is static or has "
                        "another prefix."
                    )
                continue
            if name in found:
                raise TargetError(f"own kernels: {found[name]} and {file} both define {name}")
            found[name] = file
    if not found:
        files = ", ".join(defines)
        others = [name for names in defines.values() for name in sorted(names)]
        raise TargetError(
            f"own kernels: {files}: defines none of the kernels of {folder / 'include'}"
            f"{_meant(others, kernels)}"
        )
    return found


def _meant(names: Iterable[str], kernels: Sequence[str]) -> str:
    for name in names:
        full = name if name.startswith(PREFIX) else PREFIX + name
        close = difflib.get_close_matches(full, kernels, 1)
        if close:
            return f"; did you mean {close[0]}?"
    return "."

"""A shared library from C files: own kernels, wrappers for those of ``tinycl.h``, the rest.

What the files do not define themselves comes from the reference, such as `tinycl_exp`.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tinycl.errors import TargetError
from tinycl.target.build import Recipe, cache_folder, find_compiler, source_folder
from tinycl.target.make import MOST_LINES
from tinycl.target.own import check_files, defined, find_nm
from tinycl.target.toolchain import ask
from tinycl.validate.table import PREFIX
from tinycl.validate.wrap import wrapped, wrapper

EXACT = ("-std=gnu11", "-ffp-contract=off", "-fno-math-errno", "-fPIC")


def compile_kernels(
    files: Sequence[str], flags: Sequence[str] = (), compiler: str | None = None
) -> Path:
    """Return the library, compiled now or earlier.

    Parameters
    ----------
    files : sequence of str
        C sources with functions ``validate_X`` or ``tinycl_X``. The headers of ``c_ref/include``
        are forced upon each, so that a wrong signature is an error of the compiler.
    flags : sequence of str
        More options, after the reference's own, for the linker too.
    compiler : str, optional

    Raises
    ------
    TargetMissing
        No compiler.
    TargetError
        The compiler refuses, or nothing to validate is defined.
    """
    paths = check_files(files)
    folder, program = source_folder(), find_compiler(Recipe("host", compiler))
    include = [f"-I{folder / 'include'}", f"-I{folder / 'src'}"]
    options = ["-O2", *_native(program), *EXACT, "-Wall", *include, *flags]
    cache = cache_folder() / "validate"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        headers = sorted(path.name for path in (folder / "include").glob("*.h"))
        forced = [word for name in headers for word in ("-include", name)]
        units = [_object(program, path, [*options, *forced], cache) for path in paths]
        nm = find_nm(program)
        names = {name for unit in units for name in defined(nm, unit)}
        mine = wrapped(name for name in names if f"{PREFIX}{name[7:]}" not in names)
        if not mine and not any(name.startswith(PREFIX) for name in names):
            raise TargetError(
                f"validate: {', '.join(files)}: no function begins with {PREFIX} or is a kernel of "
                f"tinycl.h; defined are {', '.join(sorted(names)) or 'none'}"
            )
        exact = ["-O2", *_native(program), *EXACT, *include]
        units.append(_object(program, _text(cache, wrapper(mine)), exact, cache))
        return _link(program, flags, units, _reference(program, folder, exact, cache), cache)
    except OSError as error:
        raise TargetError(
            f"validate: cannot write to the cache ({error}); set TINYCL_CACHE to a folder that can"
        ) from error


def _native(program: str) -> list[str]:
    command = (program, "-march=native", "-E", "-x", "c", "/dev/null")
    return ["-march=native"] if ask(*command) is not None else []


def _reference(program: str, folder: Path, options: Sequence[str], cache: Path) -> Path:
    """Return an archive of all kernels of c_ref; the linker takes from it what is lacking."""
    sources = sorted((folder / "src").glob("*.c"))
    told = [program, *options]
    for path in sorted([*(folder / "src").iterdir(), *(folder / "include").iterdir()]):
        told += [path.name, path.read_text()]
    target = cache / f"{hashlib.sha256(chr(0).join(told).encode()).hexdigest()[:24]}.a"
    if not target.exists():
        units = [str(_object(program, path, options, cache)) for path in sources]
        with _new(target) as new:
            _run(["ar", "rcs", str(new), *units], target)
    return target


def _object(program: str, source: Path, options: Sequence[str], cache: Path) -> Path:
    """Compile one file; its name is a hash of what the preprocessor makes of it."""
    seen = _run([program, *options, "-E", str(source)], source)
    key = hashlib.sha256("\0".join([program, *options, seen.stdout]).encode()).hexdigest()[:24]
    target = cache / f"{key}.o"
    if not target.exists():
        with _new(target) as new:
            _run([program, *options, "-c", str(source), "-o", str(new)], source)
    return target


class _new:  # noqa: N801
    """A file that appears whole or not at all."""

    def __init__(self, target: Path) -> None:
        self._target = target
        digest = hashlib.sha256(str(id(self)).encode()).hexdigest()[:8]
        self._part = target.with_suffix(f".{digest}{target.suffix}")

    def __enter__(self) -> Path:
        return self._part

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._part.replace(self._target)
        else:
            self._part.unlink(missing_ok=True)


def _text(cache: Path, text: str) -> Path:
    path = cache / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.c"
    if not path.exists():
        with _new(path) as new:
            new.write_text(text)
    return path


def _link(
    program: str, flags: Sequence[str], units: list[Path], reference: Path, cache: Path
) -> Path:
    names = [program, *flags, *map(str, units), str(reference)]
    target = cache / f"{hashlib.sha256(chr(0).join(names).encode()).hexdigest()[:24]}.so"
    if not target.exists():
        with _new(target) as new:
            command = [*names, "-shared", "-o", str(new), "-lm", "-pthread"]
            _run(command, target)
    return target


def _run(command: list[str], what: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.splitlines()[:MOST_LINES]
        raise TargetError(f"validate: {command[0]} refuses {what}:\n" + "\n".join(lines))
    return done

"""`tinycl infer` of a library: the contract of each kernel."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tinycl.cli.output import progress
from tinycl.errors import TinyclError

if TYPE_CHECKING:
    from tinycl.infer import Inferred
    from tinycl.infer.calls import Group
    from tinycl.validate.client import Client

ELF = b"\x7fELF"


def add_library(parser: argparse.ArgumentParser) -> None:
    """Give the command the options of a library."""
    parser.add_argument(
        "--kernels", nargs="+", metavar="FILE.c", help="compiled here, in place of LIB.so"
    )
    parser.add_argument("--flags", default="", help="for the compiler, such as --flags=-O3")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="a kernel; may be repeated"
    )
    parser.add_argument("--seed", type=int, default=0, help="other cases (default: 0)")
    parser.add_argument(
        "--probe", action="store_true", help="read off the summation tree of each kernel"
    )
    parser.add_argument(
        "--terms", type=int, default=16, metavar="K", help="of a probed sum (default: 16)"
    )
    parser.add_argument(
        "--sizes", default="", metavar="A=N,...", help="of the probed case, such as m=8,k=33"
    )


def is_library(path: str) -> bool:
    """Tell whether a file is a shared library."""
    try:
        with Path(path).open("rb") as file:
            return file.read(4) == ELF
    except OSError:
        return path.endswith(".so")


def library_of(options: argparse.Namespace) -> Path:
    """Return the library that is named, or compiled from C files."""
    from tinycl.validate import compile_kernels

    if not options.kernels:
        return Path(options.got[0])
    if options.got:
        raise TinyclError("infer: give either LIB.so or --kernels FILE.c")
    return compile_kernels(options.kernels, options.flags.split())


def opened(library: Path) -> AbstractContextManager[Client]:
    """Return what calls a library; hypothesis, which draws cases, must be there."""
    try:
        import hypothesis  # noqa: F401
    except ImportError:
        raise TinyclError(
            "infer: hypothesis, which draws the cases, is missing: pip install hypothesis"
        ) from None
    from tinycl.validate.client import Client

    return Client(library)


def of_a_library(
    options: argparse.Namespace,
) -> tuple[dict[str, tuple[Group, Inferred]], list[str]]:
    """Call each kernel on cases of every class of values, and search its contract.

    Returns
    -------
    found : dict of str to (Group, Inferred)
    silent : list of str
        Kernels that did none of their cases.

    Raises
    ------
    TinyclError
        There is no other.
    """
    from tinycl.validate.library import exported
    from tinycl.validate.telling import contract_of_kernel

    library = library_of(options)
    found: dict[str, tuple[Group, Inferred]] = {}
    with opened(library) as client:
        kernels = exported(client, library, options.only)
        with progress(len(kernels), "infer", options.seconds) as advance:
            for name, about in kernels.items():
                advance(name)
                cores = 1 if about.has("one_core") else options.cores
                group, answer = contract_of_kernel(
                    client, name, about, cores, options.seed, options.seconds
                )
                if group.count:
                    found[name] = (group, _named(name, answer))
    silent = [name for name in kernels if name not in found]
    if not found:
        raise TinyclError(f"infer: {silence(silent)}")
    return found, silent


def silence(names: Sequence[str]) -> str:
    """Return what is said of kernels without an answer."""
    return (
        f"{', '.join(names)}: none of the cases was done; the kernel refused, crashed or hung, and "
        "`tinycl validate` says which"
    )


def _named(name: str, answer: Inferred) -> Inferred:
    """Return an answer with the kernel's own name and coordinates in it."""
    from tinycl.validate.table import KERNELS

    rest = answer.rest
    if rest is None or rest.difference is None:
        return answer
    axes = KERNELS[name].axes(rest.tensor) if name == "matmul" else rest.difference.axes
    difference = replace(rest.difference, axes=axes)
    return replace(answer, rest=replace(rest, kind=name, difference=difference))

"""`tinycl infer` of a library: the contract of each kernel, or the tree of one of its sums."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinycl.cli.output import progress, show, show_json
from tinycl.errors import ExitCode, TinyclError

if TYPE_CHECKING:
    from tinycl.infer import Inferred, Probed
    from tinycl.infer.calls import Group
    from tinycl.validate.about import About
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


def _opened(library: Path) -> AbstractContextManager[Client]:
    try:
        import hypothesis  # noqa: F401
    except ImportError:
        raise TinyclError(
            "infer: hypothesis, which draws the cases, is missing: pip install hypothesis"
        ) from None
    from tinycl.validate.client import Client

    return Client(library)


def of_a_library(options: argparse.Namespace) -> dict[str, tuple[Group, Inferred]]:
    """Call each kernel on cases of every class of values, and search its contract."""
    from tinycl.validate.library import exported
    from tinycl.validate.telling import contract_of_kernel

    library = library_of(options)
    found: dict[str, tuple[Group, Inferred]] = {}
    with _opened(library) as client:
        kernels = exported(client, library, options.only)
        with progress(len(kernels), "infer", options.seconds) as advance:
            for name, about in kernels.items():
                advance(name)
                cores = 1 if about.has("one_core") else options.cores
                group, answer = contract_of_kernel(
                    client, name, about, cores, options.seed, options.seconds
                )
                if not group.count:
                    raise TinyclError(
                        f"infer: {name} did none of its cases on {cores} cores: it refused, "
                        "crashed or hung; `tinycl validate` says which"
                    )
                found[name] = (group, _named(name, answer))
    return found


def _named(name: str, answer: Inferred) -> Inferred:
    """Return an answer with the kernel's own name and coordinates in it."""
    from tinycl.validate.table import KERNELS

    rest = answer.rest
    if rest is None or rest.difference is None:
        return answer
    axes = KERNELS[name].axes(rest.tensor) if name == "matmul" else rest.difference.axes
    difference = replace(rest.difference, axes=axes)
    return replace(answer, rest=replace(rest, kind=name, difference=difference))


def probe_library(options: argparse.Namespace) -> int:
    """Read off the tree of the first and the last output element of each kernel, and print."""
    from tinycl.validate.element import PROBED
    from tinycl.validate.library import exported

    own, library = sizes_of(options.sizes), library_of(options)
    told: dict[str, list[_Told]] = {}
    with _opened(library) as client:
        there = exported(client, library, options.only)
        kernels = {name: about for name, about in there.items() if name in PROBED}
        if not kernels:
            raise TinyclError(
                f"infer: --probe takes sums of products, such as {PROBED[0]} or matmul; "
                f"chosen are {', '.join(there)}"
            )
        with progress(len(kernels), "probe") as advance:
            for name, about in kernels.items():
                advance(name)
                told[name] = list(_probed(client, name, about, own, options))
    if options.json:
        show_json({name: [one.to_dict() for one in some] for name, some in told.items()})
    else:
        _print(told)
    good = all(one.is_default for some in told.values() for one in some)
    return ExitCode.EQUAL if good else ExitCode.DIFFERENT


@dataclass(frozen=True)
class _Told:
    """What the probe says of one element; or why it says nothing."""

    name: str
    order: str
    probed: Probed | None
    trouble: str = ""

    @property
    def is_default(self) -> bool:
        from tinycl.contract import DEFAULT

        answer = None if self.probed is None else self.probed.answer
        return answer is not None and answer.contract == DEFAULT

    def to_dict(self) -> dict[str, Any]:
        found = {} if self.probed is None else self.probed.to_dict()
        return {"element": self.name, "terms": self.order, "trouble": self.trouble, **found}


def _probed(
    client: Client, name: str, about: About, own: dict[str, int], options: argparse.Namespace
) -> Iterator[_Told]:
    from tinycl.infer import ProbeError
    from tinycl.validate.element import case_of, elements, probe_element

    cores = 1 if about.has("one_core") else options.cores
    case = case_of(name, about, options.terms, cores, own)
    at, order = name, ""
    try:
        for element in elements(client, case, about):
            at, order = f"{name} {element.name}", element.order
            yield _Told(at, order, probe_element(element, options.seconds))
    except ProbeError as error:
        yield _Told(at, order, None, str(error))


def sizes_of(text: str) -> dict[str, int]:
    """Read ``m=8,k=33``."""
    found = {}
    for part in filter(None, text.split(",")):
        name, _, number = part.partition("=")
        if not (number.isascii() and number.isdecimal() and len(number) < 7):
            raise TinyclError(f"infer: --sizes takes names and numbers, as m=8,k=33; got {part!r}")
        found[name.strip()] = int(number)
    return found


def _print(told: dict[str, list[_Told]]) -> None:
    from rich.text import Text

    for some in told.values():
        trees = {one.probed.tree for one in some if one.probed is not None}
        for one in some:
            numbered = f", terms numbered over ({one.order})" if one.order else ""
            show(Text(f"{one.name}{numbered}", "bold"))
            if one.probed is None:
                show(Text(one.trouble, "bold red"))
                continue
            first = one is some[0] or len(trees) > 1
            show(Text(one.probed.text + (f"\n{one.probed.drawn}" if first else "")))
        if len(trees) > 1:
            show(Text("these elements do not add in one order", "bold yellow"))

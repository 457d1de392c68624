"""`tinycl infer --probe`: the summation tree of each kernel of a library."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tinycl.cli.infer_library import library_of, opened
from tinycl.cli.output import progress, show, show_json
from tinycl.errors import ExitCode, TinyclError

if TYPE_CHECKING:
    from tinycl.infer import Probed
    from tinycl.validate.about import About
    from tinycl.validate.client import Client


def probe_library(options: argparse.Namespace) -> int:
    """Read off the tree of the first and the last output element of each kernel, and print."""
    from tinycl.validate.element import PROBED
    from tinycl.validate.library import exported

    own, library = sizes_of(options.sizes), library_of(options)
    told: dict[str, list[_Told]] = {}
    with opened(library) as client:
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

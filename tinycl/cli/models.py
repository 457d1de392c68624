"""`tinycl models`: the nets of the papers, and the layer table of one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from tinycl.cli.output import add_json, show, show_json
from tinycl.errors import ExitCode, TinyclError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from tinycl.models.table import Row


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="a net; all if left out")
    parser.add_argument("--classes", type=int, metavar="N", help="outputs of the last layer")
    parser.add_argument("--width", type=float, metavar="W", help="multiplies the channels")
    parser.add_argument("--size", type=int, metavar="N", help="rows and columns of the images")
    parser.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="other options of the net, such as downsampling=5,7",
    )
    add_json(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print the catalogue, or a layer table."""
    from tinycl.models.catalogue import MODELS, make_model
    from tinycl.models.table import as_json, layer_table

    if options.name is None:
        if options.classes or options.width or options.size or options.set:
            raise TinyclError("models: options belong to one net; name it")
        pages = {name: _page(name) for name in MODELS}
        show_json(pages) if options.json else show(_catalogue(pages))
        return ExitCode.EQUAL
    chosen = _chosen(options)
    net, sample = make_model(options.name, options.size, **chosen)
    rows = layer_table(net, sample)
    if options.json:
        shown = {"net": options.name, "options": chosen, "sample": sample}
        show_json(shown | as_json(rows))
    else:
        show(_table(options.name, sample, rows))
    return ExitCode.EQUAL


def _chosen(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options of the net from the flags."""
    from tinycl.models.catalogue import model_of, read_options

    texts: dict[str, str] = {}
    for text in options.set:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise TinyclError(f"models: --set takes KEY=VALUE, got {text!r}")
        if key == "size":
            raise TinyclError(f"models: write --size {value} in the place of --set {text}")
        texts[key] = value
    chosen = read_options(options.name, texts)
    key = model_of(options.name).width
    if options.width is not None and not key:
        raise TinyclError(f"models: {options.name} has no width; leave it out")
    for name, value in (("classes", options.classes), (key, options.width)):
        if value is not None and name in chosen:
            raise TinyclError(f"models: {name} is said twice; leave --set {name} out")
        if value is not None:
            chosen[name] = value
    return chosen


def _page(name: str) -> dict[str, Any]:
    """Return what the catalogue says of a net with its own options."""
    from tinycl.models.catalogue import MODELS, make_model
    from tinycl.models.table import layer_table, totals

    net, sample = make_model(name)
    defaults = {key: p.default for key, p in MODELS[name].options.items() if key != "size"}
    return {"told": MODELS[name].told, "sample": sample, "options": defaults} | totals(
        layer_table(net, sample)
    )


def _catalogue(pages: Mapping[str, Mapping[str, Any]]) -> RenderableType:
    from rich.table import Table

    table = Table("net", "what it is", "sample", "options")
    for title in ("parameters", "MACs"):
        table.add_column(title, justify="right")
    for name, page in pages.items():
        given = page["options"].items()
        options = " ".join(f"{k}={'' if v is None else _text(v)}" for k, v in given)
        numbers = [f"{page[key]:,}" for key in ("parameters", "macs")]
        table.add_row(name, page["told"], _text(page["sample"]), options, *numbers)
    return table


def _table(name: str, sample: Sequence[int], rows: Sequence[Row]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from tinycl.models.table import totals

    table = Table("layer", "kind", "output")
    for title in ("parameters", "MACs", "activation elements"):
        table.add_column(title, justify="right")
    for row in rows:
        numbers = [f"{n:,}" if n else "" for n in (row.parameters, row.macs)]
        table.add_row(row.layer, row.kind, _text(row.shape), *numbers, f"{row.elements:,}")
    told = totals(rows)
    line = (
        f"{name} for one sample {_text(sample)}: {told['parameters']:,} parameters, "
        f"{told['macs']:,} multiply-accumulates, {told['elements']:,} activation elements, the "
        f"largest output {told['largest']:,}"
    )
    return Group(table, Text(line))


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)

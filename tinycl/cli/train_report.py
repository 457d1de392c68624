"""The end of `tinycl train` with a policy: one row a layer with means a step, then the totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType


def render(page: dict[str, Any]) -> RenderableType:
    """Return the table and the totals.

    Parameters
    ----------
    page : dict
        `tinycl.sparse.Report.json`.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table("layer", "policy")
    for title in ("ratio", "k", "survivors", "MACs", "saved", "of dense", "kept", "dense"):
        table.add_column(title, justify="right")
    for layer in page["layers"]:
        table.add_row(*_cells(layer))
    return Group(table, Text("\n".join(totals(page))))


def _cells(layer: dict[str, Any]) -> list[str]:
    means = layer["means"]
    done, saved = (means[f"weight_{end}"] + means[f"input_{end}"] for end in ("macs", "saved"))
    return [
        layer["layer"],
        layer["policy"].partition("(")[0],
        "nan" if means["ratio"] is None else f"{means['ratio']:.4f}",
        f"{means['k']:,.1f}",
        f"{means['survivors']:,.1f}",
        f"{done:,.0f}",
        f"{saved:,.0f}",
        f"{done / (done + saved):.1%}" if done + saved else "",
        f"{layer['kept_bytes']:,}",
        f"{layer['dense_kept_bytes']:,}",
    ]


def totals(page: dict[str, Any]) -> list[str]:
    """Return the totals as lines of text; `page` as for `render`."""
    lines = [
        "means a step; MACs: multiply-accumulates of backward; kept: bytes of activations",
        f"effort of dense training: backward {page['backward_effort']:.1%}, forward + backward "
        f"{page['total_effort']:.1%}",
        f"peak memory {page['peak_bytes']:,} bytes, {_share(page, 'peak_bytes')} of dense; kept "
        f"activations {page['kept_bytes']:,} bytes, {_share(page, 'kept_bytes')} of dense",
    ]
    if page["choosing_peak_bytes"] > page["peak_bytes"] or page["choosing_macs"]:
        lines.append(
            f"each choice besides: peak {page['choosing_peak_bytes']:,} bytes, "
            f"{page['choosing_macs']:,} MACs, in no effort above"
        )
    if page["skipped"]:
        skipped, samples = sum(page["skipped"]), page["samples"] * page["steps"]
        lines.append(f"skipped {skipped:,} of {samples:,} samples, {skipped / samples:.1%}")
    return lines


def _share(page: dict[str, Any], name: str) -> str:
    return f"{page[name] / page[f'dense_{name}']:.1%}"

"""The table as Markdown, and its place in the README."""

from __future__ import annotations

from collections.abc import Sequence

from tinycl.errors import TinyclError

from table_costs import Cost  # isort: skip
from table_runs import EPOCHS, SAMPLES, SCRATCH, SHIFTS, TUNED_EPOCHS, Row  # isort: skip

BEGIN, END = "<!-- tools/table: begin -->", "<!-- tools/table: end -->"
EFFORTS = ("backward effort", "total effort")
MEASURED = ("time per step, Numba", "instructions per step, RV32", "the same with `heap`")


def markdown(
    scratch: Sequence[Row],
    scratch_costs: Sequence[Cost],
    tuned: Sequence[Row],
    tuned_costs: Sequence[Cost],
    seeds: int,
) -> str:
    """Return both tables with the lines that say what they hold."""
    over = f"mean and deviation of {seeds} seeds" if seeds > 1 else "one seed"
    return "\n".join(
        [
            f"From scratch, {EPOCHS} epochs of 1,437 images; test accuracy in percent, {over}:",
            "",
            *table(("accuracy",), (SCRATCH,), scratch, scratch_costs),
            "",
            f"Fine-tuned: the dense net of the same seed, then {TUNED_EPOCHS} epochs of {SAMPLES} "
            "images that are turned by 22.6 degrees, moved by one pixel down and right, or noisy; "
            "tested on 360 images like these:",
            "",
            *table(SHIFTS, SHIFTS, tuned, tuned_costs),
        ]
    )


def table(
    titles: Sequence[str], regimes: Sequence[str], rows: Sequence[Row], costs: Sequence[Cost]
) -> list[str]:
    """Return the lines of one table."""
    head = ("net", "policy", *titles, *EFFORTS, *MEASURED)
    lines = [line(head), line(["---"] * len(head))]
    found = {(c.net, c.policy): c for c in costs}
    for row in rows:
        accuracy = ["{:.1f} ± {:.1f}".format(*row.accuracy[regime]) for regime in regimes]
        cost = found.get((row.net, row.policy))
        efforts = [f"{row.backward:.3f}", f"{row.total:.3f}"] if cost else ["", ""]
        lines.append(line([row.net, row.policy, *accuracy, *efforts, *measured(cost)]))
    return lines


def measured(cost: Cost | None) -> list[str]:
    """Return the cells of time and instructions: the ratio to dense, then the number."""
    if cost is None:
        return ["", "", ""]
    time = f"{cost.time_ratio:.2f} ({cost.microseconds:.0f} µs)"
    if cost.instructions is None:
        return [time, "not counted", "not counted"]
    counted = f"{cost.instruction_ratio:.2f} ({cost.instructions / 1e6:.2f} M)"
    return [time, counted, f"{cost.heap_ratio:.2f}"]


def line(cells: Sequence[str]) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def put(readme: str, text: str, tool: str = "tools/table") -> str:
    """Return the README with the text between the two markers of a tool.

    Raises
    ------
    TinyclError
        The markers are not there, once each, in order.
    """
    first, last = (mark.replace("tools/table", tool) for mark in (BEGIN, END))
    before, begin, rest = readme.partition(first)
    old, end, after = rest.partition(last)
    if not begin or not end or first in rest or last in before + after:
        raise TinyclError(
            f"README.md: needs the lines {first} and {last}, once each, in this order"
        )
    return f"{before}{begin}\n{text}\n{end}{after}"

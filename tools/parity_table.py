"""The closing table of `tools/parity.py`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from rich.table import Table


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table: a job on one executor with one number of cores."""

    job: str
    executor: str
    cores: int
    cases: int
    tensors: int
    elements: int
    wanted: int
    different: int
    seconds: float

    @property
    def good(self) -> bool:
        """Nothing differs, and exactly what the catalogue or the plan holds was compared."""
        return self.different == 0 and self.elements == self.wanted > 0


def table(rows: Sequence[Row]) -> Table:
    """Return the closing table."""
    made = Table(title="parity: equal bits", header_style="bold")
    for title in ("job", "executor"):
        made.add_column(title)
    for title in ("cores", "cases", "tensors", "elements", "different", "seconds"):
        made.add_column(title, justify="right")
    for row in rows:
        elements = f"{row.elements:,}"
        if row.elements != row.wanted:
            elements += f" of {row.wanted:,}"
        made.add_row(
            row.job,
            row.executor,
            str(row.cores),
            str(row.cases),
            f"{row.tensors:,}",
            elements,
            f"{row.different:,}",
            f"{row.seconds:.1f}",
            style="" if row.good else "bold red",
        )
    return made

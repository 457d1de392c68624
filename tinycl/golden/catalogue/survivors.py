"""Lists of survivors: drawn, not chosen by magnitude, so that what is left out is large too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinycl.bits import Array
from tinycl.contract import DEFAULT, Contract
from tinycl.golden.catalogue.selection import HEAP
from tinycl.num import generator

STREAM = 1000  # of row 0; tensors have the first ones


@dataclass(frozen=True)
class Lists:
    """What survives in a batch.

    Attributes
    ----------
    label : str
    unified : bool
        One list for all samples. Otherwise one item survives in sample 1, nothing in sample 2,
        everything in sample 3, some items in the others.
    channels : bool
        The list names channels instead of entries.
    heap : bool
        The list is in any order, and so are the sums.
    kinds : str
        ``plain``, ``hard`` or both.
    regime : str
        Of the hard case.
    """

    label: str
    unified: bool
    channels: bool
    heap: bool
    kinds: str
    regime: str

    @property
    def contract(self) -> Contract:
        """The contract of the cases."""
        return HEAP if self.heap else DEFAULT

    def draw(self, seed: int, n: int, m: int) -> dict[str, Array]:
        """Return count and index for n samples of m items."""
        some = max(1, m * 2 // 3)
        count = [some] if self.unified else [(some, 1, 0, m, some)[s % 5] for s in range(n)]
        index = np.full((len(count), max(count)), -1, np.int32)
        for row, k in enumerate(count):
            listed = generator.permutation(m, seed, STREAM + row)[:k]
            index[row, :k] = listed if self.heap else np.sort(listed)
        return {"count": np.array(count, np.int32), "index": index}


LISTS = (
    Lists("entries", False, False, False, "plain hard", "zeros"),
    Lists("channels", False, True, False, "plain hard", "zeros"),
    Lists("unified", True, False, False, "hard", "subnormal"),
    Lists("unified_channels", True, True, False, "plain", "cancelling"),
    Lists("heap", False, False, True, "plain hard", "cancelling"),
    Lists("heap_channels", False, True, True, "hard", "underflow"),
    Lists("heap_unified", True, False, True, "hard", "huge"),
)

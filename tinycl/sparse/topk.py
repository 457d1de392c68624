"""Top-k with a fixed k: the entries of dy of largest magnitude survive.

Source: meProp (Sun et al., 2017). The bias gradient and the output layer stay dense.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinycl import nn
from tinycl.errors import PlanError
from tinycl.sparse import checks
from tinycl.sparse.gradients import (
    entries,
    learn_bias,
    select,
    sparse_input_grad,
    sparse_weight_grad,
)

DENSE = nn.Dense()


@dataclass(frozen=True)
class TopK(nn.Update):
    """Keep k entries of dy a sample, or the same k entries for the whole batch.

    Parameters
    ----------
    k : int, optional
        Entries that survive; 0 or less, and all or more of a layer's, means dense.
    ratio : float, optional
        In the place of k: max(1, int(entries * ratio)), of each layer.
    unified : bool
        One choice for the batch, by the sum over the samples of each entry's magnitude.
    rows : bool
        In linear layers compute only the surviving rows of the weight gradient and update only
        these. Takes `unified` or a batch of one, and an optimiser under which a weight without
        gradient stays as it is (SGD without momentum and decay).

    Raises
    ------
    PlanError
        Both or neither of k and ratio; a value out of range.
    """

    k: int | None = None
    ratio: float | None = None
    unified: bool = False
    rows: bool = False

    def __post_init__(self) -> None:
        if (self.k is None) == (self.ratio is None):
            raise PlanError("TopK: give either k or ratio, such as TopK(k=80) or TopK(ratio=0.1)")
        if self.k is not None:
            checks.whole("TopK: k", self.k, least=-(1 << 31))
        else:
            checks.number("TopK: ratio", self.ratio, 0, 1)
        checks.flag("TopK: unified", self.unified)
        checks.flag("TopK: rows", self.rows)

    def check(
        self,
        layer: nn.Weighted,
        layers: Sequence[nn.Weighted],
        optimiser: nn.Optimiser,
        microbatches: int,
    ) -> None:
        """Raise PlanError where single rows cannot be updated."""
        if self.rows and not (optimiser.keeps_still() and microbatches == 1):
            raise PlanError(
                f"{layer.name}: TopK(rows=True) leaves rows without gradient alone, which takes "
                f"SGD without momentum and decay and one microbatch; got {optimiser} and "
                f"{microbatches}; leave rows out"
            )

    def survive(self, total: int) -> int:
        """Entries that survive of `total`; 0 is dense."""
        k = (self.k or 0) if self.ratio is None else max(1, int(total * self.ratio))
        return k if 0 < k < total else 0

    def backward(self, b: nn.Builder, layer: nn.Weighted, dy: str, wanted: bool) -> str | None:
        """Emit the selection and the gradients that it leaves."""
        k = self.survive(entries(b, dy))
        if k == 0 or layer.place.depth == 0:
            return DENSE.backward(b, layer, dy, wanted)
        a = dy
        if self.unified:
            a = b.emit("entry_magnitudes", (dy,), (f"{layer.name}.magnitudes",), role="gradient")
        survivors = select(b, layer, a, None, k)
        if self.rows and isinstance(layer, nn.Linear):
            self._rows(b, layer, dy, survivors.index)
        else:
            b.learn(layer.weight, sparse_weight_grad(b, layer, dy, survivors))
        learn_bias(b, layer, dy)
        return sparse_input_grad(b, layer, dy, survivors) if wanted else None

    def _rows(self, b: nn.Builder, layer: nn.Weighted, dy: str, index: str) -> None:
        """Emit dweight of the surviving rows: (k, fi)."""
        if b.shape(index)[0] != 1:
            raise PlanError(
                f"{layer.name}: TopK(rows=True) needs one choice of rows, and a batch of "
                f"{b.shape(index)[0]} makes as many; add unified=True or take batches of one"
            )
        kept = b.emit("gather", (dy, index), (f"{layer.name}.dy_kept",), role="gradient", axis=1)
        b.learn(layer.weight, layer.weight_grad(b, layer.kept(b), kept), ((0, index),))

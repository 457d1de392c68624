"""Geometries of sliding windows, shared by the families that have them."""

from __future__ import annotations

from dataclasses import dataclass

from tinycl.golden.catalogue.values import Shape
from tinycl.ops.spec import window_size


@dataclass(frozen=True)
class Geometry:
    """One shape of a convolution or a pool; `co` does not count where there is none.

    Sizes are (rows, columns), padding is (top, bottom, left, right).
    """

    name: str
    n: int
    ci: int
    co: int
    size: Shape
    kernel: Shape
    stride: Shape = (1, 1)
    padding: Shape = (0, 0, 0, 0)
    bias: bool = False

    @property
    def out(self) -> Shape:
        """(ho, wo)."""
        return window_size(self.name, self.size, self.kernel, self.stride, self.padding)

    @property
    def attrs(self) -> dict[str, Shape]:
        """What every operation with windows takes."""
        return {"stride": self.stride, "padding": self.padding}


# Typical, degenerate, odd. Axes differ in size, so that swapped ones show; most sizes do not divide
# by 2, 3, 4 or 8 cores. In `wide_padding` whole windows see nothing but padding.
CONVOLUTIONS = (
    Geometry("typical", 2, 3, 4, (7, 5), (3, 3), padding=(1, 1, 1, 1), bias=True),
    Geometry("point", 2, 5, 3, (1, 1), (1, 1)),
    Geometry("one_channel", 3, 1, 1, (6, 4), (2, 3), bias=True),
    Geometry("stride2", 2, 3, 5, (8, 7), (3, 3), (2, 2), (0, 1, 1, 0), True),
    Geometry("stride3_asymmetric", 1, 2, 3, (11, 7), (3, 2), (3, 2), (2, 0, 0, 1)),
    Geometry("kernel5", 1, 2, 3, (7, 9), (5, 5), padding=(2, 2, 2, 2), bias=True),
    Geometry("wide_padding", 2, 2, 3, (3, 2), (2, 2), (1, 2), (3, 2, 2, 4), True),
    Geometry("stride_beyond_kernel", 2, 3, 2, (7, 10), (1, 2), (2, 3), (1, 0, 0, 1)),
    Geometry("prime", 1, 7, 11, (5, 3), (2, 1), bias=True),
)

# Padding is smaller than the kernel.
POOLS = (
    Geometry("typical", 2, 3, 3, (6, 8), (2, 2), (2, 2)),
    Geometry("overlapping", 2, 2, 2, (7, 5), (3, 3), (2, 2), (1, 1, 1, 1)),
    Geometry("stride3_asymmetric", 1, 3, 3, (11, 7), (5, 2), (3, 2), (2, 0, 0, 1)),
    Geometry("global", 3, 5, 5, (5, 3), (5, 3)),
    Geometry("point", 2, 3, 3, (3, 5), (1, 1), (2, 3)),
)
